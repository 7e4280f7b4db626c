import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { event1x25, notPatched, prefork8 } from './deployments.ts';

/** Prefork with a planted slow-down, in milliseconds of CPU time for each request. */
const slowedPrefork = { ...prefork8, extraCpuMs: 1 };

/** The article's comparison, with one CPU for each server. Every run measures and asserts it. */
const article: Row = {
  id: 'throughput/event-1x25',
  deployment: event1x25,
  load: { baseline: prefork8, cpus: 1, route: 'plain' },
  expect: { verdict: 'within' },
  why: 'each server has one CPU, and a single process, with its one interpreter lock, can keep one CPU busy',
};

const others: readonly Row[] = [
  {
    id: 'throughput/slowed-prefork-8',
    deployment: slowedPrefork,
    load: { baseline: prefork8, cpus: 1, route: 'plain' },
    expect: { verdict: 'outside' },
    why: 'the instruments must detect a planted loss, which is a fifth or more on any machine that answers more than 250 requests/s',
  },
  {
    id: 'throughput/event-1x25-2-cpus',
    deployment: event1x25,
    load: { baseline: prefork8, cpus: 2, route: 'plain' },
    expect: {},
    why: 'with two CPUs, the one interpreter lock of a single process may limit event',
  },
  {
    id: 'throughput/event-2x25-2-cpus',
    deployment: { mpm: 'event', processes: 2, threads: 25 },
    load: { baseline: prefork8, cpus: 2, route: 'plain' },
    expect: { verdict: 'within' },
    why: 'two processes have two interpreter locks',
  },
  {
    id: 'throughput/event-1x25-not-patched-amqp',
    deployment: { ...event1x25, ...notPatched },
    load: { baseline: { ...prefork8, ...notPatched }, cpus: 1, route: 'amqp' },
    expect: { verdict: 'within' },
    why: 'without eventlet, native threads publish side by side',
  },
  {
    id: 'throughput/event-1x25-amqp',
    deployment: event1x25,
    load: { baseline: prefork8, cpus: 1, route: 'amqp' },
    expect: {
      verdict: 'inconclusive',
      reason:
        '^(block \\d+, )?candidate(, during its warm-up)?: stuck after \\d+ of \\d+ requests: apr_pollset_poll: The timeout specified has expired \\(70007\\)$',
    },
    why: 'a thread that waits for a patched lock of another native thread never wakes, so there is no rate to compare',
  },
];

/** Comparisons of throughput: the article's, and others. */
export const throughput: readonly [article: RowGroup, others: RowGroup] = [
  { title: 'throughput', rows: [article] },
  { title: 'throughput, more deployments and routes', rows: others },
];
