import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect } from 'vitest';
import { addApplication } from '../../helpers/applications/index.ts';
import { times } from '../../helpers/config/scenario.ts';
import { deploymentName } from '../../helpers/deployment/deployment.ts';
import { loadApplication } from '../../helpers/engine/own-application.ts';
import { playOnce, playRow } from '../../helpers/experiment/play-row.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { objections } from '../../helpers/verdict/expectation.ts';
import { rowOf, type TableRow } from '../../helpers/verdict/row.ts';
import { articleDeployments } from '../table/article-deployments.ts';
import { type Plant, shellBefore } from './faults.ts';
import { test } from './lab-test.ts';
import { tellOf } from './tell.ts';

// The example of docs/your-application.md, as a user has it: elsewhere. It speaks AMQP by kombu, so that all that the
// suite knows of it comes from its record, from its module, from the broker and from the wire.

const folder = mkdtempSync(join(tmpdir(), 'own-application-'));
afterAll(() => rmSync(folder, { recursive: true }));
cpSync(fileURLToPath(new URL('../../docs/example-service', import.meta.url)), folder, { recursive: true });
const own = loadApplication('./order-service.ts', folder);
addApplication(own);

const { prefork8, event1x25, prefork1, event8x25 } = articleDeployments;
const row = (it: Omit<TableRow, 'why'>) =>
  rowOf({ ...it, application: own.name, why: 'as with oslo.messaging' }, times.compressed);

describe.concurrent('an application without oslo.messaging loses its connections where nova does', () => {
  const rows = [
    row({ ...prefork8, expected: 'reproduced', slowed: 'none' }),
    row({ ...event1x25, expected: 'clean' }),
    row({ ...event8x25, expected: 'dropped', slowed: 'some', requests: 'reported' }),
    row({ ...prefork8, concurrency: 'threads', expected: 'clean' }),
  ];
  test.for(rows.map((it) => [deploymentName(it.deployment), it] as const))('%s', async ([, it], {
    lab,
    task,
  }) => {
    const { tell, progress, heard } = tellOf(task);
    const record = await playRow(lab, it, { tell, progress });
    await heard();
    expect(objections(record)).toEqual([]);
    // by the broker's own word, and of processes that are known
    const drops = record.evidence?.brokerDrops ?? [];
    expect(drops.length > 0).toBe(record.verdict.kind !== 'clean');
    for (const { pid, lines } of drops) {
      expect(pid).toBeGreaterThan(0);
      expect(lines.join(' ')).toMatch(/order-service:\d+.*missed heartbeats from client, timeout: 1s/);
    }
  });
});

const MODULE = '/usr/lib/python3/dist-packages/order_service.py';
const edited = (expression: string): Plant => shellBefore(`sed -i '${expression}' ${MODULE}`);

/** What is wrong about the module, and what comes of it. */
const faults: readonly [title: string, plant: Plant, cause: Cause, reason: RegExp][] = [
  [
    'its connections have no name',
    edited('s/, "client_properties": {.*}}/}/'),
    'blind instrument',
    /^the application opened a connection named “”, and no process id can be read in that$/,
  ],
  [
    'it says nothing of its connections',
    edited('s/^def connections/def others/'),
    'heartbeat not confirmed',
    /^process \d+ opened an AMQP connection, and did not say what heartbeat it has/,
  ],
  [
    'it says that another thread owes the heartbeat',
    edited('s/"green" if/"native" if/'),
    'another server',
    /: heartbeat thread native, expected green$/,
  ],
  [
    'its heartbeat is longer than it was told',
    shellBefore('export ORDERS_HEARTBEAT=2'),
    'another server',
    /: heartbeat_timeout_threshold 2, expected 1$/,
  ],
  [
    'its messages do not name the request',
    edited('s/{"request_id": request_id}/{}/'),
    'blind instrument',
    /^the conductor could not read the application’s messages: \d+ came, and none names the request/,
  ],
  [
    'its log has another form',
    edited('s/%(levelname)s %(name)s/%(name)s %(levelname)s/'),
    'not played',
    /: the application’s log has not the form that its record says \(logEntry\): .* orders\.broker INFO: marker /,
  ],
];

describe.concurrent('what cannot be known of it is said', () => {
  const lives = row({ ...prefork1, expected: 'clean' });
  const scenario = { ...lives.scenario, phases: [{ route: 'amqp', requests: 4, intervalMs: 500 } as const] };
  test.for(faults)('%s', async ([, plant, cause, reason], { lab }) => {
    const { verdict } = await lab.turns.take('beside others', () =>
      playOnce(lab, { ...lives, scenario }, plant(lab)),
    );
    expect(verdict).toEqual({ kind: 'inconclusive', cause, reason: expect.stringMatching(reason) });
  });
});
