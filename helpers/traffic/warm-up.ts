import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../config/application.ts';
import type { Deployment } from '../config/deployment.ts';
import type { HttpClient, RequestRecord } from './requests.ts';

const LIMIT_MS = 90_000;
/** Long enough that requests sent together are served by different processes. */
const HOLD_SECONDS = 0.1;

/**
 * Makes every process of a deployment import the application: an interpreter is slow at its first
 * request, eight at once are very slow, and that is not what is to be measured. No AMQP.
 *
 * @returns the process ids.
 * @throws Error if not every process has answered within 90 s.
 */
export async function importEverywhere(
  client: HttpClient,
  { routes }: Application,
  { processes, threads }: Deployment,
): Promise<number[]> {
  const path = `${routes.hold}?seconds=${HOLD_SECONDS}`;
  // As many as there are threads: then no process can take them all.
  const batch = processes === 1 ? 1 : processes * threads;
  return untilSeen(processes, 'has imported the application', () =>
    Promise.all(Array.from({ length: batch }, () => client.get(path))),
  );
}

/**
 * Lets every process open its AMQP connection: one request after another on the AMQP route, until
 * each process has answered one.
 *
 * @throws Error if not every process has answered within 90 s.
 */
export async function connectEverywhere(
  client: HttpClient,
  { routes }: Application,
  { processes }: Deployment,
): Promise<void> {
  await untilSeen(processes, 'has answered on the AMQP route', async () => [await client.get(routes.amqp)]);
}

async function untilSeen(
  processes: number,
  what: string,
  send: () => Promise<RequestRecord[]>,
): Promise<number[]> {
  let last: RequestRecord | undefined;
  const seen = new Set<number>();
  const deadline = Date.now() + LIMIT_MS;
  while (seen.size < processes) {
    if (Date.now() > deadline) {
      throw new Error(
        `only ${seen.size} of ${processes} processes: each ${what} is what was awaited for ${LIMIT_MS / 1000} s` +
          ` (last answer: ${last?.status ?? last?.failure})`,
      );
    }
    const records = await send();
    last = records.at(-1);
    for (const { servedBy } of records) if (servedBy) seen.add(servedBy.pid);
    // A server that is not up yet refuses at once.
    if (records.some(({ failure }) => failure)) await sleep(50);
  }
  return [...seen];
}
