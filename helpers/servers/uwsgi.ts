import { z } from 'zod';
import { server } from './server.ts';

const options = {
  enableThreads: z
    .boolean()
    .default(true)
    .describe('enable-threads: whether native threads run in a worker that has one thread for requests'),
  lazyApps: z
    .boolean()
    .default(true)
    .describe(
      'lazy-apps: each worker loads the application itself; without it the master does before it forks',
    ),
  router: z
    .enum(['http', 'http-socket'])
    .default('http-socket')
    .describe(
      'http: a separate process forwards requests to the workers; http-socket: the workers accept them',
    ),
};

/**
 * uWSGI without Apache. The defaults are DevStack's for nova-api (lib/apache, `write_uwsgi_config`): each worker loads
 * the application itself, and native threads may run.
 */
export const uwsgi = server({
  name: 'uwsgi',
  options,
  problem: ({ enableThreads, threads }) =>
    !enableThreads && threads > 1
      ? { option: 'enableThreads', why: 'uWSGI enables threads by itself if a worker has several' }
      : undefined,
  title: ({ processes, threads, enableThreads, lazyApps, router }) =>
    [
      `uWSGI ${processes} × ${threads}`,
      !enableThreads && 'no enable-threads',
      !lazyApps && 'no lazy-apps',
      router === 'http' && 'http router',
    ]
      .filter(Boolean)
      .join(', '),
  configuration: ({ processes, threads, enableThreads, lazyApps, router }) => {
    const settings = {
      // In Debian's package the router is a separate plugin, whose options must follow this line.
      plugin: router === 'http' ? 'http,python3' : 'python3',
      [router]: ':80',
      'wsgi-file': '/usr/lib/python3/dist-packages/probe/wsgi.py',
      master: true,
      processes,
      ...(threads > 1 && { threads }),
      ...(enableThreads && { 'enable-threads': true }),
      ...(lazyApps && { 'lazy-apps': true }),
      'thunder-lock': true,
      'die-on-term': true,
      uid: 'www-data',
      gid: 'www-data',
      'add-header': 'Connection: close',
      'disable-logging': true,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    return `[uwsgi]\n${lines.join('')}`;
  },
  says: ({ enableThreads, lazyApps, router }) => ({ server: 'uwsgi', enableThreads, lazyApps, router }),
  // uWSGI logs no levels, so these words mean an error.
  isTrouble: (block) => /Traceback|error|exception|segmentation fault|DAMN|died/i.test(block),
  allowedErrors: [],
});
