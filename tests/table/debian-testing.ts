import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { article } from './article.ts';
import { daemon, event8x25, notPatched, prefork8, uwsgi } from './deployments.ts';
import { keptWithoutPatching, lostInDaemons, lostInTurns } from './outcomes.ts';
import { sources } from './sources.ts';

const [{ rows: articlesFour }] = article;

/** The most important rows on Debian's next release, whose oslo.messaging has no heartbeat_in_pthread. */
const rows: readonly Row[] = [
  ...articlesFour.map((row) => ({ ...row, id: row.id.replace('article/', '') })),
  { id: 'daemon-8x1', deployment: { ...daemon, processes: 8, threads: 1 }, ...lostInDaemons },
  { id: 'uwsgi-8x1', deployment: { ...uwsgi, processes: 8, threads: 1 }, ...lostInTurns },
  {
    id: 'prefork-8-option-ignored',
    deployment: { ...prefork8, pthreadIgnored: true },
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'oslo.messaging 18 has no heartbeat_in_pthread: the setting that used to help is silently ignored',
    source: sources.pthreadRemoved,
  },
  {
    id: 'prefork-8-broker',
    deployment: { ...prefork8, broker: 'forky' },
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'the next release of RabbitMQ waits no longer than earlier ones',
    source: sources.brokerHeartbeats,
  },
  {
    id: 'event-8x25-not-patched',
    deployment: { ...event8x25, ...notPatched },
    ...keptWithoutPatching,
    why: `${keptWithoutPatching.why}; this is the only mitigation left`,
  },
];

/** nova 33 is not patched by default; an environment variable switches patching on. */
const nova33 = { ...prefork8, application: 'nova' } as const;
const services: readonly Row[] = [
  {
    id: 'nova-prefork-8-not-patched',
    deployment: { ...nova33, ...notPatched },
    ...keptWithoutPatching,
    why: `nova’s default: ${keptWithoutPatching.why}`,
  },
  {
    id: 'nova-prefork-8',
    deployment: nova33,
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'with patching switched on, connections are lost as in earlier releases',
    source: sources.patching,
  },
  {
    id: 'nova-prefork-8-option-ignored',
    deployment: { ...nova33, pthreadIgnored: true },
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'oslo.messaging 18 silently ignores the setting that used to help',
    source: sources.pthreadRemoved,
  },
  {
    id: 'masakari-kolla-night',
    layout: 'kolla-ansible’s master',
    deployment: {
      application: 'masakari',
      ...{ ...uwsgi, router: 'http', processes: 5, threads: 1, pthreadIgnored: true },
    },
    traffic: 'night',
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'masakari-api is still patched; kolla-ansible still sets heartbeat_in_pthread for it, but oslo.messaging 18 ignores the option',
    source:
      'https://github.com/openstack/kolla-ansible/blob/master/ansible/roles/masakari/templates/masakari.conf.j2',
  },
];

const onTesting = (all: readonly Row[]) =>
  all.map(
    (row): Row => ({
      ...row,
      id: `testing/${row.id}`,
      deployment: { ...row.deployment, release: 'forky' },
    }),
  );

/** Rows on Debian's next release. It changes from day to day, so these rows are not in the truth table. */
export const debianTesting: readonly RowGroup[] = [
  { title: 'Debian testing', rows: onTesting(rows) },
  { title: 'Debian testing, the real nova-api and masakari-api', rows: onTesting(services) },
];
