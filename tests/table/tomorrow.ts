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

/** nova 33 is not patched as it comes; the switch brings it back. */
const nova = { application: 'nova', mpm: 'prefork', processes: 8, threads: 1 } as const;
const nova33: readonly TableRow[] = [
  {
    ...{ ...nova, concurrency: 'threads' },
    expected: 'clean',
    why: 'as it comes it is not patched: the heartbeat thread is a native one',
    source: sources.nativeHeartbeat,
  },
  {
    ...nova,
    expected: 'reproduced',
    slowed: 'none',
    why: 'with patching asked for all is as it was',
    source: sources.patching,
  },
  {
    ...{ ...nova, pthreadIgnored: true },
    expected: 'reproduced',
    slowed: 'none',
    why: 'and the configuration that was the cure is ignored without a word',
    source: sources.pthreadRemoved,
  },
];

/** Patched to this day; kolla-ansible’s master still writes heartbeat_in_pthread = true for it. */
const masakari: TableRow = {
  ...{ application: 'masakari', server: 'uwsgi', router: 'http', processes: 5, threads: 1 },
  ...{ pthreadIgnored: true, scenario: 'night' },
  layout: 'kolla-ansible’s master',
  expected: 'reproduced',
  slowed: 'none',
  why: 'it is patched still, and with oslo.messaging 18 heartbeat_in_pthread does nothing',
  source:
    'https://github.com/openstack/kolla-ansible/blob/master/ansible/roles/masakari/templates/masakari.conf.j2',
};

const part = (title: string, all: readonly TableRow[]): TablePart => ({
  title,
  rows: all.map((row) => ({ ...row, release: 'forky' })),
});

/** Debian's next release. It moves, and is not in the truth table. */
export const tomorrow: readonly TablePart[] = [
  part('Debian testing', rows),
  part('Debian testing, the real nova-api and masakari-api', [...nova33, masakari]),
];
