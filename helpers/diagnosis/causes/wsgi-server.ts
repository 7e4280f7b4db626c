import type { ConnectionOwner } from '../history/connection-history.ts';

// oslo.messaging names a connection after the running program (`sys.argv[0]`), which is the server's, not the service's.
const WSGI_SERVERS = /^(?:mod_wsgi|uwsgi|apache2?|httpd|granian)/;
// These wait for requests in Python, so a heartbeat may run meanwhile: in sync workers it does (rows server/gunicorn-*).
const WAITING_IN_PYTHON = /^(?:gunicorn|waitress)/;
// python -m SERVER, and interpreters that run something: what, the name does not say.
const NAMELESS = /^(?:python[\d.]*|pypy[\d.]*|__main__\.py|-[cm])?$/;

/**
 * What a program is, by the name of its connections. A WSGI server waits for requests outside Python. `unknown`: the name
 * does not say whether requests decide about its heartbeat.
 */
export type ProgramRole = 'WSGI server' | 'service' | 'unknown';

/** Whether a program is a server that calls an application for each request, or runs by itself, as an agent does. */
export function roleOf({ program, pid }: Pick<ConnectionOwner, 'program' | 'pid'>): ProgramRole {
  if (WSGI_SERVERS.test(program)) return 'WSGI server';
  return whyRoleUnknown({ program, pid }) ? 'unknown' : 'service';
}

/** Why the role of a program is not known; undefined: it is known. */
export function whyRoleUnknown({
  program,
  pid,
}: Pick<ConnectionOwner, 'program' | 'pid'>): string | undefined {
  if (WAITING_IN_PYTHON.test(program)) {
    return `${program} waits for requests in Python, so its heartbeat may keep running; then a call blocked it`;
  }
  return pid === undefined || NAMELESS.test(program)
    ? 'the name of the connections does not say what program it is'
    : undefined;
}
