import type { Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { eventletsOwnWords } from './eventlet.ts';
import { openstackService } from './openstack.ts';
import { globalRequestId, osloMessages } from './oslo-messaging.ts';

/** Debian's nova-api, as it is. */
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
      messages: 2,
    },
    // Asks the compute host, after two queries and a notification.
    call: { path: '/v2.1/os-hosts/compute-0/startup' },
  },
  // routes, policies and a connection to the database
  firstRequest: '/v2.1/os-aggregates',
  messages: osloMessages('nova', ['notifications.info', 'compute.compute-0'], globalRequestId),
  // one for RPC, and another one for notifications
  connections: 2,
  environment: patching,
  options: ['concurrency', 'heartbeatThread', 'pthreadIgnored', 'databaseWaitSeconds'],
  ...openstackService('/var/log/nova/nova-api.log', '/etc/nova/nova.conf'),
  allowedErrors: [
    ...eventletsOwnWords,
    // Debian 12: `import eventlet` imports urllib3, by way of dnspython, before anything can be patched
    /eventlet monkey patching issues were imported prior to eventlet monkey patching: urllib3\. /,
    // nova 33: of its own default, before it has a log
    /Service is starting with native threading\. This is currently experimental\./,
  ],
} as const satisfies Application;

/**
 * Its own switch. nova is patched as it comes up to 32, and not from 33 on (forky); that one is left as it comes where
 * it is not to be patched.
 */
function patching({ concurrency, release }: Behaviour): Record<string, string> {
  if (concurrency === 'eventlet') return { OS_NOVA_DISABLE_EVENTLET_PATCHING: '0' };
  return release === 'forky' ? {} : { OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' };
}
