import { expect, test } from 'vitest';
import { Memo } from '../../helpers/engine/memo.ts';

/** Work that counts how often it was done, and fails this many times at first. */
function counted(failures = 0): { done: () => number; work: () => Promise<number> } {
  let done = 0;
  const work = async () => {
    if (++done <= failures) throw new Error(`no ${done}`);
    return done;
  };
  return { done: () => done, work };
}

test('work is done once for each key, however often it is asked for', async () => {
  const kept = new Memo<string, number>();
  const [one, other] = [counted(), counted()];
  await Promise.all([kept.get('one', one.work), kept.get('one', one.work), kept.get('other', other.work)]);
  expect(await kept.get('one', one.work)).toBe(1);
  expect([one.done(), other.done()]).toEqual([1, 1]);
  expect(await Promise.all(kept.all())).toEqual([1, 1]);
});

test('work that failed fails for everyone who waited, and is done again for the next', async () => {
  const kept = new Memo<string, number>();
  const { done, work } = counted(1);
  const both = await Promise.allSettled([kept.get('one', work), kept.get('one', work)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(done()).toBe(1);
  expect(kept.all()).toEqual([]);
  expect(await kept.get('one', work)).toBe(2);
});

test('forgotten work is done again', async () => {
  const kept = new Memo<string, number>();
  const { work } = counted();
  await kept.get('one', work);
  kept.forget('one');
  expect(await kept.get('one', work)).toBe(2);
});
