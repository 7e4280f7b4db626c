import { z } from 'zod';
import { server } from './server.ts';

const options = {
  workerClass: z
    .enum(['sync', 'gthread'])
    .default('sync')
    .describe('sync: a worker serves one request after another; gthread: it passes them to threads'),
};

/**
 * gunicorn with its own defaults: each worker loads the application itself. A worker waits for requests in Python code,
 * and patching replaces that code too. So a patched sync worker runs its hub while it waits. In a patched gthread worker,
 * the pool's threads are greenlets that wait in a native queue, so the worker answers nothing after its first request.
 */
export const gunicorn = server({
  name: 'gunicorn',
  options,
  problem: ({ workerClass, threads }) =>
    workerClass === 'sync' && threads !== 1
      ? { option: 'threads', why: 'a sync worker has one thread; with more, gunicorn turns it into gthread' }
      : undefined,
  title: ({ processes, threads, workerClass }) => `gunicorn ${processes} × ${threads} ${workerClass}`,
  configuration: ({ processes, threads, workerClass }) => {
    const settings = {
      wsgi_app: 'probe.wsgi:application',
      bind: '0.0.0.0:80',
      user: 'www-data',
      group: 'www-data',
      worker_class: workerClass,
      workers: processes,
      threads,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
    // The hook that gives the probe its worker.
    return `from probe_server import post_fork\n${lines.join('')}`;
  },
  says: ({ workerClass }) => ({ server: 'gunicorn', workerClass }),
  // Lines at `ERROR` or above, or without a level.
  isTrouble: (block) => !/^\[[^\]]+\] \[\d+\] \[(WARNING|INFO|DEBUG)\]/.test(block),
  allowedErrors: [],
});
