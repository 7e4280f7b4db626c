import type { Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { eventletMessages } from './eventlet.ts';
import { openstackOptions, openstackService } from './openstack.ts';

/** Debian's nova-api, unchanged. */
export const nova = {
  ...openstackService('nova', ['notifications.info', 'compute.compute-0']),
  routes: {
    plain: { path: '/' },
    // Publishes two notifications, the first of them before its first query, and casts to the schedulers.
    amqp: {
      path: '/v2.1/os-aggregates',
      method: 'POST',
      body: (id: string) => ({ aggregate: { name: id } }),
      messages: 2,
    },
    // Publishes a notification, asks the compute host after two queries, and publishes another notification.
    call: { path: '/v2.1/os-hosts/compute-0/startup', messages: 3 },
  },
  // Loads routes and policies, and connects to the database.
  firstRequest: '/v2.1/os-aggregates',
  // One for RPC, and another for notifications.
  connections: 2,
  environment: patching,
  options: ['concurrency', ...openstackOptions],
  allowedErrors: [
    ...eventletMessages,
    // Debian 12: `import eventlet` imports dnspython, and dnspython imports urllib3, before anything can be patched.
    /eventlet monkey patching issues were imported prior to eventlet monkey patching: urllib3\. /,
    // nova 33, about its own default, before it has a log.
    /Service is starting with native threading\. This is currently experimental\./,
  ],
} as const satisfies Application;

/** nova's own switch: nova patches by default up to release 32, and no longer from release 33 on (forky). */
function patching({ concurrency, release }: Behaviour): Record<string, string> {
  if (concurrency === 'eventlet') return { OS_NOVA_DISABLE_EVENTLET_PATCHING: '0' };
  return release === 'forky' ? {} : { OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' };
}
