// oslo.messaging names a connection after the running program (`sys.argv[0]`), which is the server's, not the service's.
const WSGI_SERVERS = /^(?:mod_wsgi|uwsgi|gunicorn|apache2?|httpd|granian|waitress)/;

/** Whether a program, by the name of its connections, is a server that calls an application for each request. */
export function isWsgiServer(program: string): boolean {
  return WSGI_SERVERS.test(program);
}
