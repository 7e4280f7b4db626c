import type { Application } from './application.ts';
import { openstackService } from './openstack.ts';
import { globalRequestId, osloMessages } from './oslo-messaging.ts';

/** Debian's masakari-api, as it is: patched in each release, and nothing switches that off. */
export const masakari = {
  name: 'masakari',
  folder: 'masakari',
  callable: 'suite_masakari:application',
  routes: {
    plain: { path: '/' },
    // Tells of it in two notifications, the first of which comes before its first query.
    amqp: {
      path: '/v1/segments',
      method: 'POST',
      body: (id: string) => ({ segment: { name: id, recovery_method: 'auto', service_type: 'compute' } }),
      messages: 2,
    },
    // Asks an engine how a recovery goes, after one query.
    call: {
      path: '/v1/notifications/f1a0c3a8-0d3e-4c7e-9d0b-6f2b5a1e7c44',
      headers: { 'OpenStack-API-Version': 'instance-ha 1.1' },
    },
  },
  // routes, policies and a connection to the database
  firstRequest: '/v1/segments',
  messages: osloMessages('masakari', ['versioned_notifications.info', 'ha_engine'], globalRequestId),
  // for notifications; a call needs others
  connections: 1,
  options: ['heartbeatThread', 'pthreadIgnored', 'databaseWaitSeconds'],
  ...openstackService('/var/log/masakari/masakari-api.log', '/etc/masakari/masakari.conf'),
} as const satisfies Application;
