import { expect, test } from 'vitest';
import { isSteady } from '../../helpers/evidence/steady.ts';
import type { Measurement } from '../../helpers/evidence/throughput-block.ts';
import type { ThroughputEvidence } from '../../helpers/evidence/throughput-evidence.ts';
import { defaultTerms } from '../../helpers/rows/throughput-terms.ts';
import { comparisonProblem, comparisonVerdict } from '../../helpers/verdict/comparison-verdict.ts';
import { blocks, stuck } from './fixtures/throughput-blocks.ts';
import { evidence, warmingRun } from './fixtures/throughput-evidence.ts';

const clear = evidence(blocks(10, 1.08));
const { servers } = clear;
const shorter = { ...warmingRun, answers: [{ status: 200, bytes: 12, count: 500 }] };

const serving = (change: Partial<ThroughputEvidence['servers']>): ThroughputEvidence => ({
  ...clear,
  servers: { ...servers, ...change },
});
const warmed = (...candidate: Measurement[]): ThroughputEvidence => ({
  ...clear,
  warmUp: { ...clear.warmUp, candidate },
});
const atRates = (...rates: number[]) =>
  rates.map((requestsPerSecond) => ({ ...warmingRun, ab: { ...warmingRun.ab, requestsPerSecond } }));

test('blocks decide if the servers are as described', () => {
  expect(comparisonVerdict(clear, defaultTerms).kind).toBe('within');
  expect(comparisonProblem(clear)).toBeUndefined();
});

test.for<[string, ThroughputEvidence, RegExp]>([
  [
    'the candidate runs the baseline’s MPM',
    serving({ candidate: { ...servers.candidate, modules: ['mpm_prefork_module'] } }),
    /^candidate: .*mpm_prefork_module, expected mpm_event_module$/,
  ],
  [
    'a process never answered',
    serving({ baseline: { ...servers.baseline, processes: servers.baseline.processes.slice(1) } }),
    /^baseline: .* 7, expected 8$/,
  ],
  [
    'one server has more CPUs',
    serving({ baselineAgain: { ...servers.baselineAgain, cpus: 2 } }),
    /^baseline again: .*2 CPUs, expected 1 CPU$/,
  ],
  [
    'one server has no quota',
    serving({ candidate: { ...servers.candidate, cpus: undefined } }),
    /^candidate: .*all CPUs, expected 1 CPU$/,
  ],
  ['a server stuck while it was warmed', warmed(stuck), /^candidate, .*stuck after 37 of 500 requests: /],
  ['its answers are not the baseline’s', warmed(shorter), /^candidate, .* 200 with 12 bytes, .* 405$/],
  ['its rate rises', warmed(...atRates(300, 400, 500)), /^candidate, .*: 300, 400, 500 /],
  ['its rate falls', warmed(...atRates(500, 400, 300)), /^candidate, .*: 500, 400, 300 /],
  ['it was never warmed', warmed(), /^candidate, .*: no requests/],
])('no block is measured or counts if %s', ([, evidence, fact]) => {
  const verdict = comparisonVerdict(evidence, defaultTerms);
  expect(verdict).toMatchObject({ kind: 'inconclusive', reason: expect.stringMatching(fact) });
  expect(comparisonProblem(evidence)).toMatch(fact);
});

test.for([
  [[], false],
  [[400], false],
  [[400, 450], false],
  [[400, 450, 460], true],
  [[400, 300], false],
  [[400, 300, 320], true],
  [[400, 350, 300], false],
] as const)('rates %o are steady: %s', ([rates, steady]) => {
  expect(isSteady(rates)).toBe(steady);
});
