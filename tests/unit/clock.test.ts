import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { ContainersClock } from '../../helpers/lab/clock.ts';

const AHEAD_MS = 7_200_000;
const there = () => performance.timeOrigin + performance.now() + AHEAD_MS;

test('the reading with the shortest round trip counts', async () => {
  const slow = async () => {
    await sleep(100);
    return there() - 10_000;
  };
  const answers = [slow, async () => there()];
  const { aheadMs, uncertaintyMs } = await new ContainersClock(() => (answers.shift() ?? slow)()).read();
  expect(uncertaintyMs).toBeLessThan(50);
  expect(Math.abs(aheadMs - AHEAD_MS)).toBeLessThanOrEqual(uncertaintyMs + 1);
});

test('the time is that of the containers, even if this machine’s clock is set later', async ({
  onTestFinished,
}) => {
  const clock = new ContainersClock(async () => there());
  await clock.adjust();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(Math.abs(clock.now() - there())).toBeLessThan(10);
});
