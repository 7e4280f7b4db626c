import type { TablePart } from '../../helpers/verdict/row.ts';
import { sources } from './sources.ts';

const prefork2 = { mpm: 'prefork', processes: 2, threads: 1 } as const;
const call = { ...prefork2, scenario: 'call', source: sources.repliesPolled } as const;
const night = { ...prefork2, scenario: 'night, call' } as const;

/** Sixteen calls at once on two processes of one thread, half a second and more each: the last ones wait for 4 to 7 s. */
const ONE_AFTER_ANOTHER_MS = 10_000;

/** What an RPC call takes, and what becomes of the connection for replies, on several releases of oslo.messaging. */
export const replies: readonly TablePart[] = [
  {
    title: 'an RPC reply costs half a second from oslo.messaging 14.8.0 on',
    rows: [
      {
        ...{ ...call, release: 'trixie' },
        answersMs: { call: { atLeast: 500 } },
        why: '16.1.0 looks for the reply at once, and then each half second; it comes a moment after the first look',
      },
      {
        ...{ ...call, release: 'trixie', heartbeatThread: 'native' },
        answersMs: { call: { atLeast: 500 } },
        why: 'the heartbeat’s thread changes nothing about that',
      },
      {
        ...{ ...call, release: 'bookworm' },
        answersMs: { call: { below: 200 } },
        why: '14.0.3 waits for the reply itself',
      },
      {
        ...{ ...call, release: 'bookworm', heartbeatThread: 'native' },
        answersMs: { call: { below: 200 } },
        why: 'in a native thread as well',
      },
    ],
  },
  {
    title: 'the calls of a tool that reported timeouts',
    rows: [
      {
        ...{ server: 'uwsgi', processes: 2, threads: 1, scenario: 'call' },
        ...{ heartbeatThread: 'native', heartbeatRate: 3 },
        why: 'genestack’s nova-api up to July 2026: as long as its broker is there, each call is answered',
        source: sources.timeoutsWithNativeHeartbeat,
      },
    ],
  },
  {
    title: 'at night, with a connection for replies',
    rows: [
      {
        ...night,
        expected: ['reproduced', 'dropped'],
        why: 'a green heartbeat: nobody beats while nobody asks, on neither connection',
        source: sources.hubs,
      },
      {
        ...{ ...night, heartbeatThread: 'native' },
        expected: 'clean',
        otherwiseBelowMs: ONE_AFTER_ANOTHER_MS,
        why: 'with the option the wait for replies is a native thread’s as well, and beats',
        source: sources.repliesBeat,
      },
      {
        ...{ ...night, concurrency: 'threads' },
        expected: 'clean',
        otherwiseBelowMs: ONE_AFTER_ANOTHER_MS,
        why: 'not patched: both beat',
        source: sources.nativeHeartbeat,
      },
      {
        ...{ ...night, heartbeatThread: 'native', release: 'bookworm' },
        expected: 'clean',
        why: '14.0.3 has that too',
        source: sources.repliesBeat,
      },
      {
        ...{ ...night, heartbeatThread: 'native', release: 'bullseye' },
        expected: ['dropped', 'reproduced'],
        why: '12.5.2 has it not: the option saves the connection that publishes, and the one for replies dies',
        source: sources.repliesBeat,
      },
    ],
  },
];
