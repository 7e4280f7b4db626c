import { expect, test } from 'vitest';
import { deadRuns } from '../../helpers/lab/removal.ts';

const now = Date.UTC(2026, 0, 1);
const old = now - 60_000;
const network = { runId: 'a', madeAt: old };

const container = (state: string, runId = 'a') => ({ runId, state, madeAt: old });

test.for<[string, Parameters<typeof deadRuns>[0], string[]]>([
  ['dead if its containers have ended', [network, container('exited')], ['a']],
  ['dead if its containers never began', [network, container('created')], ['a']],
  ['dead if it has no container', [network], ['a']],
  ['alive if a container runs', [network, container('exited'), container('running')], []],
  ['alive if a container is paused', [network, container('exited'), container('paused')], []],
  ['alive if a container restarts', [network, container('exited'), container('restarting')], []],
  ['alive if something was just made', [{ runId: 'a', madeAt: now - 5000 }], []],
  ['alive if something does not say when it was made', [{ runId: 'a', madeAt: Number.NaN }], []],
  [
    'dead or alive independently of others',
    [network, container('running', 'b'), { runId: 'c', madeAt: old }],
    ['a', 'c'],
  ],
])('a run is %s', ([, found, dead]) => {
  expect(deadRuns(found, now)).toEqual(dead);
});
