import type { Application } from '../applications/application.ts';
import { OneLineError } from '../config/one-line.ts';
import { type Evidence, type LoggedBy, loggers } from '../evidence/evidence.ts';
import { type Expect, heartbeatVerdicts } from '../rows/expectation.ts';
import { unprovenLogger } from './instruments.ts';
import { countLoggedBy } from './logged-by.ts';
import type { Verdict } from './verdict.ts';

/** A question about a single execution, such as for git bisect. */
export interface Question {
  /** As it was written: `reproduced`, `slowed=some`. */
  readonly words: string;
  /** The expectation of the row that is executed. It decides which doubts make the row inconclusive. */
  readonly expect: Expect;
  /** Whether the answer is known as soon as the verdict is `reproduced`. */
  readonly ofVerdict: boolean;
  /** The signatures that an application's record needs, or the question always has the same answer. */
  readonly needs: readonly ('heartbeatErrors' | 'unreachable')[];
  /** The answer to the question, for an execution that could be judged; undefined: could not tell. */
  isMet(judged: { readonly verdict: Verdict; readonly evidence: Evidence }): boolean | undefined;
}

/** The forms of a question, for help and messages. */
const QUESTIONS = [
  ...heartbeatVerdicts,
  'slowed=some',
  'slowed=none',
  ...loggers.map((logger) => `logged-by=${logger}`),
  'line=PATTERN',
];

/** A question that cannot be read; the message is the one line to show. */
export class QuestionError extends OneLineError {
  override readonly name = 'QuestionError';
}

/**
 * Reads a question.
 *
 * - a verdict: `reproduced`, `dropped`, `clean`;
 * - `slowed=some`, `slowed=none`: whether a reconnect slowed a request;
 * - `logged-by=heartbeat`, `request` or `nobody`: whether more drops count for it than for each of the others. A
 *   drop counts for what logged it first;
 * - `line=PATTERN`: whether a line about a lost connection matches a regular expression.
 *
 * @throws QuestionError with one line.
 */
export function parseQuestion(text: string): Question {
  const verdict = heartbeatVerdicts.find((kind) => kind === text);
  if (verdict) {
    return {
      words: text,
      expect: { verdict },
      ofVerdict: true,
      needs: verdict === 'reproduced' ? ['heartbeatErrors'] : [],
      isMet: (judged) => judged.verdict.kind === verdict,
    };
  }
  const [, key, value = ''] = /^(slowed|logged-by|line)=(.+)$/.exec(text) ?? [];
  const logger = loggers.find((name) => name === value);
  if (key === 'slowed' && (value === 'some' || value === 'none')) {
    const asked = question(text, ['unreachable'], ({ requests: { slowedMs, failed } }) => {
      if (slowedMs.length > 0) return value === 'some';
      // A lost request may have met a dead connection as well.
      return failed.length > 0 ? undefined : value === 'none';
    });
    // With this expectation, a request that was slow for another reason makes the row inconclusive.
    return { ...asked, expect: { ...asked.expect, slowed: 'none' } };
  }
  if (key === 'logged-by' && logger) {
    return question(text, needsOf[logger], ({ brokerDrops }) => {
      const counts = countLoggedBy(brokerDrops);
      return loggers.every((other) => other === logger || counts[logger] > counts[other]);
    });
  }
  if (key === 'line') {
    const pattern = patternOf(value);
    return question(
      text,
      [],
      ({ heartbeatErrors, unreachableLines, unknownLines = [] }) =>
        [...heartbeatErrors, ...unreachableLines].some(({ line }) => pattern.test(line)) ||
        unknownLines.some((line) => pattern.test(line)),
    );
  }
  throw new QuestionError(`--expect is one of: ${QUESTIONS.join(', ')}`);
}

const needsOf = {
  heartbeat: ['heartbeatErrors'],
  request: ['unreachable'],
  nobody: ['heartbeatErrors', 'unreachable'],
} as const satisfies Record<LoggedBy, Question['needs']>;

function question(
  words: string,
  needs: Question['needs'],
  isMet: (evidence: Evidence) => boolean | undefined,
): Question {
  const expect = { verdict: heartbeatVerdicts, requests: 'any', messages: 'any' } as const;
  // A process that no longer logs may have met a dead connection, and logged nothing.
  const isDoubtful = ({ server, applicationLog }: Evidence) =>
    needs.length > 0 && unprovenLogger(server.processes, applicationLog) !== undefined;
  return {
    words,
    expect,
    ofVerdict: false,
    needs,
    isMet: ({ evidence }) => (isDoubtful(evidence) ? undefined : isMet(evidence)),
  };
}

/**
 * Refuses a question that has the same answer for every execution.
 *
 * @throws QuestionError if the application's record lacks a signature that the question needs.
 */
export function checkQuestion({ words, needs }: Question, { name, signatures }: Application): void {
  const { heartbeatErrors, unreachable } = signatures;
  const has = { heartbeatErrors: heartbeatErrors.length > 0, unreachable: unreachable !== undefined };
  const missing = needs.find((need) => !has[need]);
  if (missing === undefined) return;
  throw new QuestionError(
    `--expect ${words}: the record of ${name} has no signatures.${missing}, so every commit would have the same answer; add it, or ask for another fact`,
  );
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new QuestionError(`--expect line=${text}: ${(error as Error).message}`);
  }
}
