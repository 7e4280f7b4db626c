import { describe, expect, test } from 'vitest';
import { sequentialLooks, spentError } from '../../helpers/verdict/spending.ts';

describe('error is spent', () => {
  test('not at all before the first block, and all of it at the end', () => {
    expect(spentError(0.05, 0)).toBe(0);
    expect(spentError(0.05, 1)).toBeCloseTo(0.05, 10);
  });

  test('late: at a half, as the function’s authors tabulate it', () => {
    // 2 (1 − Φ(1.96 √2)), for 0.05 one-sided
    expect(spentError(0.05, 0.5)).toBeCloseTo(0.00557, 5);
  });
});

describe('the bounds', () => {
  test('are those that are published for five looks at 0.025', () => {
    // ldBounds and gsDesign (R) print 4.8769, 3.3569, 2.6803, 2.2898, 2.0310
    const published = [4.877, 3.357, 2.68, 2.29, 2.031];
    expect(sequentialLooks(0.025, 1, 5).map(({ z }) => Number(z.toFixed(3)))).toEqual(published);
  });

  test('are the usual one for a single look', () => {
    expect(sequentialLooks(0.05, 12, 12)).toEqual([
      {
        blocks: 12,
        spent: expect.closeTo(0.05, 10),
        z: expect.closeTo(1.64485, 5),
        level: expect.closeTo(0.05, 8),
      },
    ]);
  });

  test('get less strict from look to look', () => {
    const levels = sequentialLooks(0.05, 5, 12).map(({ level }) => level);
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    expect(levels.at(-1)).toBeLessThan(0.05);
  });
});
