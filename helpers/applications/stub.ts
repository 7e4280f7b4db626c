import type { Application } from './application.ts';
import { osloMessagingSignatures } from './oslo-messaging.ts';

const LOG = '/var/log/nova/nova-api.log';

/** nova-api's front door and nothing behind it: nova's concurrency, middleware and way to AMQP, and none of its work. */
export const stub: Application = {
  name: 'stub',
  folder: 'stub',
  callable: 'stub_api.wsgi:application',
  routes: { plain: '/', amqp: '/v2.1/os-services', call: '/v2.1/call' },
  configurationFile: '/etc/stub-api.conf',
  configuration: (it, transportUrl) => `[DEFAULT]
transport_url = ${transportUrl}
log_file = ${LOG}
use_stderr = false

[oslo_messaging_rabbit]
heartbeat_timeout_threshold = ${it.heartbeatSeconds}
${it.heartbeatThread === 'native' ? 'heartbeat_in_pthread = true\n' : ''}
[stub]
logging = ${it.logging}
heartbeat_loop = ${it.messaging}
database_wait = ${it.databaseWaitSeconds}
extra_cpu = ${(it.extraCpuMs ?? 0) / 1000}
`,
  // nova's own switch
  environment: ({ concurrency }): Record<string, string> =>
    concurrency === 'threads' ? { OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' } : {},
  says: ({ databaseWaitSeconds, extraCpuMs = 0 }) => ({
    database_wait: databaseWaitSeconds,
    extra_cpu: extraCpuMs / 1000,
  }),
  log: LOG,
  ...osloMessagingSignatures,
  expectedErrors: [],
};
