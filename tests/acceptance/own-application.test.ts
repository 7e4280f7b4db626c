import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect } from 'vitest';
import { addApplication } from '../../helpers/applications/index.ts';
import { loadApplication } from '../../helpers/applications/own-application.ts';
import { executeRow } from '../../helpers/execution/execute-row.ts';
import { type Row, trafficRow } from '../../helpers/rows/row.ts';
import { times } from '../../helpers/rows/traffic.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { event1x25, event8x25, notPatched, prefork1, prefork8 } from '../table/deployments.ts';
import { emitterOf } from './emit.ts';
import { test } from './lab-test.ts';
import { amqpTraffic, couldNotTell, executePlanted, plantedRow } from './planted-row.ts';
import { type Plant, shellBefore } from './plants.ts';

// The example of docs/your-application.md, in a folder outside this project, as a user has it. It uses kombu, so the suite
// knows it only from its record, its module, the broker and the captured frames.

const folder = mkdtempSync(join(tmpdir(), 'own-application-'));
afterAll(() => rmSync(folder, { recursive: true }));
cpSync(fileURLToPath(new URL('../../docs/example-service', import.meta.url)), folder, { recursive: true });
const own = loadApplication('./order-service.ts', folder);
addApplication(own);

const row = ({ id, deployment, expect }: Pick<Row, 'id' | 'deployment' | 'expect'>) =>
  trafficRow(
    {
      id: `order-service/${id}`,
      deployment: { ...deployment, application: own.name },
      expect,
      why: 'as with oslo.messaging',
    },
    { times: times.compressed },
  );

describe.concurrent('an application without oslo.messaging has the same verdicts as nova', () => {
  const rows = [
    row({ id: 'prefork-8', deployment: prefork8, expect: { verdict: 'reproduced', slowed: 'none' } }),
    row({ id: 'event-1x25', deployment: event1x25, expect: { verdict: 'clean' } }),
    row({
      id: 'event-8x25',
      deployment: event8x25,
      expect: { verdict: 'dropped', slowed: 'some', requests: 'any' },
    }),
    row({
      id: 'prefork-8-not-patched',
      deployment: { ...prefork8, ...notPatched },
      expect: { verdict: 'clean' },
    }),
  ];
  test.for(rows.map((each) => [each.id, each] as const))('%s', async ([, each], { lab, task }) => {
    const { emit, progress, flush } = emitterOf(task);
    const { violations, evidence, verdict } = await executeRow(lab, each, { emit, progress });
    await flush();
    expect(violations, each.why).toEqual([]);
    // The broker's log names the processes whose connections it dropped.
    const drops = evidence?.brokerDrops ?? [];
    expect(drops.length > 0).toBe(verdict.kind !== 'clean');
    for (const { pid, lines } of drops) {
      expect(pid).toBeGreaterThan(0);
      expect(lines.join(' ')).toMatch(/order-service:\d+.*missed heartbeats from client, timeout: 1s/);
    }
  });
});

const MODULE = '/usr/lib/python3/dist-packages/order_service.py';
const edited = (expression: string): Plant => shellBefore(`sed -i '${expression}' ${MODULE}`);

/** A mistake in the module, the cause that it leads to, and the facts that the verdict's reason must name. */
const mistakes: readonly [title: string, plant: Plant, cause: Cause, ...facts: (string | RegExp)[]][] = [
  [
    'its connections have no name',
    edited('s/, "client_properties": {.*}}/}/'),
    'blind instrument',
    'a connection named “”',
    'process id',
  ],
  [
    'it does not report its connections',
    edited('s/^def connections/def others/'),
    'heartbeat not confirmed',
    /process \d+/,
    'heartbeat',
  ],
  [
    'it reports a native heartbeat thread',
    edited('s/"green" if/"native" if/'),
    'another server',
    /heartbeat thread native, expected green/,
    "usual: { heartbeatThread: 'native' }",
  ],
  [
    'its heartbeat is longer than configured',
    shellBefore('export ORDERS_HEARTBEAT=2'),
    'another server',
    /heartbeat_timeout_threshold 2, expected 1$/,
  ],
  [
    'its messages do not name the request',
    edited('s/{"request_id": request_id}/{}/'),
    'blind instrument',
    'message sink',
    /\d+ /,
    'the request',
  ],
  [
    'its log has another form',
    edited('s/%(levelname)s %(name)s/%(name)s %(levelname)s/'),
    'not executed',
    'logEntry',
    'orders.broker INFO: marker ',
  ],
];

describe.concurrent('a mistake in its module is named', () => {
  const planted = plantedRow({ ...prefork1, application: own.name }, { traffic: amqpTraffic(4, 500) });
  test.for(mistakes)('%s', async ([, plant, cause, ...facts], { lab }) => {
    const { verdict } = await executePlanted(lab, planted, plant);
    expect(verdict).toEqual(couldNotTell(cause, ...facts));
  });
});
