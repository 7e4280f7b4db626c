import type { RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event8x25, native, notPatched, prefork8, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

const pthread = {
  expect: { verdict: 'clean' },
  why: 'heartbeat_in_pthread: a native thread sends heartbeats even without requests',
  source: sources.nativeHeartbeat,
} as const;

/** Changes that keep the heartbeat alive without traffic, on any server. limits.ts has two more rows. */
export const mitigations: readonly RowGroup[] = [
  {
    title: 'what keeps the heartbeat alive',
    rows: [
      { id: 'mitigation/event-8x25-native', deployment: { ...event8x25, ...native }, ...pthread },
      {
        id: 'mitigation/prefork-8-not-patched',
        deployment: { ...prefork8, ...notPatched },
        ...pthread,
        why: 'without patching, the heartbeat thread is native',
      },
      {
        id: 'mitigation/daemon-8x1-native',
        deployment: { ...daemon, processes: 8, threads: 1, ...native },
        ...pthread,
      },
      {
        id: 'mitigation/uwsgi-8x1-native',
        deployment: { ...uwsgi, processes: 8, threads: 1, ...native },
        ...pthread,
      },
    ],
  },
];
