import type { RowGroup } from '../../helpers/rows/row.ts';
import { native, notPatched, prefork2, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

/** Sixteen calls at once on two processes of one thread, half a second and more each: the last ones wait for 4 to 7 s. */
const ONE_AFTER_ANOTHER_MS = 10_000;

/** What an RPC call takes, and what becomes of the connection for replies, on several releases of oslo.messaging. */
export const replies: readonly RowGroup[] = [
  {
    title: 'an RPC reply costs half a second from oslo.messaging 14.8.0 on',
    rows: [
      {
        id: 'replies/trixie',
        deployment: { ...prefork2, release: 'trixie' },
        traffic: 'call',
        expect: { answersMs: { call: { atLeast: 500 } } },
        why: '16.1.0 looks for the reply at once, and then every half second; the reply arrives a moment after the first look',
        source: sources.repliesPolled,
      },
      {
        id: 'replies/trixie-native',
        deployment: { ...prefork2, release: 'trixie', ...native },
        traffic: 'call',
        expect: { answersMs: { call: { atLeast: 500 } } },
        why: 'the heartbeat’s thread changes nothing about that',
        source: sources.repliesPolled,
      },
      {
        id: 'replies/bookworm',
        deployment: { ...prefork2, release: 'bookworm' },
        traffic: 'call',
        expect: { answersMs: { call: { below: 200 } } },
        why: '14.0.3 waits for the reply itself',
        source: sources.repliesPolled,
      },
      {
        id: 'replies/bookworm-native',
        deployment: { ...prefork2, release: 'bookworm', ...native },
        traffic: 'call',
        expect: { answersMs: { call: { below: 200 } } },
        why: 'in a native thread as well',
        source: sources.repliesPolled,
      },
    ],
  },
  {
    title: 'the calls of a tool that reported timeouts',
    rows: [
      {
        id: 'replies/genestack-2025',
        deployment: { ...uwsgi, processes: 2, threads: 1, ...native, heartbeatRate: 3 },
        traffic: 'call',
        expect: {},
        why: 'genestack’s nova-api up to July 2026: as long as its broker is there, every call is answered',
        source: sources.timeoutsWithNativeHeartbeat,
      },
    ],
  },
  {
    title: 'at night, with a connection for replies',
    rows: [
      {
        id: 'replies/night',
        deployment: prefork2,
        traffic: 'night, call',
        expect: { verdict: ['reproduced', 'dropped'] },
        why: 'a green heartbeat: while no request comes, neither connection gets a heartbeat',
        source: sources.hubs,
      },
      {
        id: 'replies/night-native',
        deployment: { ...prefork2, ...native },
        traffic: 'night, call',
        expect: { verdict: 'clean', otherwiseBelowMs: ONE_AFTER_ANOTHER_MS },
        why: 'with the option, a native thread waits for replies as well, and that connection gets heartbeats too',
        source: sources.repliesBeat,
      },
      {
        id: 'replies/night-not-patched',
        deployment: { ...prefork2, ...notPatched },
        traffic: 'night, call',
        expect: { verdict: 'clean', otherwiseBelowMs: ONE_AFTER_ANOTHER_MS },
        why: 'not patched, both connections get heartbeats',
        source: sources.nativeHeartbeat,
      },
      {
        id: 'replies/night-native-bookworm',
        deployment: { ...prefork2, ...native, release: 'bookworm' },
        traffic: 'night, call',
        expect: { verdict: 'clean' },
        why: '14.0.3 has that too',
        source: sources.repliesBeat,
      },
      {
        id: 'replies/night-native-bullseye',
        deployment: { ...prefork2, ...native, release: 'bullseye' },
        traffic: 'night, call',
        expect: { verdict: ['dropped', 'reproduced'] },
        why: '12.5.2 lacks it: the option saves the connection that publishes, and the one for replies dies',
        source: sources.repliesBeat,
      },
    ],
  },
];
