import type { RowGroup } from '../../helpers/rows/row.ts';
import { native, notPatched, prefork2, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

/** Sixteen calls at once, half a second or more each, on two processes of one thread: the last calls take 4 to 7 s. */
const ONE_AFTER_ANOTHER_MS = 10_000;

/** How long an RPC call takes, and whether the connection for replies survives, on several releases of oslo.messaging. */
export const replies: readonly RowGroup[] = [
  {
    title: 'an RPC reply costs half a second from oslo.messaging 14.8.0 on',
    rows: [
      {
        id: 'replies/trixie',
        deployment: { ...prefork2, release: 'trixie' },
        traffic: 'call',
        expect: { answersMs: { call: { atLeast: 500 } } },
        why: 'oslo.messaging 16.1.0 looks for the reply at once, and then every half second; the reply arrives just after the first look',
        source: sources.repliesPolled,
      },
      {
        id: 'replies/trixie-native',
        deployment: { ...prefork2, release: 'trixie', ...native },
        traffic: 'call',
        expect: { answersMs: { call: { atLeast: 500 } } },
        why: 'a native heartbeat does not change that',
        source: sources.repliesPolled,
      },
      {
        id: 'replies/bookworm',
        deployment: { ...prefork2, release: 'bookworm' },
        traffic: 'call',
        expect: { answersMs: { call: { below: 200 } } },
        why: 'oslo.messaging 14.0.3 waits for the reply without polling',
        source: sources.repliesPolled,
      },
      {
        id: 'replies/bookworm-native',
        deployment: { ...prefork2, release: 'bookworm', ...native },
        traffic: 'call',
        expect: { answersMs: { call: { below: 200 } } },
        why: 'a native heartbeat does not change that',
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
        why: 'genestack’s nova-api up to its release 2026.2.0: every call is answered while the broker is available',
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
        why: 'with a green heartbeat, neither connection gets a heartbeat while there are no requests',
        source: sources.hubs,
      },
      {
        id: 'replies/night-native',
        deployment: { ...prefork2, ...native },
        traffic: 'night, call',
        expect: { verdict: 'clean', otherwiseBelowMs: ONE_AFTER_ANOTHER_MS },
        why: 'with heartbeat_in_pthread, a native thread also waits for replies, so that connection gets heartbeats too',
        source: sources.repliesBeat,
      },
      {
        id: 'replies/night-not-patched',
        deployment: { ...prefork2, ...notPatched },
        traffic: 'night, call',
        expect: { verdict: 'clean', otherwiseBelowMs: ONE_AFTER_ANOTHER_MS },
        why: 'without patching, both connections get heartbeats',
        source: sources.nativeHeartbeat,
      },
      {
        id: 'replies/night-native-bookworm',
        deployment: { ...prefork2, ...native, release: 'bookworm' },
        traffic: 'night, call',
        expect: { verdict: 'clean' },
        why: 'oslo.messaging 14.0.3 also sends heartbeats on the connection for replies',
        source: sources.repliesBeat,
      },
      {
        id: 'replies/night-native-bullseye',
        deployment: { ...prefork2, ...native, release: 'bullseye' },
        traffic: 'night, call',
        expect: { verdict: ['dropped', 'reproduced'] },
        why: 'in oslo.messaging 12.5.2, the option saves only the connection that publishes; the connection for replies is dropped',
        source: sources.repliesBeat,
      },
    ],
  },
];
