import { PartError } from '../config/parts.ts';
import { EngineError } from '../engine/engine.ts';
import { UnreadableError } from '../evidence/unreadable.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Doubt } from '../verdict/causes.ts';
import type { ReportProgress } from './progress.ts';
import type { Tell } from './warm-server.ts';

interface Verdict {
  readonly kind: string;
  readonly reason?: string;
}

/**
 * Plays a cell beside others at first, and once again, alone, where that is worth it. The two tries of one cell tell
 * the reporters of it alike.
 *
 * @param play given the record of the first try, where it is the second: what that found against the row still counts.
 */
export async function inTwoTries<R extends { readonly verdict: Verdict }>(
  lab: Lab,
  play: (first?: R) => Promise<R>,
  isWorthAnother: (first: R) => boolean,
  { tell = () => undefined, progress = () => undefined }: { tell?: Tell; progress?: ReportProgress },
): Promise<R> {
  const first = await lab.turns.take('beside others', () => play());
  const record = isWorthAnother(first) ? await again(first) : first;
  tell('verdict', record.verdict.kind);
  if (record.verdict.kind === 'inconclusive') tell('reason', record.verdict.reason ?? '');
  return record;

  function again(first: R): Promise<R> {
    const { verdict } = first;
    if (verdict.kind === 'inconclusive')
      tell('again', `inconclusive, so once more, alone: ${verdict.reason}`);
    progress({ step: 'waits until it is alone' });
    return lab.turns.take('alone', () => play(first));
  }
}

/**
 * Why a row could not be played, where it was a real part that failed: it did not start or answer, the engine or the
 * system refused something, or what an instrument says is not understood.
 *
 * @throws any other error: it is the suite's own and ends the test.
 */
export function whyNotPlayed(error: unknown): Doubt {
  if (!isFromOutside(error)) throw error;
  const cause = error instanceof PartError ? 'part unusable' : 'not played';
  return { cause, reason: `the row could not be played: ${error.message}` };
}

function isFromOutside(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ([LabError, EngineError, UnreadableError, PartError].some((kind) => error instanceof kind)) return true;
  const { code, statusCode, syscall } = error as NodeJS.ErrnoException & { statusCode?: number };
  // The engine's API answers with a status, amqplib with AMQP's reply code, the system with a call that failed.
  return statusCode !== undefined || typeof code === 'number' || syscall !== undefined;
}
