import type { Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { osloMessages, osloMessaging, transportUrl } from './oslo-messaging.ts';

const LOG = '/var/log/nova/nova-api.log';

/**
 * Debian's nova-api, as it is. Two things of the suite's stand around it: databases that were made with the image,
 * and a filter in the place of Keystone's, by which everybody is the administrator.
 */
export const nova = {
  name: 'nova',
  folder: 'nova',
  callable: 'suite_nova.wsgi:application',
  routes: {
    plain: { path: '/' },
    // Tells of it in two notifications, the first of which comes before its first query, and casts to the schedulers.
    amqp: {
      path: '/v2.1/os-aggregates',
      method: 'POST',
      body: (id: string) => ({ aggregate: { name: id } }),
    },
    // Asks the compute host, after two queries and a notification.
    call: { path: '/v2.1/os-hosts/compute-0/startup' },
  },
  // routes, policies and a connection to the database
  firstRequest: '/v2.1/os-aggregates',
  messages: osloMessages(
    'nova',
    ['notifications.info', 'compute.compute-0'],
    // oslo.messaging puts the context beside what is sent, each value by a name of its own.
    ({ _context_global_request_id: id }) => (typeof id === 'string' ? id : undefined),
  ),
  // one for RPC, and another one for notifications
  connections: 2,
  configuration: { file: '/etc/nova/nova.conf', text: configuration },
  environment: ({ concurrency }: Behaviour): Record<string, string> =>
    concurrency === 'threads' ? { OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' } : {},
  options: ['concurrency', 'heartbeatThread', 'databaseWaitSeconds'],
  says: ({ databaseWaitSeconds }: Behaviour) => ({ wait: databaseWaitSeconds }),
  log: LOG,
  ...osloMessaging,
  expectedErrors: [
    // Debian 12: `import eventlet` imports urllib3, by way of dnspython, before anything can be patched
    /eventlet monkey patching issues were imported prior to eventlet monkey patching: urllib3\. /,
  ],
} as const satisfies Application;

function configuration(it: Behaviour, brokerUrl: string): string {
  return `[DEFAULT]
transport_url = ${transportUrl(brokerUrl)}
log_file = ${LOG}
use_stderr = false
rpc_response_timeout = 3

[oslo_messaging_notifications]
driver = messagingv2

[oslo_messaging_rabbit]
heartbeat_timeout_threshold = ${it.heartbeatSeconds}
${it.heartbeatThread === 'native' ? 'heartbeat_in_pthread = true\n' : ''}
[suite]
wait = ${it.databaseWaitSeconds}
`;
}
