import { describe, expect, test } from 'vitest';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import { isSteady } from '../../helpers/evidence/steady.ts';
import type { Measurement } from '../../helpers/evidence/throughput-block.ts';
import type { ThroughputEvidence } from '../../helpers/evidence/throughput-evidence.ts';
import { defaultTerms } from '../../helpers/rows/throughput-terms.ts';
import { comparisonProblem, comparisonVerdict } from '../../helpers/verdict/throughput-comparison.ts';
import { abRun } from './fixtures/ab-runs.ts';
import { blocks } from './fixtures/throughput-blocks.ts';
import { evidence, warmingRun } from './fixtures/throughput-evidence.ts';

const clear = evidence(blocks(10, 1.08));
const reasonOf = (it: ThroughputEvidence) => {
  const verdict = comparisonVerdict(it, defaultTerms);
  return verdict.kind === 'inconclusive' ? verdict.reason : verdict.kind;
};
const warmed = (...runs: Measurement[]) =>
  reasonOf({ ...clear, warmUp: { ...clear.warmUp, candidate: runs } });
const atRate = (requestsPerSecond: number): Measurement => ({
  ...warmingRun,
  ab: { ...warmingRun.ab, requestsPerSecond },
});

test('blocks decide if the servers are as described', () => {
  expect(reasonOf(clear)).toBe('within');
  expect(comparisonProblem(clear)).toBeUndefined();
});

describe('no block is measured or counts', () => {
  const { servers } = clear;
  test.for<[string, Partial<ThroughputEvidence['servers']>, string]>([
    [
      'if the candidate runs the baseline’s MPM',
      { candidate: { ...servers.candidate, modules: ['mpm_prefork_module'] } },
      'candidate: the server differs from its deployment: apachectl -M lists mpm_prefork_module, expected mpm_event_module',
    ],
    [
      'if a process never answered',
      { baseline: { ...servers.baseline, processes: servers.baseline.processes.slice(1) } },
      'baseline: the server differs from its deployment: processes that answered 7, expected 8',
    ],
    [
      'if one server has more CPUs',
      { baselineAgain: { ...servers.baselineAgain, cpus: 2 } },
      'baseline again: the engine gives it 2 CPUs, expected 1 CPU',
    ],
    [
      'if one server has no quota',
      { candidate: { ...servers.candidate, cpus: undefined } },
      'candidate: the engine gives it all CPUs, expected 1 CPU',
    ],
  ])('%s', ([, changed, reason]) => {
    const it = { ...clear, servers: { ...servers, ...changed } };
    expect(reasonOf(it)).toBe(reason);
    expect(comparisonProblem(it)).toBe(reason);
  });

  test('if a server hung while it was warmed up', () => {
    const hung = { startedAt: 0, ab: parseAbOutput(abRun('stuck', 119)), answers: [] };
    expect(warmed(hung)).toBe(
      'candidate, during its warm-up: stuck after 37 of 500 requests: apr_pollset_poll: The timeout specified has expired (70007)',
    );
  });

  test('if its answers are not the baseline’s', () => {
    const shorter = { ...warmingRun, answers: [{ status: 200, bytes: 12, count: 500 }] };
    expect(warmed(shorter)).toBe(
      'candidate, during its warm-up: 500 answers were 200 with 12 bytes, expected 200 with 405',
    );
  });

  test('if its rate still changes, or it was never warmed up', () => {
    expect(warmed(atRate(300), atRate(400), atRate(500))).toBe(
      'candidate, during its warm-up: its rate did not settle: 300, 400, 500 requests/s',
    );
    expect(warmed(atRate(500), atRate(400), atRate(300))).toBe(
      'candidate, during its warm-up: its rate did not settle: 500, 400, 300 requests/s',
    );
    expect(warmed()).toBe('candidate, during its warm-up: its rate did not settle: no requests/s');
  });
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
