import type { DeploymentRow } from '../../helpers/deployment/deployment.ts';
import type { HeartbeatKind } from '../../helpers/verdict/heartbeat.ts';
import type { TablePart, TableRow } from '../../helpers/verdict/row.ts';

/** How a deployment tool runs a service, as the tool's own template writes it. */
interface Layout {
  /** The tool and its series; what is served, where it is not nova-api. */
  readonly layout: string;
  /** Where the tool says so. */
  readonly source: string;
  /** What the number of processes comes from, where that is the machine; in words. */
  readonly size?: string;
  readonly row: DeploymentRow;
  /**
   * What becomes of a connection under a trickle, where the heartbeat is green. A native one keeps it, and all layouts
   * have one thread in each patched process, so that these take turns: each gets one request in half as many
   * heartbeats as there are processes. Up to three are asked often enough, eight and more are not; in between it is
   * luck.
   */
  readonly trickle?: HeartbeatKind;
}

const file = (repository: string, ref: string, path: string) =>
  `https://github.com/${repository}/blob/${ref}/${path}`;

const daemon = { mpm: 'event', wsgi: 'daemon' } as const;
const uwsgi = { server: 'uwsgi' } as const;
const native = { heartbeatThread: 'native' } as const;
const notPatched = { concurrency: 'threads' } as const;
const kollasSize = 'as many processes as CPUs, 5 at most; 5 are played';

const green: readonly (Layout & { readonly row: { readonly threads: 1 } })[] = [
  {
    layout: 'openstack-ansible 2023.1–2025.2',
    source: file('openstack/openstack-ansible-os_nova', 'stable/2025.1', 'defaults/main.yml'),
    size: 'twice as many processes as CPUs, 16 at most; 16 are played',
    row: { ...uwsgi, processes: 16, threads: 1 },
    trickle: 'reproduced',
  },
  {
    layout: 'RHOSO 18, one pod',
    source: file('openstack-k8s-operators/nova-operator', 'main', 'templates/nova/api/config/httpd.conf'),
    row: { ...daemon, processes: 2, threads: 1 },
    trickle: 'clean',
  },
  {
    layout: 'TripleO',
    source: file('openstack/puppet-tripleo', 'stable/wallaby', 'manifests/profile/base/apache.pp'),
    size: 'half as many processes as CPUs, from 2 to 12; 8 are played',
    row: { ...daemon, mpm: 'prefork', processes: 8, threads: 1 },
    trickle: 'reproduced',
  },
  {
    layout: 'Puppet on Debian',
    source: file('openstack/puppet-nova', 'master', 'manifests/wsgi/uwsgi_api.pp'),
    size: 'half as many processes as CPUs, from 2 to 12; 4 are played',
    row: { ...uwsgi, processes: 4, threads: 1 },
  },
  {
    layout: 'openstack-helm, StarlingX up to 2025.2, one pod',
    source: file('openstack/openstack-helm', 'master', 'nova/values.yaml'),
    row: { ...uwsgi, processes: 1, threads: 1 },
    trickle: 'clean',
  },
  {
    layout: 'genestack since August 2026, one pod',
    source: 'https://github.com/rackerlabs/genestack/pull/1690',
    row: { ...uwsgi, processes: 2, threads: 1, heartbeatRate: 3 },
    trickle: 'clean',
  },
  {
    layout: 'atmosphere up to 2025.2, one pod',
    source: file('vexxhost/atmosphere', 'c7d3a5e3b', 'roles/nova/vars/main.yml'),
    row: { ...uwsgi, processes: 8, threads: 1 },
    trickle: 'reproduced',
  },
  {
    layout: 'Juju charm',
    source: file('openstack/charm-nova-cloud-controller', 'master', 'templates/wsgi-openstack-api.conf'),
    size: 'twice as many processes as CPUs, 4 at most; 4 are played',
    row: { ...daemon, processes: 4, threads: 1 },
  },
  {
    layout: 'DevStack up to 2025.2, without its proxy',
    source: file('openstack/devstack', 'master', 'lib/apache'),
    size: 'a quarter as many processes as CPUs, 2 at least; 2 are played',
    row: { ...uwsgi, processes: 2, threads: 1 },
    trickle: 'clean',
  },
];

const nativeOnes: readonly Omit<Layout, 'trickle'>[] = [
  {
    layout: 'kolla-ansible 2023.1–2024.2',
    source: file('openstack/kolla-ansible', '19.8.0', 'ansible/roles/nova/templates/nova-api-wsgi.conf.j2'),
    size: kollasSize,
    row: { ...daemon, processes: 5, threads: 1, ...native },
  },
  {
    layout: 'kolla-ansible 2025.1, 2025.2',
    source: file(
      'openstack/kolla-ansible',
      '20.5.0',
      'ansible/roles/service-uwsgi-config/templates/uwsgi.ini.j2',
    ),
    size: kollasSize,
    row: { ...uwsgi, router: 'http', processes: 5, threads: 1, ...native },
  },
  {
    layout: 'kolla-ansible 2026.1',
    source: file('openstack/kolla-ansible', '22.1.0', 'ansible/roles/nova/templates/nova.conf.j2'),
    size: kollasSize,
    row: { ...uwsgi, router: 'http', processes: 5, threads: 1, ...notPatched, ...native },
  },
  {
    layout: 'openstack-ansible 2026.1',
    source: file('openstack/openstack-ansible-os_nova', 'master', 'defaults/main.yml'),
    size: 'twice as many processes as CPUs, 16 at most; 16 are played',
    row: { ...uwsgi, processes: 16, threads: 1, ...notPatched },
  },
  {
    layout: 'RHOSO 18, cinder-api, one pod',
    source: file(
      'openstack-k8s-operators/cinder-operator',
      'main',
      'templates/cinder/config/10-cinder_wsgi.conf',
    ),
    row: { ...daemon, processes: 4, threads: 1, ...notPatched },
  },
  {
    layout: 'RHOSO 18, heat-api, one pod',
    source: file(
      'openstack-k8s-operators/heat-operator',
      'main',
      'templates/heat/config/heat-api-httpd.conf',
    ),
    row: { ...daemon, processes: 8, threads: 1, ...notPatched },
  },
  {
    layout: 'Puppet on Debian, cinder, heat, manila, neutron',
    source: file('openstack/puppet-cinder', 'master', 'manifests/wsgi/uwsgi.pp'),
    size: 'half as many processes as CPUs, from 2 to 12; 4 are played',
    row: { ...uwsgi, processes: 4, threads: 32, ...notPatched },
  },
  {
    layout: 'genestack up to July 2026, one pod',
    source: 'https://github.com/rackerlabs/genestack/pull/1690',
    row: { ...uwsgi, processes: 2, threads: 1, heartbeatRate: 3, ...native },
  },
  {
    layout: 'SAP’s Helm charts with uWSGI',
    source: file('sapcc/helm-charts', '14641da523', 'openstack/nova/templates/etc/_api_uwsgi.ini.tpl'),
    row: { ...uwsgi, processes: 8, threads: 1, ...native },
  },
];

/** A night on an API, and a day with a trickle of requests. */
function rowsOf({ layout, source, size, row }: Layout, night: Fate, trickle: Fate): TableRow[] {
  const written = ({ why, ...rest }: Fate): TableRow => ({
    ...{ ...row, layout, source, ...rest },
    why: size === undefined ? why : `${why} (${size})`,
  });
  return [{ ...written(night), scenario: 'night' }, written(trickle)];
}
type Fate = Pick<TableRow, 'expected' | 'slowed' | 'why'>;

const lostAtNight: Fate = {
  expected: 'reproduced',
  slowed: 'none',
  why: 'while nobody asks, every connection is lost; the next request of each process wakes the heartbeat, which tells of it and mends it',
};
const kept: Fate = { expected: 'clean', why: 'a native thread beats whether requests come or not' };

/** What a trickle does to connections with a green heartbeat. */
function fateOf(trickle: HeartbeatKind | undefined): Fate {
  if (trickle === undefined)
    return { why: 'a process gets its next request when the broker’s patience is about to end' };
  return trickle === 'clean'
    ? { expected: 'clean', why: 'the processes take turns, and each publishes often enough' }
    : {
        expected: trickle,
        slowed: 'none',
        why: 'the processes take turns, and each is silent for too long',
      };
}

/**
 * How deployment tools run nova-api, and other services where that is said. The library is that of the run's release,
 * whatever the series had.
 */
export const layouts: readonly TablePart[] = [
  {
    title: 'as deployment tools run it: patched, the heartbeat green',
    rows: green.flatMap((it) => rowsOf(it, lostAtNight, fateOf(it.trickle))),
  },
  {
    title: 'as deployment tools run it: the heartbeat native, or nothing patched',
    rows: nativeOnes.flatMap((it) => rowsOf(it, kept, kept)),
  },
];
