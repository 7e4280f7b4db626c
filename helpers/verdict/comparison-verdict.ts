import { count } from '../config/count.ts';
import { isSteady } from '../evidence/steady.ts';
import {
  type ExpectedAnswers,
  type Measurement,
  measurementProblem,
  roleNames,
} from '../evidence/throughput-block.ts';
import { type ThroughputEvidence, warmUpRequests } from '../evidence/throughput-evidence.ts';
import { type Role, roles } from '../rows/load.ts';
import type { ThroughputTerms } from '../rows/throughput-terms.ts';
import { serverDifference } from './server-difference.ts';
import { blocksProblem, type ThroughputVerdict, throughputVerdict } from './throughput-verdict.ts';
import { inconclusive } from './verdict.ts';

/** Why a comparison can only end as inconclusive, although it is still running; undefined: it can be judged so far. */
export function comparisonProblem(evidence: ThroughputEvidence): string | undefined {
  return preparationProblem(evidence) ?? blocksProblem(evidence.blocks, expectedAnswers(evidence));
}

/** Judges a comparison that has ended. */
export function comparisonVerdict(evidence: ThroughputEvidence, terms: ThroughputTerms): ThroughputVerdict {
  const reason = preparationProblem(evidence);
  if (reason !== undefined) return inconclusive({ cause: 'throughput not measured', reason });
  return throughputVerdict(evidence.blocks, expectedAnswers(evidence), terms);
}

/** The expected answers: status 200, and the length of the baseline's first answer, whatever the application sends. */
function expectedAnswers({ load, warmUp }: ThroughputEvidence): ExpectedAnswers {
  const first = warmUp.baseline?.[0]?.ab;
  const bytes = first?.kind === 'finished' ? first.document.bytes : 0;
  return { requests: load.requests, concurrency: load.concurrency, bytes, tls: load.tls };
}

/** Why no block of the comparison would count; undefined: they may. */
function preparationProblem(evidence: ThroughputEvidence): string | undefined {
  for (const role of roles) {
    const problem = serverProblem(evidence, role);
    if (problem !== undefined) return `${roleNames[role]}: ${problem}`;
  }
  for (const role of roles) {
    const problem = warmUpProblem(evidence, evidence.warmUp[role] ?? []);
    if (problem !== undefined) return `${roleNames[role]}, during its warm-up: ${problem}`;
  }
  return undefined;
}

function serverProblem({ servers, baseline, candidate }: ThroughputEvidence, role: Role): string | undefined {
  const deployment = role === 'candidate' ? candidate : baseline;
  const server = servers[role];
  const difference = serverDifference(deployment, server);
  if (difference !== undefined) return `the server differs from its deployment: ${difference}`;
  const cpus = (quota: number | undefined) => (quota === undefined ? 'all CPUs' : count(quota, 'CPU'));
  // All three servers must have the baseline's quota.
  return server.cpus === baseline.cpus
    ? undefined
    : `the engine gives it ${cpus(server.cpus)}, expected ${cpus(baseline.cpus)}`;
}

function warmUpProblem(evidence: ThroughputEvidence, runs: readonly Measurement[]): string | undefined {
  const expected = { ...expectedAnswers(evidence), requests: warmUpRequests(evidence) };
  for (const run of runs) {
    const problem = measurementProblem(run, expected);
    if (problem !== undefined) return problem;
  }
  const rates = runs.flatMap(({ ab }) => (ab.kind === 'finished' ? [ab.requestsPerSecond] : []));
  if (isSteady(rates)) return undefined;
  return `its rate did not settle: ${rates.map((rate) => rate.toFixed(0)).join(', ') || 'no'} requests/s`;
}
