import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../applications/application.ts';
import { asksOf, type Route } from '../applications/routes.ts';
import type { RequestRecord } from '../evidence/request-record.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Traffic } from '../rows/traffic.ts';
import type { HttpClient } from './requests.ts';

/**
 * Sends traffic, phase by phase. In an open loop each request leaves when it is due, whether or not earlier requests
 * have been answered. The next phase begins when the last request has had its interval.
 *
 * @param onSent is called after each request with the number of requests sent so far.
 * @param stop no request leaves after it is aborted.
 * @returns every request, in the order in which they were sent.
 */
export async function sendTraffic(
  client: HttpClient,
  application: Application,
  { phases, answerLimitMs }: Traffic,
  onSent: (requests: number) => void = () => undefined,
  stop?: AbortSignal,
): Promise<RequestRecord[]> {
  const asks = asksOf(application);
  const send = (route: Route, dueAt: number) => {
    const ask = asks[route];
    if (!ask) throw new LabError(`${application.name} has no ${route} route`);
    return client.send(ask, dueAt, answerLimitMs);
  };
  const sent: Promise<RequestRecord>[] = [];
  let due = client.now();
  for (const { route, requests, intervalMs, atOnce = 1, oneAtATime, everyFourth = route } of phases) {
    for (let index = 0; index < requests; index++) {
      await sleep(Math.max(0, due - client.now()));
      if (stop?.aborted) return Promise.all(sent);
      const request = send(index % 4 === 3 ? everyFourth : route, due);
      sent.push(request);
      onSent(sent.length);
      if (oneAtATime) {
        await request;
        due = client.now();
      } else if ((index + 1) % atOnce === 0) {
        due += intervalMs;
      }
    }
  }
  return Promise.all(sent);
}
