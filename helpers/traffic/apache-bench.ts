import type { Executed } from '../lab/execute.ts';
import type { Lab } from '../lab/lab.ts';
import type { Load } from '../rows/load.ts';

/** Seconds without anything from the server after which ab gives up: `-s`. */
const SILENCE_SECONDS = 10;
/** The slowest that a server may be, requests a second, before the run is ended. */
const SLOWEST = 50;
/** `timeout` ends it, and the engine has to say so. */
const MARGIN_MS = 20_000;
/**
 * Sent to every server alike: the application's answer names the host that it was asked for, and
 * addresses are not all of one length.
 */
const HOST = 'nova-api';

/**
 * Loads a server from the client's container. It comes back in any case: when the server falls silent,
 * by ab's own word; when it is very slow, with the exit code of coreutils' `timeout` (124).
 */
export function runApacheBench(lab: Lab, address: string, path: string, load: Load): Promise<Executed> {
  const limit = SILENCE_SECONDS + Math.ceil(load.requests / SLOWEST);
  return lab.ask(['timeout', String(limit), ...apacheBenchCommand(load, `https://${address}${path}`)], {
    limitMs: limit * 1000 + MARGIN_MS,
    exitCodes: 'any',
  });
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
