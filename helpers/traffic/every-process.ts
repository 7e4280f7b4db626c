import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../applications/application.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { RequestRecord } from '../evidence/request-record.ts';
import { LabError } from '../lab/lab-error.ts';
import type { HttpClient } from './requests.ts';

type Size = Pick<Deployment, 'processes' | 'threads'>;

/** How long a started server may take until every process has answered. */
export const START_LIMIT_MS = 90_000;

/** How every process is asked. */
export interface Asking {
  /** The number of simultaneous requests in the first round. Each round doubles it, up to one for each thread. */
  readonly together: number;
  /** The limit of all rounds; no round begins and no request waits after it. */
  readonly limitMs: number;
  /** Called after each round in which no process gave its answer; an error that it throws ends the asking. */
  readonly onRefused?: (round: readonly RequestRecord[]) => Promise<void>;
}

/**
 * Requests a path that occupies its thread for a moment, until every process has answered. Simultaneous
 * requests usually reach different processes. With one for each thread, no process can serve all of them. An answer of `null` means
 * that another request of that process has the answer.
 *
 * @returns the answers by process id; some are missing if the limit was reached.
 */
export async function askEveryProcess<Answer>(
  client: HttpClient,
  path: string,
  { processes, threads }: Size,
  { together, limitMs, onRefused }: Asking,
): Promise<ReadonlyMap<number, Answer>> {
  const answers = new Map<number, Answer>();
  const most = processes === 1 ? 1 : processes * threads;
  const deadline = performance.now() + limitMs;
  for (let batch = Math.min(together, most); answers.size < processes; batch = Math.min(2 * batch, most)) {
    const left = Math.ceil(deadline - performance.now());
    if (left <= 0) break;
    const round = await Promise.all(
      Array.from({ length: batch }, () => client.getJson<Answer | null>(path, left)),
    );
    for (const { record, body } of round) {
      if (record.servedBy && body) answers.set(record.servedBy.pid, body);
    }
    if (onRefused && round.every(({ body }) => !body)) {
      await onRefused(round.map(({ record }) => record));
    }
    // A server that is still starting refuses connections at once.
    if (round.some(({ record }) => record.failure)) await sleep(50);
  }
  return answers;
}

/**
 * Lets every process open its AMQP connection. It sends one request after another on the AMQP route until each process
 * has answered one.
 *
 * @throws LabError if not every process has answered within 90 s.
 */
export async function connectEverywhere(
  client: HttpClient,
  { routes }: Application,
  { processes }: Size,
): Promise<void> {
  const seen = new Set<number>();
  const deadline = performance.now() + START_LIMIT_MS;
  let last: RequestRecord | undefined;
  while (seen.size < processes) {
    if (performance.now() > deadline) {
      throw new LabError(
        `only ${seen.size} of ${processes} processes answered on the AMQP route within ${START_LIMIT_MS / 1000} s (last answer: ${last?.status ?? last?.failure})`,
      );
    }
    last = await client.send(routes.amqp);
    if (last.servedBy) seen.add(last.servedBy.pid);
    if (last.failure) await sleep(50);
  }
}
