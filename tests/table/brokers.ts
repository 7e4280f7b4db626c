import type { TablePart } from '../../helpers/verdict/row.ts';
import { articleDeployments } from './article-deployments.ts';
import { sources } from './sources.ts';

const { prefork8 } = articleDeployments;

/** The article's server with the RabbitMQ of another Debian release: 3.8 and 3.10; the others have 4.0. */
export const brokers: readonly TablePart[] = [
  {
    title: 'an older broker',
    rows: (['bullseye', 'bookworm'] as const).map((broker) => ({
      ...prefork8,
      broker,
      expected: 'reproduced',
      slowed: 'none',
      why: 'each release of RabbitMQ closes a connection that is silent for two to three heartbeats',
      source: sources.brokerHeartbeats,
    })),
  },
];
