import { OneLineError } from '../config/one-line.ts';
import { type Evidence, loggers } from '../evidence/evidence.ts';
import { type Expect, heartbeatVerdicts } from '../rows/expectation.ts';
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
  /** The answer to the question, for an execution that could be judged. */
  isMet(judged: { readonly verdict: Verdict; readonly evidence: Evidence }): boolean;
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
      isMet: (judged) => judged.verdict.kind === verdict,
    };
  }
  const [, key, value = ''] = /^(slowed|logged-by|line)=(.+)$/.exec(text) ?? [];
  const logger = loggers.find((name) => name === value);
  if (key === 'slowed' && (value === 'some' || value === 'none')) {
    const asked = question(text, ({ requests }) => requests.slowedMs.length > 0 === (value === 'some'));
    // With this expectation, a request that was slow for another reason makes the row inconclusive.
    return { ...asked, expect: { ...asked.expect, slowed: 'none' } };
  }
  if (key === 'logged-by' && logger) {
    return question(text, ({ brokerDrops }) => {
      const counts = countLoggedBy(brokerDrops);
      return loggers.every((other) => other === logger || counts[logger] > counts[other]);
    });
  }
  if (key === 'line') {
    const pattern = patternOf(value);
    return question(
      text,
      ({ heartbeatErrors, unreachableLines, unknownLines = [] }) =>
        [...heartbeatErrors, ...unreachableLines].some(({ line }) => pattern.test(line)) ||
        unknownLines.some((line) => pattern.test(line)),
    );
  }
  throw new QuestionError(`--expect is one of: ${QUESTIONS.join(', ')}`);
}

function question(words: string, isMet: (evidence: Evidence) => boolean): Question {
  const expect = { verdict: heartbeatVerdicts, requests: 'any', messages: 'any' } as const;
  return { words, expect, ofVerdict: false, isMet: ({ evidence }) => isMet(evidence) };
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new QuestionError(`--expect line=${text}: ${(error as Error).message}`);
  }
}
