import type { Deployment } from '../config/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';

/** How a server, as it was found, differs from its deployment; undefined if it does not. */
export function serverDifference(deployment: Deployment, server: Evidence['server']): string | undefined {
  const { report } = server;
  if (!report) return 'its processes gave no report';
  const patched = deployment.concurrency === 'eventlet';
  const facts: [what: string, expected: unknown, found: unknown][] = [
    ['server', deployment.server === 'uwsgi' ? 'uwsgi' : 'mod_wsgi', report.server],
    ['apachectl -M lists', deployment.mpm ?? 'no MPM', server.loadedMpms.join(' and ') || 'no MPM'],
    ['MPM', deployment.mpm ?? null, report.mpm],
    ['processes', deployment.processes, report.processes],
    ['processes that answered', deployment.processes, server.processesSeen],
    ['threads', deployment.threads, report.threads],
    ['patched', patched, report.patched],
    // Where the deployment names no release, it is whichever the run was asked for.
    ['Debian', deployment.release ?? report.versions.Debian, report.versions.Debian],
  ];
  const wrong = facts.find(([, expected, found]) => expected !== found);
  return wrong && `${wrong[0]} ${wrong[2]}, expected ${wrong[1]}`;
}
