import type { Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { openstackOptions, openstackService } from './openstack.ts';

/** The project of the suite's filter (containers/openstack). */
const PROJECT = '5d6e2b0c9f3a4f1e8c7d6b5a49382716';
const CONFIGURATIONS = `/v1.0/${PROJECT}/configurations`;

/** Debian's trove-api, unchanged. It has no `call` route, because it calls only guests in databases, and none runs here. */
export const trove = {
  ...openstackService('trove', ['notifications.info']),
  routes: {
    plain: { path: '/' },
    // Publishes three notifications, the first of them after its first query.
    amqp: {
      path: CONFIGURATIONS,
      method: 'POST',
      body: (id: string) => ({ configuration: { name: id, values: {}, datastore: { type: 'mysql' } } }),
      messages: 3,
    },
  },
  // Loads policies, and connects to the database.
  firstRequest: CONFIGURATIONS,
  connections: 1,
  environment: ({ concurrency }: Behaviour): Record<string, string> =>
    concurrency === 'threads' ? { NO_EVENTLET_MONKEYPATCH: '1' } : {},
  options: ['concurrency', ...openstackOptions],
  // trove/common/wsgi.py and base_wsgi.py, whatever the environment says.
  stillPatched: ['socket'],
} as const satisfies Application;
