import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../config/scenario.ts';
import type { HttpClient, RequestRecord } from './requests.ts';

/**
 * Plays a scenario in an open loop: each request leaves when it is due, whether or not the ones
 * before have been answered.
 */
export async function trickle(
  client: HttpClient,
  path: string,
  scenario: Scenario,
): Promise<RequestRecord[]> {
  const began = Date.now();
  const sent: Promise<RequestRecord>[] = [];
  for (let index = 0; index < scenario.requests; index++) {
    const dueAt = began + index * scenario.intervalMs;
    await sleep(Math.max(0, dueAt - Date.now()));
    sent.push(client.get(path, dueAt));
  }
  return Promise.all(sent);
}
