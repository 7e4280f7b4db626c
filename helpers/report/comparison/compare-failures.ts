import { grouped } from '../../config/grouped.ts';
import { type Failure, type Results, stateWords } from '../results/results.ts';
import { otherThan, withoutFigures } from './standing.ts';
import { type Change, type Standing, transition } from './transition.ts';

/**
 * Whether the later run came to its end.
 *
 * @param failed whether its command failed; its results must then say why.
 */
export function runChanges(before: Results, after: Results, failed = false): Change[] {
  const subject = 'the run';
  const [was, is] = [before.endedEarly ?? 'whole', after.endedEarly ?? 'whole'];
  if (failed && !saysWhyItFailed(after)) {
    return [{ subject, before: was, after: 'failed, and its results do not say why', direction: 'worse' }];
  }
  const same = { outcome: was === is, expectation: true };
  const direction = transition(endStanding(before), endStanding(after), same);
  return direction === undefined ? [] : [{ subject, before: was, after: is, direction }];
}

function endStanding({ endedEarly }: Results): Standing {
  return endedEarly === undefined ? 'as expected' : 'inconclusive';
}

function saysWhyItFailed({ endedEarly, failures = [], tests }: Results): boolean {
  return (
    endedEarly !== undefined ||
    failures.length > 0 ||
    tests.some(({ state }) => state === 'failed' || state === 'pending')
  );
}

/** What went wrong besides the rows, and did not before. */
export function failureChanges(before: Results, after: Results): Change[] {
  const [was, is] = [failuresOf(before), failuresOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((subject) => {
    const [a = [], b = []] = [was.get(subject), is.get(subject)];
    const reasons = (all: readonly Failure[]) => all.flatMap(({ errors }) => errors.map(withoutFigures));
    const news = otherThan(reasons(a), reasons(b));
    const same = { outcome: news.length === 0, expectation: true };
    const direction = transition(failureStanding(a), failureStanding(b), same);
    return direction === undefined
      ? []
      : [{ subject, before: failureWords(a), after: failureWords(b), direction }];
  });
}

/** By test; a run may have several unhandled errors. */
function failuresOf({ failures = [] }: Results): Map<string, Failure[]> {
  return grouped(failures, ({ name }) => name);
}

function failureStanding(failures: readonly Failure[]): Standing {
  if (failures.length === 0) return 'as expected';
  // Nothing is known of a test that was not decided (`pending`), or whose file or hook failed (`error`).
  return failures.some(({ state }) => state !== 'failed') ? 'inconclusive' : 'wrong';
}

function failureWords([first]: readonly Failure[]): string {
  if (!first) return 'no failure';
  const [error] = first.errors;
  return error === undefined ? stateWords(first) : `${stateWords(first)}: ${error}`;
}
