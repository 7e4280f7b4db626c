import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Slots } from '../../helpers/lab/slots.ts';
import { dealSlots, SlotsOfRun } from '../../helpers/lab/slots-of-run.ts';

/** A run's slots as its workers see them. */
function run() {
  const runId = randomUUID();
  const dealing = dealSlots(runId, new Slots());
  const workers = [new SlotsOfRun(runId), new SlotsOfRun(runId)] as const;
  onTestFinished(() => {
    for (const slots of [dealing, ...workers]) slots[Symbol.dispose]();
  });
  const steps: string[] = [];
  const work = (name: string, ms: number) => async () => {
    steps.push(`${name} begins`);
    await sleep(ms);
    steps.push(`${name} ends`);
  };
  return { workers, steps, work };
}

test('a cell warms up while the next one starts, but the first cell of a run is alone until it has warmed up', async () => {
  const { workers, steps, work } = run();
  const [{ take }] = workers;
  const cell = (name: string) =>
    take('start', async () => {
      await take('container', work(`start of ${name}`, 10));
      await take('warm-up', work(`warm-up of ${name}`, 50));
    });
  await Promise.all([cell('a'), cell('b'), cell('c')]);
  expect(steps.filter((step) => step.endsWith('ends'))).toEqual([
    ...['start of a ends', 'warm-up of a ends'],
    ...['start of b ends', 'start of c ends', 'warm-up of b ends', 'warm-up of c ends'],
  ]);
});

test('work that must be alone waits until nothing else runs, later work waits for it, and the last is last', async () => {
  const { workers, steps, work } = run();
  const [here, there] = workers;
  await Promise.all([
    here.take('shared', work('a', 20)),
    there.take('last', work('last', 5)),
    here.take('alone', work('alone', 20)),
    sleep(30).then(() => there.take('shared', work('b', 5))),
  ]);
  expect(steps).toEqual(['a', 'alone', 'b', 'last'].flatMap((turn) => [`${turn} begins`, `${turn} ends`]));
});

test('work that fails gives its slot back', async () => {
  const [{ take }] = run().workers;
  await expect(take('alone', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(take('alone', async () => 'next')).resolves.toBe('next');
});

test('a worker that ends gives back the slots that it holds and those that it waits for', async () => {
  const [gone, there] = run().workers;
  const never = () => new Promise<never>(() => undefined);
  await new Promise<void>((begun) => {
    void gone.take('alone', () => {
      begun();
      return never();
    });
  });
  void gone.take('alone', never);
  gone[Symbol.dispose]();
  await expect(there.take('alone', async () => 'next')).resolves.toBe('next');
});

test('images are built one at a time, beside cells that share the machine', async () => {
  const { workers, steps, work } = run();
  const [here, there] = workers;
  await Promise.all([
    here.take('shared', work('a cell', 60)),
    here.take('image of trixie', work('image 1', 20)),
    there.take('image of bookworm', work('image 2', 5)),
  ]);
  expect(steps.filter((step) => step.startsWith('image'))).toEqual(
    ['image 1', 'image 2'].flatMap((turn) => [`${turn} begins`, `${turn} ends`]),
  );
  expect(steps.at(-1)).toBe('a cell ends');
});

test('a cell with the slot `rows only` waits for all expected images, and later images wait for it', async () => {
  const slots = new Slots();
  const steps: string[] = [];
  const work = async (turn: Parameters<Slots['take']>[0], name: string) => {
    const end = await slots.take(turn);
    steps.push(`${name} begins`);
    await sleep(10);
    steps.push(`${name} ends`);
    end();
  };
  const all = slots.expectImages();
  const cell = work('rows only', 'a cell');
  await work('image of trixie', 'image 1');
  await work('image of trixie', 'image 2');
  const late = sleep(0).then(() => work('image of trixie', 'image 3'));
  all[Symbol.dispose]();
  await Promise.all([cell, late]);
  expect(steps).toEqual(
    ['image 1', 'image 2', 'a cell', 'image 3'].flatMap((turn) => [`${turn} begins`, `${turn} ends`]),
  );
});

test('a cell that must be alone goes between two images', async () => {
  const { workers, steps, work } = run();
  const [here, there] = workers;
  await Promise.all([
    here.take('image of trixie', work('image 1', 20)),
    there.take('image of trixie', work('image 2', 5)),
    here.take('alone', work('alone', 20)),
  ]);
  expect(steps).toEqual(
    ['image 1', 'alone', 'image 2'].flatMap((turn) => [`${turn} begins`, `${turn} ends`]),
  );
});

test('while no cell runs, two images of different releases are built at once', async () => {
  const { workers, steps, work } = run();
  const [here, there] = workers;
  await Promise.all([
    here.take('image of trixie', work('image 1', 30)),
    there.take('image of trixie', work('image 2', 5)),
    there.take('image of bookworm', work('image 3', 5)),
    here.take('image of bullseye', work('image 4', 5)),
  ]);
  expect(steps).toEqual([
    ...['image 1 begins', 'image 3 begins', 'image 3 ends', 'image 4 begins', 'image 4 ends'],
    ...['image 1 ends', 'image 2 begins', 'image 2 ends'],
  ]);
});
