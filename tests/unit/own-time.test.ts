import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withinOwnTime } from '../../helpers/execution/own-time.ts';
import type { TakeSlot } from '../../helpers/execution/started-deployment.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';

const QUEUE_MS = 200;
const busySlot: TakeSlot = async (_part, work) => {
  await sleep(QUEUE_MS);
  return work();
};

test('waiting for a slot does not count, however long', async () => {
  const work = (takeSlot: TakeSlot) =>
    takeSlot('start', () =>
      Promise.all([takeSlot('container', async () => 'served'), takeSlot('warm-up', async () => 'warm')]),
    );
  await expect(withinOwnTime(QUEUE_MS / 2, busySlot, work)).resolves.toEqual(['served', 'warm']);
});

test('own work that exceeds the limit fails with an error that names the limit, also after a wait', async () => {
  const late = withinOwnTime(50, busySlot, (takeSlot) =>
    takeSlot('start', () => sleep(10_000, undefined, { ref: false })),
  );
  await expect(late).rejects.toThrow(LabError);
  await expect(late).rejects.toThrow('it took more than 0.05 s');
});

test('an error of the work is the work’s', async () => {
  const failing = withinOwnTime(1000, busySlot, async () => {
    throw new Error('planted');
  });
  await expect(failing).rejects.toThrow('planted');
});
