import { type Behaviour, behaviourSchema } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { osloMessagingSignatures } from './oslo-messaging.ts';

const LOG = '/var/log/nova/nova-api.log';

/** What the stub has an option for and nova has not. */
const stubsOwn = [
  'logging',
  'messaging',
  'poolTtlSeconds',
  'extraCpuMs',
] as const satisfies (keyof Behaviour)[];
const usual = behaviourSchema.parse({ processes: 1, threads: 1 });

/**
 * Debian's nova-api, as it is. Two things of the suite's stand around it: databases that were made with the image,
 * and a filter in the place of Keystone's, by which everybody is the administrator.
 */
export const nova: Application = {
  name: 'nova',
  folder: 'nova',
  callable: 'suite_nova.wsgi:application',
  routes: {
    plain: { path: '/' },
    // Tells of it in two notifications, the first of which comes before its first query, and casts to the schedulers.
    amqp: { path: '/v2.1/os-aggregates', method: 'POST', body: (id) => ({ aggregate: { name: id } }) },
    // Asks the compute host, after two queries and a notification.
    call: { path: '/v2.1/os-hosts/compute-0/startup' },
  },
  // routes, policies and a connection to the database
  firstRequest: '/v2.1/os-aggregates',
  messages: {
    exchange: 'nova',
    topics: ['notifications.info', 'compute.compute-0'],
    // oslo.messaging puts the context beside what is sent, each value by a name of its own.
    requestIdOf: ({ _context_global_request_id: id }) => (typeof id === 'string' ? id : undefined),
  },
  configurationFile: '/etc/nova/nova.conf',
  configuration: (it, transportUrl) => `[DEFAULT]
transport_url = ${transportUrl}
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
`,
  environment: ({ concurrency }): Record<string, string> =>
    concurrency === 'threads' ? { OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' } : {},
  problem: (it) => {
    const option = stubsOwn.find((name) => it[name] !== usual[name]);
    return option && { option, why: 'nova has no such option' };
  },
  says: ({ databaseWaitSeconds }) => ({ wait: databaseWaitSeconds }),
  log: LOG,
  ...osloMessagingSignatures,
  expectedErrors: [
    // Debian 12: `import eventlet` imports urllib3, by way of dnspython, before anything can be patched
    /eventlet monkey patching issues were imported prior to eventlet monkey patching: urllib3\. /,
  ],
};
