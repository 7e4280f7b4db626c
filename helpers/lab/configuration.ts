import type { Application } from '../config/application.ts';
import type { Deployment } from '../config/deployment.ts';

/**
 * The one file in which deployments of Apache differ: the MPM with its processes and threads, all
 * of them started at once and kept (https://httpd.apache.org/docs/2.4/mod/mpm_common.html).
 */
export function apacheConfiguration({ mpm, processes, threads }: Deployment): string {
  const workers = processes * threads;
  const limits: [string, number | string][] =
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
  const directives: [string, number | string][] = [
    ['LoadModule', `mpm_${mpm}_module /usr/lib/apache2/modules/mod_mpm_${mpm}.so`],
    ['StartServers', processes],
    ['ServerLimit', processes],
    ...limits,
    ['MaxRequestWorkers', workers],
    ['MaxConnectionsPerChild', 0],
    ['WSGIApplicationGroup', '%{GLOBAL}'],
  ];
  return directives.map(([name, value]) => `${name} ${value}\n`).join('');
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
heartbeat_loop = ${deployment.messaging}
database_wait = ${deployment.databaseWaitSeconds}
extra_work = ${deployment.extraWork ?? 0}
`;
}
