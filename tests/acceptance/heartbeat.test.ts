import { describe } from 'vitest';
import { articleDeployments } from './article-deployments.ts';
import {
  expectAsTold,
  expectLines,
  heartbeatRecord,
  heartbeatRow,
  noRequestOnHeartbeatOwner,
} from './heartbeat-cell.ts';
import { test } from './lab-test.ts';

const { prefork8, event1x25, prefork1, event8x25 } = articleDeployments;

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
  test.for(today.map(heartbeatRow))('%s', async ([, row], { lab, task, annotate }) => {
    const record = await heartbeatRecord(lab, row, { task, annotate });
    expectAsTold(record, task);
    expectLines(record, lines.today);
  });
});

describe.concurrent('a trickle of requests, the heartbeat loop of 2019', () => {
  test.for(loopOf2019.map(heartbeatRow))('%s', async ([, row], { lab, task, annotate }) => {
    const record = await heartbeatRecord(lab, row, { task, annotate });
    expectAsTold(record, task);
    expectLines(record, lines[2019]);
  });
});
