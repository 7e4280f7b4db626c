import { expect, test } from 'vitest';
import { newLines } from '../../helpers/execution/new-lines.ts';

/** A log that has these lines one after another, each this many milliseconds after the one before. */
function growing(lines: readonly string[], everyMs: number): () => Promise<string> {
  const began = performance.now();
  return async () => lines.slice(0, Math.floor((performance.now() - began) / everyMs)).join('');
}
const lines = ['a\n', 'b\n', 'c\n'];

test('a known number of lines is awaited', async () => {
  expect(await newLines(growing(lines, 60), { exactly: 2 })).toMatch(/^a\nb\n/);
});

test('a log is awaited until it stops growing if the number of lines is unknown', async () => {
  expect(await newLines(growing(lines, 60), { atLeast: 0 })).toBe('a\nb\nc\n');
  expect(await newLines(growing(lines, 1000), { atLeast: 1 })).toBe('a\n');
});

test('a line counts as soon as it is complete', async () => {
  expect(await newLines(growing(['a\n', 'b', '\n'], 30), { exactly: 2 })).toBe('a\nb\n');
});

test('waiting for lines that never come ends at the limit', async () => {
  expect(await newLines(async () => 'a\n', { exactly: 2 })).toBe('a\n');
});
