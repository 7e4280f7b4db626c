import type { Expectation } from '../rows/expectation.ts';
import type { PreconditionName } from '../rows/precondition.ts';
import { type Cause, causes, firstDoubt } from './causes.ts';
import { heartbeatVerdict } from './heartbeat-verdict.ts';
import { unmetPrecondition } from './preconditions.ts';
import { recoveryVerdict } from './recovery-verdict.ts';
import { type Checked, invalidRun } from './validity.ts';
import { inconclusive, type Verdict } from './verdict.ts';
import { affects, isWrong, slowRequests } from './violations.ts';

/**
 * Judges a run under traffic. Preconditions are checked whether or not the verdict is expected, unless the run is
 * invalid, or could not be judged for a reason that is final ({@link isFinal}).
 */
export function judge(
  checked: Checked,
  { expect, preconditions }: { expect: Expectation; preconditions: readonly PreconditionName[] },
): Verdict {
  const invalid = invalidRun(checked);
  if (invalid) return inconclusive(invalid);
  const { fault, evidence, application } = checked;
  const verdict = fault ? recoveryVerdict({ ...checked, fault }) : heartbeatVerdict(checked);
  if (verdict.kind === 'inconclusive' && isFinal(expect, verdict.cause)) return verdict;
  // A doubt about slow requests would have a row with a wrong verdict executed again, until it is as expected.
  const doubt = firstDoubt(
    () => unmetPrecondition(preconditions, evidence, application),
    () => (isWrong(verdict, expect) ? undefined : slowRequests(expect, evidence)),
  );
  return doubt ? inconclusive(doubt) : verdict;
}

/** Whether no other doubt may take the place of this one: it would have the row executed again, or affect less. */
function isFinal(expect: Expectation, cause: Cause): boolean {
  const { of, again } = causes[cause];
  return of === 'run' || (!again && affects(expect, cause));
}
