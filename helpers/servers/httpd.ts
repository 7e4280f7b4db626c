import { z } from 'zod';
import { type Served, server } from './server.ts';

const mpms = ['prefork', 'event', 'worker'] as const;

const options = {
  mpm: z.enum(mpms, { error: `httpd has an MPM: ${mpms.join(', ')}` }),
  wsgi: z
    .enum(['embedded', 'daemon'])
    .default('embedded')
    .describe('embedded: the MPM’s own processes run the application; daemon: mod_wsgi’s daemons do'),
};
type Httpd = Served<typeof options>;

/** Apache httpd with mod_wsgi. */
export const httpd = server({
  name: 'httpd',
  options,
  problem: ({ mpm, wsgi, threads }) =>
    mpm === 'prefork' && wsgi === 'embedded' && threads !== 1
      ? { option: 'threads', why: 'prefork has one thread in each process' }
      : undefined,
  title: ({ mpm, wsgi, processes, threads }) => {
    if (wsgi === 'daemon') return `daemon ${processes} × ${threads} under ${mpm}`;
    return mpm === 'prefork' ? `prefork ${processes}` : `${mpm} ${processes} × ${threads}`;
  },
  configuration,
  says: ({ mpm, wsgi }) => ({ server: 'mod_wsgi', mpm, wsgi }),
  modules: {
    listedBy: 'apachectl -M',
    find: (stdout) => [...stdout.matchAll(/^ (mpm_\w+_module) /gm)].map(([, module]) => module as string),
    expected: ({ mpm }) => `mpm_${mpm}_module`,
  },
  // Lines at `error` or above, or without a level; and a crashed child, which is logged at `notice`.
  isTrouble: (block) =>
    !/^\[[^\]]+\] \[\w+:(warn|notice|info|debug|trace\d)\]/.test(block) || /\bexit signal\b/.test(block),
  allowedErrors: [
    // event and worker: all children are started at once, so none is left to start.
    /AH(10159|00287): server is within MinSpareThreads of MaxRequestWorkers/,
    /AH(03490|00288): scoreboard is full, not at MaxRequestWorkers/,
    // All children are busy during the warm-up, and no request is lost: prefork, event, worker.
    /AH(00161|00484|00286): server reached MaxRequestWorkers setting/,
  ],
  reload: {
    command: ['apachectl', 'graceful'],
    // prefork, worker and event (server/mpm/*).
    logs: /\bAH00(171|297|493): .*graceful restart/i,
  },
  accessLog: '/var/log/apache2/access.log',
});

/**
 * The size of Apache's own processes in front of daemons. Of the sixteen requests that a night sends at once, prefork's
 * eight processes serve eight, and the others wait.
 */
const frontEnd = {
  prefork: { processes: 8, threads: 1 },
  event: { processes: 1, threads: 25 },
  worker: { processes: 1, threads: 25 },
} as const;

/**
 * The text of Apache's only configuration file that depends on the deployment. It has the MPM, whose processes and threads are all started at
 * once and kept (https://httpd.apache.org/docs/2.4/mod/mpm_common.html), and mod_wsgi's daemons, if there are any
 * (https://modwsgi.readthedocs.io/en/master/configuration-directives/WSGIDaemonProcess.html).
 */
function configuration({ mpm, wsgi, ...served }: Httpd): string {
  const { processes, threads } = wsgi === 'daemon' ? frontEnd[mpm] : served;
  const workers = processes * threads;
  const directives = {
    LoadModule: `mpm_${mpm}_module /usr/lib/apache2/modules/mod_mpm_${mpm}.so`,
    StartServers: processes,
    ServerLimit: processes,
    ...(mpm === 'prefork'
      ? { MinSpareServers: processes, MaxSpareServers: processes }
      : {
          ThreadLimit: threads,
          ThreadsPerChild: threads,
          MinSpareThreads: workers,
          MaxSpareThreads: workers,
        }),
    MaxRequestWorkers: workers,
    MaxConnectionsPerChild: 0,
    ...(wsgi === 'daemon' && {
      WSGIDaemonProcess: `application processes=${served.processes} threads=${served.threads}`,
      WSGIProcessGroup: 'application',
    }),
    WSGIApplicationGroup: '%{GLOBAL}',
  };
  const lines = Object.entries(directives).map(([name, value]) => `${name} ${value}\n`);
  return lines.join('');
}
