import type { ConnectionOwner } from './connection-history.ts';

// oslo.messaging names a connection after the running program (`sys.argv[0]`), which is the server's, not the service's.
const WSGI_SERVERS = /^(?:mod_wsgi|uwsgi|gunicorn|apache2?|httpd|granian|waitress)/;
// python -m SERVER, and interpreters that run something: what, the name does not say.
const NAMELESS = /^(?:python[\d.]*|pypy[\d.]*|__main__\.py|-[cm])?$/;

/** What a program is, by the name of its connections. `unknown`: the name is missing, or the client's own choice. */
export type ProgramRole = 'WSGI server' | 'service' | 'unknown';

/** Whether a program is a server that calls an application for each request, or runs by itself, as an agent does. */
export function roleOf({ program, pid }: Pick<ConnectionOwner, 'program' | 'pid'>): ProgramRole {
  if (WSGI_SERVERS.test(program)) return 'WSGI server';
  return pid === undefined || NAMELESS.test(program) ? 'unknown' : 'service';
}
