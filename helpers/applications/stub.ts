import { applicationOptions, type Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { eventletMessages } from './eventlet.ts';
import { osloMessages, osloMessaging, transportUrl } from './oslo-messaging.ts';

const LOG = '/var/log/nova/nova-api.log';

/** nova-api's front door and nothing behind it: nova's concurrency, middleware and way to AMQP, and none of its work. */
export const stub = {
  name: 'stub',
  folder: 'stub',
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
  // nova's own switch
  environment: ({ concurrency }: Behaviour): Record<string, string> =>
    concurrency === 'threads' ? { OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' } : {},
  options: applicationOptions,
  says: (it: Behaviour) => ({
    database_wait: it.databaseWaitSeconds,
    extra_cpu: (it.extraCpuMs ?? 0) / 1000,
    heartbeat_in_pthread: pthread(it),
    ...(it.poolTtlSeconds !== undefined && { pool_ttl: it.poolTtlSeconds }),
    amqp_logs_from: amqpLogsFrom(it),
  }),
  log: LOG,
  ...osloMessaging,
  allowedErrors: eventletMessages,
} as const satisfies Application;

function configuration(it: Behaviour, brokerUrl: string): string {
  return `[DEFAULT]
transport_url = ${transportUrl(brokerUrl)}
log_file = ${LOG}
use_stderr = false
${it.logLevel === 'debug' ? 'debug = true\ndefault_log_levels = amqp=DEBUG,oslo.messaging=DEBUG\n' : ''}
[oslo_messaging_rabbit]
heartbeat_timeout_threshold = ${it.heartbeatSeconds}
${it.heartbeatRate === undefined ? '' : `heartbeat_rate = ${it.heartbeatRate}\n`}${it.poolTtlSeconds === undefined ? '' : `conn_pool_ttl = ${it.poolTtlSeconds}\n`}${inPthread(it)}
[stub]
logging = ${it.logging}
heartbeat_loop = ${it.messaging}
database_wait = ${it.databaseWaitSeconds}
extra_cpu = ${(it.extraCpuMs ?? 0) / 1000}
`;
}

/**
 * What its configuration says of the heartbeat thread: asked for by name, whatever the library's own default is, or
 * left to the library.
 */
function pthread({ heartbeatThread, pthreadIgnored }: Behaviour): 'true' | 'false' | null {
  if (heartbeatThread === 'default') return null;
  return heartbeatThread === 'native' || pthreadIgnored ? 'true' : 'false';
}

function inPthread(it: Behaviour): string {
  const asked = pthread(it);
  return asked === null ? '' : `heartbeat_in_pthread = ${asked}\n`;
}

/** The level from which py-amqp logs; oslo.log keeps it to warnings where it is not told otherwise. */
function amqpLogsFrom({ logLevel, logging }: Behaviour): string {
  if (logLevel === 'debug') return 'DEBUG';
  return logging === 'oslo.log' ? 'WARNING' : 'INFO';
}
