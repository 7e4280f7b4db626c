import { PartError } from '../config/parts.ts';
import { EngineError } from '../engine/engine.ts';
import { UnreadableError } from '../evidence/unreadable.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Doubt } from '../verdict/causes.ts';

/**
 * Why a row could not be executed, if the reason is outside the suite. Something did not start or answer, the engine or
 * the system refused a request, or an instrument's output is not understood.
 *
 * @throws any other error, because it is a bug of the suite and must fail the test.
 */
export function whyNotExecuted(error: unknown): Doubt {
  if (!isFromOutside(error)) throw error;
  const cause = error instanceof PartError ? 'part unusable' : 'not executed';
  return { cause, reason: `the row could not be executed: ${error.message}` };
}

function isFromOutside(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ([LabError, EngineError, UnreadableError, PartError].some((kind) => error instanceof kind)) return true;
  const { code, statusCode, syscall } = error as NodeJS.ErrnoException & { statusCode?: number };
  // The engine's API sets a status, amqplib sets AMQP's reply code, and the system sets the call that failed.
  return statusCode !== undefined || typeof code === 'number' || syscall !== undefined;
}
