import { expect, test } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import { EngineError } from '../../helpers/engine/engine.ts';
import { UnreadableError } from '../../helpers/evidence/unreadable.ts';
import { playOnce } from '../../helpers/experiment/play-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';
import { rowOf } from '../../helpers/verdict/row.ts';

const row = rowOf({ mpm: 'prefork', processes: 1, threads: 1, expected: 'clean', why: '' }, times.compressed);

/** A lab in which the first thing that is asked for fails like this. */
function failing(error: unknown): Lab {
  const virtualHost = () => {
    throw error;
  };
  return { turns: {}, broker: { log: { lines: [] }, framesRead: 0, virtualHost } } as unknown as Lab;
}

test.for([
  new LabError('waited 60 s for RabbitMQ'),
  new EngineError('no engine'),
  new UnreadableError('a line that is not known'),
  Object.assign(new Error('(HTTP code 404) no such container'), { statusCode: 404 }),
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
])('where a real part fails, the row could not be played: %s', async (error) => {
  expect((await playOnce(failing(error), row)).verdict).toEqual({
    kind: 'inconclusive',
    cause: 'not played',
    reason: `the row could not be played: ${error.message}`,
  });
});

test.for([
  new TypeError('x is not a function'),
  new RangeError('invalid'),
  new Error('anything else'),
])('an error of the suite’s own code ends the test: %s', async (error) => {
  await expect(playOnce(failing(error), row)).rejects.toBe(error);
});
