import { describe, inject } from 'vitest';
import { type DeploymentRow, deployment, deploymentName } from '../../helpers/config/deployment.ts';
import { times } from '../../helpers/config/scenario.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { articleDeployments } from './article-deployments.ts';
import { expectAsTold, type HeartbeatRow, heartbeatRecord } from './heartbeat-cell.ts';
import { test } from './lab-test.ts';

const { heartbeatSeconds, trickle } = times[inject('lab').options.times];
const { prefork8, event1x25, prefork1, event8x25 } = articleDeployments;

/** A green heartbeat logs only when a request comes back to the thread that opened the connection. */
const noRequestOnHeartbeatOwner = ({ requests }: Evidence) =>
  requests.onHeartbeatOwner === 0
    ? undefined
    : `${requests.onHeartbeatOwner} requests came back to the very thread that owes the heartbeat; this row needs fewer requests in a process than it has threads`;

const rows = [
  {
    ...prefork8,
    expected: 'reproduced',
    why: 'each child waits in C between its requests, so its heartbeat greenlet is late; the next request wakes it, and it logs',
  },
  {
    ...event1x25,
    expected: 'clean',
    why: 'one process publishes often enough that the broker hears from it, heartbeats or not',
  },
  {
    ...prefork1,
    expected: 'clean',
    why: 'control: with one process prefork publishes as often',
  },
  {
    ...event8x25,
    expected: 'silent',
    why: 'control: eight processes are silent as long as under prefork; the request on another thread meets the dead connection, and the greenlet that would log does not run',
    premise: noRequestOnHeartbeatOwner,
  },
] as const;

function heartbeatRow({
  expected,
  why,
  premise,
  ...row
}: DeploymentRow & Omit<HeartbeatRow, 'deployment'>): [title: string, HeartbeatRow] {
  const it = deployment({ ...row, heartbeatSeconds });
  return [
    `${deploymentName(it)}: ${expected}`,
    { deployment: it, expected, why, ...(premise && { premise }) },
  ];
}

describe('a trickle of requests, today’s oslo.messaging', () => {
  test.concurrent.for(rows.map(heartbeatRow))('%s', async ([, row], { lab, task, annotate }) => {
    expectAsTold(await heartbeatRecord(lab, row, trickle, { task, annotate }));
  });
});
