import type { TablePart, TableRow } from '../../helpers/verdict/row.ts';
import { articleDeployments } from './article-deployments.ts';
import { noRequestOnHeartbeatOwner, oneConnectionEach } from './premises.ts';

const { prefork8, event1x25, prefork1, event8x25 } = articleDeployments;

// The least figures are about half of what the quietest of the recorded runs had (docs/results.md, tests/unit/recorded):
// 18 to 26 drops under prefork 8, and 7 to 18 under event 8 × 25, whose children share the traffic by luck.

/** The article’s pair, and the controls that it lacks: as many processes under both. */
const today: readonly TableRow[] = [
  {
    ...prefork8,
    expected: 'reproduced',
    slowed: 'none',
    why: 'each child waits in C between its requests, so its heartbeat greenlet is late; the next request wakes it, and it logs',
  },
  {
    ...event1x25,
    expected: 'clean',
    why: 'one process publishes often enough that the broker hears from it, heartbeats or not',
    premise: oneConnectionEach,
  },
  {
    ...prefork1,
    expected: 'clean',
    why: 'control: with one process prefork publishes as often',
    // never missing with one thread; the mutation check serves event here
    premise: oneConnectionEach,
  },
  {
    ...event8x25,
    expected: 'dropped',
    slowed: 'some',
    least: { drops: 4 },
    why: 'control: eight processes are silent as long as under prefork; the request on another thread meets the dead connection and says so itself, at ERROR; the greenlet that would have logged does not run',
    premise: noRequestOnHeartbeatOwner,
  },
];

/**
 * The same four with the heartbeat loop of oslo.messaging 9.5.0 (2019) in place of the installed release's. That
 * loop does not reconnect when it meets a closed socket, so prefork's requests pay as well.
 */
const loopOf2019 = today.map((row) => ({
  ...row,
  messaging: '2019' as const,
  // 42 to 56 % of them
  ...(row.expected === 'reproduced' && { slowed: 'some' as const, least: { slowed: 0.2 } }),
}));

export const article: readonly [today: TablePart, loopOf2019: TablePart] = [
  { title: 'a trickle of requests, today’s oslo.messaging', rows: today },
  { title: 'a trickle of requests, the heartbeat loop of 2019', rows: loopOf2019 },
];
