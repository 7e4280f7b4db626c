import { expect, test } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import { PartError } from '../../helpers/config/parts.ts';
import { EngineError } from '../../helpers/engine/engine.ts';
import { UnreadableError } from '../../helpers/evidence/unreadable.ts';
import { executeOnce, executeRow, isWorthAnotherTry } from '../../helpers/execution/execute-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';
import { planRow } from '../../helpers/rows/row.ts';
import { droppedEvidence, expecting, heartbeatRecord } from './fixtures/row-record.ts';
import { settings } from './fixtures/settings.ts';

const row = planRow(
  {
    id: 'test/prefork-1',
    deployment: { mpm: 'prefork', processes: 1, threads: 1 },
    expect: { verdict: 'clean' },
    why: 'it is a test',
  },
  settings,
);

/** A lab in which the first thing that is asked for fails with this error; it counts the slots that were taken. */
function failing(error: unknown): { readonly lab: Lab; readonly slots: string[] } {
  const taken: string[] = [];
  const virtualHost = () => {
    throw error;
  };
  const take = (slot: string, work: () => Promise<unknown>) => {
    taken.push(slot);
    return work();
  };
  const broker = { log: { lines: [] }, framesRead: 0, virtualHost };
  const description = { options: readOptions({}) };
  const lab = { slots: { take }, broker, description, buildImages: async () => undefined };
  return { lab: lab as unknown as Lab, slots: taken };
}

test.for([
  new LabError('waited 60 s for RabbitMQ'),
  new EngineError('no engine'),
  new UnreadableError('a line that is not known'),
  Object.assign(new Error('(HTTP code 404) no such container'), { statusCode: 404 }),
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
])('a row is not executed if something that it needs fails: %s', async (error) => {
  const { verdict, violations, evidence } = await executeOnce(failing(error).lab, row);
  expect(verdict).toEqual({
    kind: 'inconclusive',
    cause: 'not executed',
    reason: expect.stringContaining(error.message),
  });
  expect(violations).toEqual([expect.stringContaining(error.message)]);
  expect(evidence).toBeUndefined();
});

test.for([
  [
    'a row that was not executed is executed once more, alone',
    new LabError('no broker'),
    'not executed',
    true,
  ],
  [
    'a row whose part is unusable is not executed again, because it would fail again',
    new PartError('no folder'),
    'part unusable',
    false,
  ],
] as const)('%s', async ([, error, cause, again]) => {
  const { lab, slots } = failing(error);
  const { verdict, earlier } = await executeRow(lab, row);
  expect(verdict).toMatchObject({ cause });
  expect(slots.filter((slot) => slot === 'shared' || slot === 'alone')).toEqual(
    again ? ['shared', 'alone'] : ['shared'],
  );
  expect(earlier).toMatchObject(again ? [{ verdict: { cause }, findings: [] }] : []);
});

test('a record has what the row says, but neither its preconditions nor the log lines it allows', async () => {
  const record = await executeOnce(failing(new LabError('no broker')).lab, row);
  const { id, deployment, traffic, expect: expected, why } = row;
  expect(record).toMatchObject({ kind: 'row', id, deployment, traffic, expect: expected, why });
  expect(record).not.toHaveProperty('preconditions');
  expect(record).not.toHaveProperty('allowedErrors');
});

test.for([
  new TypeError('x is not a function'),
  new RangeError('invalid'),
  new Error('anything else'),
])('an error of the suite’s own code ends the test: %s', async (error) => {
  await expect(executeOnce(failing(error).lab, row)).rejects.toBe(error);
});

test.for([
  ['clean', false],
  ['dropped', true],
] as const)('a row that expects %s and has drops, and a process that no longer logs, is executed again: %s', ([
  kind,
  again,
]) => {
  const record = heartbeatRecord(
    {},
    {
      expect: expecting(kind),
      verdict: { kind: 'inconclusive', cause: 'logger not proven', reason: 'why' },
      evidence: droppedEvidence,
    },
  );
  expect(isWorthAnotherTry(record)).toBe(again);
});
