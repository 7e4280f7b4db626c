import type { RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event8x25, native, notPatched, prefork8, uwsgi } from './deployments.ts';
import { keptByPthread, keptWithoutPatching } from './outcomes.ts';

const size = { processes: 8, threads: 1, ...native } as const;

/** Changes that keep the heartbeat alive without traffic, on any server. limits.ts has two more rows. */
export const mitigations: readonly RowGroup[] = [
  {
    title: 'what keeps the heartbeat alive',
    rows: [
      { id: 'mitigation/event-8x25-native', deployment: { ...event8x25, ...native }, ...keptByPthread },
      {
        id: 'mitigation/prefork-8-not-patched',
        deployment: { ...prefork8, ...notPatched },
        ...keptWithoutPatching,
      },
      { id: 'mitigation/daemon-8x1-native', deployment: { ...daemon, ...size }, ...keptByPthread },
      { id: 'mitigation/uwsgi-8x1-native', deployment: { ...uwsgi, ...size }, ...keptByPthread },
    ],
  },
];
