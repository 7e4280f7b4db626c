import type { Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { openstackService } from './openstack.ts';
import { globalRequestId, osloMessages } from './oslo-messaging.ts';

/** The administrator's, by the suite's filter. */
const PROJECT = '5d6e2b0c9f3a4f1e8c7d6b5a49382716';
const CONFIGURATIONS = `/v1.0/${PROJECT}/configurations`;

/** Debian's trove-api, as it is. What it calls is a database's guest, and there is none: it has no `call` route here. */
export const trove = {
  name: 'trove',
  folder: 'trove',
  callable: 'suite_trove:application',
  routes: {
    plain: { path: '/' },
    // Tells of it in three notifications, the first of which comes after its first query.
    amqp: {
      path: CONFIGURATIONS,
      method: 'POST',
      body: (id: string) => ({ configuration: { name: id, values: {}, datastore: { type: 'mysql' } } }),
      messages: 3,
    },
  },
  // policies and a connection to the database
  firstRequest: CONFIGURATIONS,
  messages: osloMessages('trove', ['notifications.info'], globalRequestId),
  connections: 1,
  environment: ({ concurrency }: Behaviour): Record<string, string> =>
    concurrency === 'threads' ? { NO_EVENTLET_MONKEYPATCH: '1' } : {},
  options: ['concurrency', 'heartbeatThread', 'pthreadIgnored', 'databaseWaitSeconds'],
  ...openstackService('/var/log/trove/trove-api.log', '/etc/trove/trove.conf'),
} as const satisfies Application;
