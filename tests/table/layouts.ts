import type { DeploymentInput } from '../../helpers/deployment/deployment.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { daemon, native, notPatched, uwsgi } from './deployments.ts';

/** How a deployment tool runs a service, as the tool's own template writes it. */
interface Layout {
  /** The first part of its rows' ids. */
  readonly id: string;
  /** The tool and its series, and the service if it is not nova-api. */
  readonly layout: string;
  /** The file in the tool's repository that configures this. */
  readonly source: string;
  /** What the number of processes depends on. */
  readonly size?: string;
  readonly deployment: DeploymentInput;
  /**
   * The verdict under a trickle with a green heartbeat. In all layouts, patched processes have one thread each, so
   * processes take turns. With N processes, each gets a request every N/2 heartbeats. Up to three processes get requests
   * often enough, and eight or more do not. Missing: between these it is luck.
   */
  readonly trickle?: 'clean' | 'reproduced';
}

const file = (repository: string, ref: string, path: string) =>
  `https://github.com/${repository}/blob/${ref}/${path}`;

const kollasSize = 'as many processes as CPUs, 5 at most; 5 are served here';

const green: readonly (Layout & { readonly deployment: { readonly threads: 1 } })[] = [
  {
    id: 'osa-2023.1',
    layout: 'openstack-ansible 2023.1–2025.2',
    source: file('openstack/openstack-ansible-os_nova', 'stable/2025.1', 'defaults/main.yml'),
    size: 'twice as many processes as CPUs, 16 at most; 16 are served here',
    deployment: { ...uwsgi, processes: 16, threads: 1 },
    trickle: 'reproduced',
  },
  {
    id: 'rhoso-18',
    layout: 'RHOSO 18, one pod',
    source: file('openstack-k8s-operators/nova-operator', 'main', 'templates/nova/api/config/httpd.conf'),
    deployment: { ...daemon, processes: 2, threads: 1 },
    trickle: 'clean',
  },
  {
    id: 'tripleo',
    layout: 'TripleO up to Victoria',
    source: file('openstack/puppet-tripleo', 'stable/wallaby', 'manifests/profile/base/apache.pp'),
    size: 'half as many processes as CPUs, from 2 to 12; 8 are served here',
    deployment: { ...daemon, mpm: 'prefork', processes: 8, threads: 1 },
    trickle: 'reproduced',
  },
  {
    id: 'puppet-debian',
    layout: 'Puppet on Debian',
    source: file('openstack/puppet-nova', 'master', 'manifests/wsgi/uwsgi_api.pp'),
    size: 'half as many processes as CPUs, from 2 to 12; 4 are served here',
    deployment: { ...uwsgi, processes: 4, threads: 1 },
  },
  {
    id: 'openstack-helm',
    layout: 'openstack-helm, StarlingX up to 2025.2, one pod',
    source: file('openstack/openstack-helm', 'master', 'nova/values.yaml'),
    deployment: { ...uwsgi, processes: 1, threads: 1 },
    trickle: 'clean',
  },
  {
    id: 'genestack',
    layout: 'genestack with nova 2025.1 and the settings of August 2026, one pod',
    source: 'https://github.com/rackerlabs/genestack/pull/1690',
    deployment: { ...uwsgi, processes: 2, threads: 1, heartbeatRate: 3 },
    trickle: 'clean',
  },
  {
    id: 'atmosphere',
    layout: 'atmosphere up to 2025.2, one pod',
    source: file('vexxhost/atmosphere', 'c7d3a5e3b', 'roles/nova/vars/main.yml'),
    deployment: { ...uwsgi, processes: 8, threads: 1 },
    trickle: 'reproduced',
  },
  {
    id: 'juju',
    layout: 'Juju charm',
    source: file('openstack/charm-nova-cloud-controller', 'master', 'templates/wsgi-openstack-api.conf'),
    size: 'twice as many processes as CPUs, 4 at most; 4 are served here',
    deployment: { ...daemon, processes: 4, threads: 1 },
  },
  {
    id: 'devstack',
    layout: 'DevStack up to 2025.2, without its proxy',
    source: file('openstack/devstack', 'master', 'lib/apache'),
    size: 'a quarter as many processes as CPUs, 2 at least; 2 are served here',
    deployment: { ...uwsgi, processes: 2, threads: 1 },
    trickle: 'clean',
  },
];

/** Layouts with a heartbeat in a native thread, or without patching. */
const nativeHeartbeats: readonly Omit<Layout, 'trickle'>[] = [
  {
    id: 'kolla-2023.1',
    layout: 'kolla-ansible 2023.1–2024.2',
    source: file('openstack/kolla-ansible', '19.8.0', 'ansible/roles/nova/templates/nova-api-wsgi.conf.j2'),
    size: kollasSize,
    deployment: { ...daemon, processes: 5, threads: 1, ...native },
  },
  {
    id: 'kolla-2025.1',
    layout: 'kolla-ansible 2025.1, 2025.2',
    source: file(
      'openstack/kolla-ansible',
      '20.5.0',
      'ansible/roles/service-uwsgi-config/templates/uwsgi.ini.j2',
    ),
    size: kollasSize,
    deployment: { ...uwsgi, router: 'http', processes: 5, threads: 1, ...native },
  },
  {
    id: 'kolla-2026.1',
    layout: 'kolla-ansible 2026.1',
    source: file('openstack/kolla-ansible', '22.1.0', 'ansible/roles/nova/templates/nova.conf.j2'),
    size: kollasSize,
    deployment: { ...uwsgi, router: 'http', processes: 5, threads: 1, ...notPatched, ...native },
  },
  {
    id: 'osa-2026.1',
    layout: 'openstack-ansible 2026.1',
    source: file('openstack/openstack-ansible-os_nova', 'master', 'defaults/main.yml'),
    size: 'twice as many processes as CPUs, 16 at most; 16 are served here',
    deployment: { ...uwsgi, processes: 16, threads: 1, ...notPatched },
  },
  {
    id: 'rhoso-18-cinder',
    layout: 'RHOSO 18, cinder-api, one pod',
    source: file(
      'openstack-k8s-operators/cinder-operator',
      'main',
      'templates/cinder/config/10-cinder_wsgi.conf',
    ),
    deployment: { ...daemon, processes: 4, threads: 1, ...notPatched },
  },
  {
    id: 'rhoso-18-heat',
    layout: 'RHOSO 18, heat-api, one pod',
    source: file(
      'openstack-k8s-operators/heat-operator',
      'main',
      'templates/heat/config/heat-api-httpd.conf',
    ),
    deployment: { ...daemon, processes: 8, threads: 1, ...notPatched },
  },
  {
    id: 'puppet-debian-cinder',
    layout: 'Puppet on Debian, cinder, heat, manila, neutron',
    source: file('openstack/puppet-cinder', 'master', 'manifests/wsgi/uwsgi.pp'),
    size: 'half as many processes as CPUs, from 2 to 12; 4 are served here',
    deployment: { ...uwsgi, processes: 4, threads: 32, ...notPatched },
  },
  {
    id: 'genestack-2025',
    layout: 'genestack up to its release 2026.2.0, one pod',
    source: 'https://github.com/rackerlabs/genestack/pull/1690',
    deployment: { ...uwsgi, processes: 2, threads: 1, heartbeatRate: 3, ...native },
  },
  {
    id: 'sap-helm',
    layout: 'SAP’s Helm charts with uWSGI',
    source: file('sapcc/helm-charts', '14641da523', 'openstack/nova/templates/etc/_api_uwsgi.ini.tpl'),
    deployment: { ...uwsgi, processes: 8, threads: 1, ...native },
  },
];

type Outcome = Pick<Row, 'expect' | 'why'>;

const lostAtNight: Outcome = {
  expect: { verdict: 'reproduced', slowed: 'none' },
  why: 'every connection is lost while there are no requests; the next request of each process wakes the heartbeat, which logs the drop and reconnects',
};
const kept: Outcome = {
  expect: { verdict: 'clean' },
  why: 'a native thread sends heartbeats even without requests',
};

/** What a row expects under a trickle with a green heartbeat. */
const underTrickle: Readonly<Record<NonNullable<Layout['trickle']> | 'luck', Outcome>> = {
  clean: {
    expect: { verdict: 'clean' },
    why: 'the processes take turns, and each publishes often enough',
  },
  reproduced: {
    expect: lostAtNight.expect,
    why: 'the processes take turns, and each is silent for too long',
  },
  luck: {
    expect: {},
    why: 'luck: the next request of a process arrives at about the time when the broker stops waiting',
  },
};

/** The two rows of a layout: a night without requests, and a trickle of requests. */
function rowsOf({ id, layout, source, size, deployment }: Layout, night: Outcome, trickle: Outcome): Row[] {
  const row = (traffic: 'night' | 'trickle', { expect, why }: Outcome): Row => ({
    id: `${id}/${traffic}`,
    layout,
    deployment,
    traffic,
    expect,
    why: size === undefined ? why : `${why} (${size})`,
    source,
  });
  return [row('night', night), row('trickle', trickle)];
}

/**
 * How deployment tools run nova-api, and other services if the layout names them. The libraries are those of the run's
 * Debian release, whatever the tool's series had.
 */
export const layouts: readonly RowGroup[] = [
  {
    title: 'as deployment tools run it: patched, the heartbeat green',
    rows: green.flatMap((layout) => rowsOf(layout, lostAtNight, underTrickle[layout.trickle ?? 'luck'])),
  },
  {
    title: 'as deployment tools run it: the heartbeat native, or nothing patched',
    rows: nativeHeartbeats.flatMap((layout) => rowsOf(layout, kept, kept)),
  },
];
