import { expect, test } from 'vitest';
import { deadRuns } from '../../helpers/lab/removal.ts';

const now = Date.UTC(2026, 0, 1);
const old = now - 60_000;
const network = { runId: 'a', madeAt: old };

test('a run is dead if none of its containers runs', () => {
  expect(deadRuns([network, { runId: 'a', state: 'exited', madeAt: old }], now)).toEqual(['a']);
  expect(deadRuns([network, { runId: 'a', state: 'created', madeAt: old }], now)).toEqual(['a']);
  expect(deadRuns([network], now)).toEqual(['a']);
});

test.for(['running', 'paused', 'restarting'])('a run with a container that is %s is alive', (state) => {
  const ended = { runId: 'a', state: 'exited', madeAt: old };
  expect(deadRuns([network, ended, { runId: 'a', state, madeAt: old }], now)).toEqual([]);
});

test('a run counts as alive if a container was just made, or does not say when', () => {
  expect(deadRuns([{ runId: 'a', madeAt: now - 5000 }], now)).toEqual([]);
  expect(deadRuns([{ runId: 'a', madeAt: Number.NaN }], now)).toEqual([]);
});

test('runs are dead or alive independently of each other', () => {
  const running = { runId: 'b', state: 'running', madeAt: old };
  expect(deadRuns([network, running, { runId: 'c', madeAt: old }], now)).toEqual(['a', 'c']);
});
