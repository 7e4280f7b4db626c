import type { TablePart, TableRow } from '../../helpers/verdict/row.ts';
import { article } from './article.ts';
import { sources } from './sources.ts';

const [{ rows: articlesFour }] = article;

/** The rows that matter, with what the next release of Debian will have: oslo.messaging without heartbeat_in_pthread. */
const rows: readonly TableRow[] = [
  ...articlesFour,
  {
    ...{ mpm: 'event', wsgi: 'daemon', processes: 8, threads: 1 },
    expected: 'reproduced',
    slowed: 'none',
    why: 'the MPM does not run the application',
    source: sources.daemonMode,
  },
  {
    ...{ server: 'uwsgi', processes: 8, threads: 1 },
    expected: 'reproduced',
    slowed: 'none',
    why: 'eight processes of one thread each share the traffic, as eight prefork children do',
    source: sources.hubs,
  },
  {
    ...{ mpm: 'prefork', processes: 8, threads: 1, pthreadIgnored: true },
    expected: 'reproduced',
    slowed: 'none',
    why: 'oslo.messaging 18 has no heartbeat_in_pthread: the configuration that was the cure is ignored without a word',
    source: sources.pthreadRemoved,
  },
  {
    ...{ server: 'uwsgi', router: 'http', processes: 5, threads: 1, pthreadIgnored: true, scenario: 'night' },
    layout: 'kolla-ansible’s master, masakari-api',
    expected: 'reproduced',
    slowed: 'none',
    why: 'masakari is patched to this day, and kolla still writes heartbeat_in_pthread = true for it: with oslo.messaging 18 that does nothing',
    source:
      'https://github.com/openstack/kolla-ansible/blob/master/ansible/roles/masakari/templates/masakari.conf.j2',
  },
  {
    ...{ mpm: 'prefork', processes: 8, threads: 1, broker: 'forky' },
    expected: 'reproduced',
    slowed: 'none',
    why: 'the next release of RabbitMQ is no more patient',
    source: sources.brokerHeartbeats,
  },
  {
    ...{ mpm: 'event', processes: 8, threads: 25, concurrency: 'threads' },
    expected: 'clean',
    why: 'not patched: the cure that is left',
    source: sources.nativeHeartbeat,
  },
];

export const tomorrow: readonly TablePart[] = [
  { title: 'Debian testing', rows: rows.map((row) => ({ ...row, release: 'forky' })) },
];
