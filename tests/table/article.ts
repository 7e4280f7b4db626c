import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { event1x25, event8x25, prefork1, prefork8 } from './deployments.ts';

// The least figures are about half of the lowest recorded ones (docs/results.md, tests/unit/recorded). Recorded runs have
// 18 to 26 drops under prefork 8 (16 or 17 with the loop of 2019), and 7 to 18 under event 8 × 25, whose children share
// the traffic by luck.

/** The article's pair, and the controls that it lacks: equal numbers of processes under both MPMs. */
const today: readonly Row[] = [
  {
    id: 'article/prefork-8',
    deployment: prefork8,
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'each child waits in C between requests, so its heartbeat greenlet runs too late; the next request wakes the heartbeat, which logs the drop',
  },
  {
    id: 'article/event-1x25',
    deployment: event1x25,
    expect: { verdict: 'clean' },
    why: 'one process publishes so often that the broker hears from it, with or without heartbeats',
    preconditions: ['one request at a time'],
  },
  {
    id: 'article/prefork-1',
    deployment: prefork1,
    expect: { verdict: 'clean' },
    why: 'control: with one process, prefork publishes as often as event',
    // With one thread it is always met, but a mutation serves event here.
    preconditions: ['one request at a time'],
  },
  {
    id: 'article/event-8x25',
    deployment: event8x25,
    // Event shares requests so unevenly that sometimes a single one meets a dead connection.
    expect: { verdict: 'dropped', slowed: 'some', least: { drops: 4 } },
    why: 'control: eight processes are silent for as long as under prefork; the heartbeat greenlet does not run, so a request on another thread meets the dead connection and logs it at ERROR',
    preconditions: ['requests miss the heartbeat’s thread'],
  },
];

/**
 * The same four rows with the heartbeat loop of oslo.messaging 9.5.0 (2019). That loop does not reconnect when it meets
 * a closed socket, so requests are slowed under prefork as well: 42 to 56 % of them.
 */
const loopOf2019: readonly Row[] = today.map((row) => ({
  ...row,
  id: row.id.replace('article/', 'article-2019/'),
  deployment: { ...row.deployment, messaging: '2019' },
  expect:
    row.expect.verdict === 'reproduced'
      ? { verdict: 'reproduced', slowed: 'some', least: { slowed: 0.2 } }
      : row.expect,
}));

/** The article's rows, with today's heartbeat loop and with the loop of 2019. */
export const article: readonly [today: RowGroup, loopOf2019: RowGroup] = [
  { title: 'the article’s servers under a trickle, today’s oslo.messaging', rows: today },
  { title: 'the article’s servers under a trickle, the heartbeat loop of 2019', rows: loopOf2019 },
];
