import { applicationOptions, type Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { osloMessages, osloMessaging, transportUrl } from './oslo-messaging.ts';

const LOG = '/var/log/nova/nova-api.log';

/** A small stand-in for nova-api, with nova's concurrency, middleware and use of AMQP, but none of nova's work. */
export const stub = {
  name: 'stub',
  folder: 'stub',
  on: 'oslo',
  callable: 'stub_api.wsgi:application',
  routes: {
    plain: { path: '/' },
    amqp: { path: '/v2.1/os-services' },
    call: { path: '/v2.1/call' },
  },
  messages: osloMessages(
    'nova',
    ['conductor'],
    ({ args }) => (args as { request_id?: string } | undefined)?.request_id,
  ),
  connections: 1,
  configuration: { file: '/etc/stub-api.conf', text: configuration },
  // nova's own switch.
  environment: ({ concurrency }: Behaviour): Record<string, string> =>
    concurrency === 'threads' ? { OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' } : {},
  options: applicationOptions,
  says: (behaviour: Behaviour) => ({
    database_wait: behaviour.databaseWaitSeconds,
    extra_cpu: (behaviour.extraCpuMs ?? 0) / 1000,
    heartbeat_in_pthread: pthread(behaviour),
    ...(behaviour.poolTtlSeconds !== undefined && { pool_ttl: behaviour.poolTtlSeconds }),
    amqp_logs_from: amqpLogsFrom(behaviour),
  }),
  log: LOG,
  ...osloMessaging,
} as const satisfies Application;

function configuration(behaviour: Behaviour, brokerUrl: string): string {
  const { logLevel, heartbeatRate, poolTtlSeconds } = behaviour;
  const asked = pthread(behaviour);
  return `[DEFAULT]
transport_url = ${transportUrl(brokerUrl)}
log_file = ${LOG}
use_stderr = false
${logLevel === 'debug' ? 'debug = true\ndefault_log_levels = amqp=DEBUG,oslo.messaging=DEBUG\n' : ''}
[oslo_messaging_rabbit]
heartbeat_timeout_threshold = ${behaviour.heartbeatSeconds}
${heartbeatRate === undefined ? '' : `heartbeat_rate = ${heartbeatRate}\n`}${poolTtlSeconds === undefined ? '' : `conn_pool_ttl = ${poolTtlSeconds}\n`}${asked === null ? '' : `heartbeat_in_pthread = ${asked}\n`}
[stub]
logging = ${behaviour.logging}
heartbeat_loop = ${behaviour.messaging}
database_wait = ${behaviour.databaseWaitSeconds}
extra_cpu = ${(behaviour.extraCpuMs ?? 0) / 1000}
`;
}

/** The value of `heartbeat_in_pthread`; null if the configuration leaves it to the library. */
function pthread({ heartbeatThread, pthreadIgnored }: Behaviour): 'true' | 'false' | null {
  if (heartbeatThread === 'default') return null;
  return heartbeatThread === 'native' || pthreadIgnored ? 'true' : 'false';
}

/** The lowest level that py-amqp logs; by default oslo.log limits it to warnings. */
function amqpLogsFrom({ logLevel, logging }: Behaviour): string {
  if (logLevel === 'debug') return 'DEBUG';
  return logging === 'oslo.log' ? 'WARNING' : 'INFO';
}
