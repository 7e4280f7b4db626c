import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LabError } from '../../helpers/lab/lab-error.ts';
import { until, within } from '../../helpers/lab/until.ts';

const never = new Promise<never>(() => undefined);

test('waiting for a condition that does not settle ends at the limit', async () => {
  const began = performance.now();
  await expect(until('an answer', 200, () => never)).rejects.toThrow(
    new LabError('waited 0.2 s for an answer'),
  );
  expect(performance.now() - began).toBeLessThan(5000);
});

test('the error has the last error of the condition', async () => {
  const refuses = () => {
    throw new Error('refused');
  };
  await expect(until('an answer', 100, refuses)).rejects.toThrow('waited 0.1 s for an answer (refused)');
});

test('a condition is asked until it gives a value', async () => {
  let asked = 0;
  expect(await until('the third', 5000, async () => (++asked === 3 ? asked : undefined))).toBe(3);
});

test('work that takes too long is an error that says what was awaited', async () => {
  await expect(within('an answer', 100, never)).rejects.toThrow(new LabError('waited 0.1 s for an answer'));
});

test('work within its limit gives its own value or its own error', async () => {
  expect(await within('an answer', 5000, sleep(1, 'answer'))).toBe('answer');
  await expect(within('an answer', 5000, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
