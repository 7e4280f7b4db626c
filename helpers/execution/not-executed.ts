import { PartError } from '../config/parts.ts';
import { EngineError } from '../engine/engine.ts';
import { UnreadableError } from '../evidence/unreadable.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Doubt } from '../verdict/causes.ts';

/**
 * Why a row could not be executed, if a real part failed: it did not start or answer, the engine or the system refused
 * something, or an instrument's output is not understood.
 *
 * @throws any other error: it is the suite's own and ends the test.
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
  // The engine's API answers with a status, amqplib with AMQP's reply code, the system with a call that failed.
  return statusCode !== undefined || typeof code === 'number' || syscall !== undefined;
}
