import type { Application } from './application.ts';
import { openstackService } from './openstack.ts';

/** Debian's masakari-api, unchanged: every release patches, and no option prevents that. */
export const masakari = {
  ...openstackService('masakari', ['versioned_notifications.info', 'ha_engine']),
  routes: {
    plain: { path: '/' },
    // Publishes two notifications, the first of them before its first query.
    amqp: {
      path: '/v1/segments',
      method: 'POST',
      body: (id: string) => ({ segment: { name: id, recovery_method: 'auto', service_type: 'compute' } }),
      messages: 2,
    },
    // Asks an engine about a recovery, after one query.
    call: {
      path: '/v1/notifications/f1a0c3a8-0d3e-4c7e-9d0b-6f2b5a1e7c44',
      headers: { 'OpenStack-API-Version': 'instance-ha 1.1' },
    },
  },
  // Loads routes and policies, and connects to the database.
  firstRequest: '/v1/segments',
  // For notifications; a call needs others.
  connections: 1,
} as const satisfies Application;
