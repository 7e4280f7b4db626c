import type { Executed } from '../lab/execute.ts';
import type { Lab } from '../lab/lab.ts';
import type { Load } from '../rows/load.ts';

/** Seconds of silence from the server after which ab gives up: `-s`. */
const SILENCE_SECONDS = 10;
/** A run of ab is ended if the server answers fewer requests a second. */
const SLOWEST = 50;
/** The time that the engine needs to report that `timeout` has ended ab. */
const MARGIN_MS = 20_000;
/**
 * The same host for every server, because the application's answer contains the host, and addresses differ in length.
 */
const HOST = 'nova-api';

/**
 * Loads a server from the client's container. It always ends: ab gives up on a silent server, and coreutils' `timeout`
 * ends a run with a very slow server (exit code 124).
 */
export function runApacheBench(lab: Lab, address: string, path: string, load: Load): Promise<Executed> {
  const limit = SILENCE_SECONDS + Math.ceil(load.requests / SLOWEST);
  return lab.runInClient(
    ['timeout', String(limit), ...apacheBenchCommand(load, `https://${address}${path}`)],
    {
      limitMs: limit * 1000 + MARGIN_MS,
      exitCodes: 'any',
    },
  );
}

/** The command line, e.g. `ab -n 1000 -c 10 …`. */
export function apacheBenchCommand(load: Load, url: string): string[] {
  return [
    'ab',
    ...['-n', String(load.requests)],
    ...['-c', String(load.concurrency)],
    ...['-s', String(SILENCE_SECONDS)],
    ...['-f', load.tls.protocol.replace('TLSv', 'TLS')],
    ...['-Z', load.tls.cipher],
    ...['-H', `Host: ${HOST}`],
    url,
  ];
}
