import type { RowGroup } from '../../helpers/rows/row.ts';
import { prefork8 } from './deployments.ts';
import { sources } from './sources.ts';

/** The article's server with RabbitMQ 3.8 and 3.10, from other Debian releases. All other rows have 4.0, except one on Debian testing. */
export const brokers: readonly RowGroup[] = [
  {
    title: 'an older broker',
    rows: (['bullseye', 'bookworm'] as const).map((broker) => ({
      id: `broker/${broker}`,
      deployment: { ...prefork8, broker },
      expect: { verdict: 'reproduced', slowed: 'none' },
      why: 'every release of RabbitMQ closes a connection that is silent for two to three heartbeats',
      source: sources.brokerHeartbeats,
    })),
  },
];
