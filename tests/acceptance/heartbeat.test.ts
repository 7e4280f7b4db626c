import { describe, inject } from 'vitest';
import { type DeploymentRow, deployment, deploymentName } from '../../helpers/config/deployment.ts';
import { times } from '../../helpers/config/scenario.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { articleDeployments } from './article-deployments.ts';
import { expectAsTold, expectLines, type HeartbeatRow, heartbeatRecord } from './heartbeat-cell.ts';
import { test } from './lab-test.ts';

const { heartbeatSeconds, trickle } = times[inject('lab').options.times];
const { prefork8, event1x25, prefork1, event8x25 } = articleDeployments;

/**
 * A green heartbeat logs only when a request comes back to the thread that opened the connection.
 * Where there are several threads that is a matter of luck: then the run says nothing of this row.
 */
const noRequestOnHeartbeatOwner = ({ requests, server }: Evidence) =>
  requests.onHeartbeatOwner === 0 || server.report?.threads === 1
    ? undefined
    : `${requests.onHeartbeatOwner} requests came back to the very thread that owes the heartbeat; this row needs fewer requests in a process than it has threads`;

const today = [
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

/** The same four with the heartbeat loop of 2019: oslo.messaging 9.5.0’s, transplanted onto the installed release. */
const loopOf2019 = today.map((row) => ({ ...row, messaging: '2019' as const }));

const lines = {
  // current releases name no heartbeat at all: whoever greps for the line of 2019 finds a cure that is none
  today:
    /INFO oslo\.messaging\._drivers\.impl_rabbit \[-\] A recoverable connection\/channel error occurred, trying to reconnect: /,
  // sic
  2019: /WARNING oslo\.messaging\._drivers\.impl_rabbit \[-\] Unexpected error during heartbeart thread processing, retrying\.\.\.: /,
};

describe.concurrent('a trickle of requests, today’s oslo.messaging', () => {
  test.for(today.map(titled))('%s', async ([, row], { lab, task, annotate }) => {
    const record = await heartbeatRecord(lab, row, trickle, { task, annotate });
    expectAsTold(record, task);
    expectLines(record, lines.today);
  });
});

describe.concurrent('a trickle of requests, the heartbeat loop of 2019', () => {
  test.for(loopOf2019.map(titled))('%s', async ([, row], { lab, task, annotate }) => {
    const record = await heartbeatRecord(lab, row, trickle, { task, annotate });
    expectAsTold(record, task);
    expectLines(record, lines[2019]);
  });
});

function titled({
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
