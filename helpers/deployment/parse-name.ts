import { servers } from '../servers/index.ts';
import { DeploymentError, type DeploymentInput } from './deployment.ts';

/** The meaning of a first word; any other word is a server's name. */
const words: Readonly<Record<string, Partial<DeploymentInput>>> = {
  prefork: { mpm: 'prefork' },
  event: { mpm: 'event' },
  worker: { mpm: 'worker' },
  daemon: { mpm: 'event', wsgi: 'daemon' },
};

/**
 * Parses a server's name with its size: `prefork 8`, `event 1x25`, `event 8 × 25`, `daemon 8x1`, `uwsgi 2x1`. The
 * default is one thread, and `daemon` means daemons behind event.
 *
 * @throws DeploymentError with one line for any other text.
 */
export function parseDeploymentName(spelling: string): DeploymentInput {
  const [, word = '', processes, threads = '1'] =
    /^(\w+)\s+(\d+)(?:\s*[x×]\s*(\d+))?$/.exec(spelling.trim().toLowerCase()) ?? [];
  const server = servers.find(({ name }) => name === word && name !== 'httpd');
  const meant = words[word] ?? (server && { server: server.name });
  if (!meant) {
    throw new DeploymentError(
      `${spelling} is not a deployment; write one like prefork 8, event 8x25, daemon 8x1`,
    );
  }
  return { ...meant, processes: Number(processes), threads: Number(threads) };
}
