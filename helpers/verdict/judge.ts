import type { Expectation } from '../rows/expectation.ts';
import type { PreconditionName } from '../rows/precondition.ts';
import { causes, firstDoubt } from './causes.ts';
import { heartbeatVerdict } from './heartbeat-verdict.ts';
import { unmetPrecondition } from './preconditions.ts';
import { recoveryVerdict } from './recovery-verdict.ts';
import { type Checked, invalidRun } from './validity.ts';
import { inconclusive, type Verdict } from './verdict.ts';
import { slowRequests } from './violations.ts';

/**
 * Judges a run under traffic. Preconditions are checked for every verdict, expected or not, unless the run is invalid
 * anyway.
 */
export function judge(
  checked: Checked,
  { expect, preconditions }: { expect: Expectation; preconditions: readonly PreconditionName[] },
): Verdict {
  const invalid = invalidRun(checked);
  if (invalid) return inconclusive(invalid);
  const { fault, evidence, application } = checked;
  const verdict = fault ? recoveryVerdict({ ...checked, fault }) : heartbeatVerdict(checked);
  if (verdict.kind === 'inconclusive' && causes[verdict.cause].of === 'run') return verdict;
  const doubt = firstDoubt(
    () => unmetPrecondition(preconditions, evidence, application),
    () => slowRequests(expect, evidence),
  );
  return doubt ? inconclusive(doubt) : verdict;
}
