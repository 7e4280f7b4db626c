import type { Application } from '../config/application.ts';
import { type Deployment, type Mpm, mpmOf } from '../config/deployment.ts';

/** What Apache itself has where daemons run the application: as many as may come at once. */
const frontEnd = {
  prefork: { processes: 8, threads: 1 },
  event: { processes: 1, threads: 25 },
  worker: { processes: 1, threads: 25 },
} as const;

/**
 * The one file in which deployments of Apache differ: the MPM with its processes and threads, all
 * of them started at once and kept (https://httpd.apache.org/docs/2.4/mod/mpm_common.html), and
 * mod_wsgi's daemons, where there are any
 * (https://modwsgi.readthedocs.io/en/master/configuration-directives/WSGIDaemonProcess.html).
 */
export function apacheConfiguration(deployment: Deployment): string {
  const { wsgi, processes, threads } = deployment;
  const mpm = mpmOf(deployment);
  const size = wsgi === 'daemon' ? frontEnd[mpm] : deployment;
  const daemons: Directive[] =
    wsgi === 'daemon'
      ? [
          ['WSGIDaemonProcess', `stub-api processes=${processes} threads=${threads}`],
          ['WSGIProcessGroup', 'stub-api'],
        ]
      : [];
  return [...mpmDirectives(mpm, size), ...daemons, ['WSGIApplicationGroup', '%{GLOBAL}']]
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

type Directive = [name: string, value: number | string];

function mpmDirectives(
  mpm: Mpm,
  { processes, threads }: { processes: number; threads: number },
): Directive[] {
  const workers = processes * threads;
  const limits: Directive[] =
    mpm === 'prefork'
      ? [
          ['MinSpareServers', processes],
          ['MaxSpareServers', processes],
        ]
      : [
          ['ThreadLimit', threads],
          ['ThreadsPerChild', threads],
          ['MinSpareThreads', workers],
          ['MaxSpareThreads', workers],
        ];
  return [
    ['LoadModule', `mpm_${mpm}_module /usr/lib/apache2/modules/mod_mpm_${mpm}.so`],
    ['StartServers', processes],
    ['ServerLimit', processes],
    ...limits,
    ['MaxRequestWorkers', workers],
    ['MaxConnectionsPerChild', 0],
  ];
}

/**
 * uWSGI's configuration, as DevStack writes it for nova-api (lib/apache, `write_uwsgi_config`): each
 * worker loads the application itself, and native threads may run.
 */
export function uwsgiConfiguration({ processes, threads }: Deployment): string {
  const settings = {
    'http-socket': ':80',
    'wsgi-file': '/usr/lib/python3/dist-packages/stub_api/wsgi.py',
    plugin: 'python3',
    master: true,
    processes,
    ...(threads > 1 && { threads }),
    'enable-threads': true,
    'lazy-apps': true,
    'thunder-lock': true,
    'die-on-term': true,
    uid: 'www-data',
    gid: 'www-data',
    'add-header': 'Connection: close',
    'disable-logging': true,
  };
  return `[uwsgi]\n${Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')}`;
}

/** The application's own configuration, in oslo.config's format. */
export function applicationConfiguration(
  deployment: Deployment,
  application: Application,
  transportUrl: string,
): string {
  return `[DEFAULT]
transport_url = ${transportUrl}
log_file = ${application.log}
use_stderr = false

[oslo_messaging_rabbit]
heartbeat_timeout_threshold = ${deployment.heartbeatSeconds}
${deployment.heartbeatThread === 'native' ? 'heartbeat_in_pthread = true\n' : ''}
[stub]
logging = ${deployment.logging}
heartbeat_loop = ${deployment.messaging}
database_wait = ${deployment.databaseWaitSeconds}
extra_cpu = ${(deployment.extraCpuMs ?? 0) / 1000}
`;
}
