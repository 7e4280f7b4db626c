import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { epoch, wholeNumber } from '../config/quantities.ts';
import { type Load, type Role, roles } from '../rows/load.ts';
import { type AbFinished, abResultSchema } from './ab-result.ts';

const answerCount = z.strictObject({
  status: wholeNumber,
  bytes: wholeNumber.describe('of the body'),
  count: wholeNumber,
});
/** Answers of one kind in an access log. */
export type AnswerCount = Frozen<z.infer<typeof answerCount>>;

export const measurementSchema = z
  .strictObject({
    startedAt: epoch,
    ab: abResultSchema,
    answers: z.array(answerCount).describe('to that run, by the server’s access log'),
    perProcess: z.record(z.string(), wholeNumber).optional().describe('answers by process id'),
  })
  .meta({ id: 'measurement' });
/** One run of ab against one server of a block. */
export type Measurement = Frozen<z.infer<typeof measurementSchema>>;

export const blockSchema = z.strictObject({
  order: z.array(z.enum(roles)).describe('the order in which the servers were loaded'),
  measurements: z
    .partialRecord(z.enum(roles), measurementSchema)
    .describe('without the servers that followed a stuck one'),
});
/** One run of ab against each server, in random order. */
export type ThroughputBlock = Frozen<z.infer<typeof blockSchema>>;

/** Requests per second of the servers of one block. */
export type Rates = Readonly<Record<Role, number>>;

/** What each run of ab must have received so that its block counts. */
export interface ExpectedAnswers extends Pick<Load, 'requests' | 'concurrency' | 'tls'> {
  /** Bytes of the body. The status must be 200. */
  readonly bytes: number;
}

/** The rates of a block; undefined: at least one server has none. */
export function ratesOf({ measurements }: ThroughputBlock): Rates | undefined {
  const rate = (role: Role) => {
    const ab = measurements[role]?.ab;
    return ab?.kind === 'finished' ? ab.requestsPerSecond : undefined;
  };
  const [baseline, baselineAgain, candidate] = [rate('baseline'), rate('baselineAgain'), rate('candidate')];
  if (baseline === undefined || baselineAgain === undefined || candidate === undefined) return undefined;
  return { baseline, baselineAgain, candidate };
}

/** The finished runs of ab against one of the servers, at most one for each block. */
export function finishedRuns(blocks: readonly ThroughputBlock[], role: Role): AbFinished[] {
  return blocks.flatMap(({ measurements }) => {
    const ab = measurements[role]?.ab;
    return ab?.kind === 'finished' ? [ab] : [];
  });
}

/** The first reason why a block does not count, after the server's role; undefined: it counts. */
export function blockProblem(block: ThroughputBlock, expected: ExpectedAnswers): string | undefined {
  for (const role of block.order) {
    const measurement = block.measurements[role];
    const problem = measurement ? measurementProblem(measurement, expected) : 'was not measured';
    if (problem !== undefined) return `${roleNames[role]}: ${problem}`;
  }
  const missing = roles.find((role) => !block.order.includes(role));
  return missing && `${roleNames[missing]}: was not measured`;
}

/** The names of a block's servers in messages and tables. */
export const roleNames: Readonly<Record<Role, string>> = {
  baseline: 'baseline',
  baselineAgain: 'baseline again',
  candidate: 'candidate',
};

/** Why a run of ab says nothing about throughput; undefined: it counts. */
export function measurementProblem(
  { ab, answers }: Measurement,
  expected: ExpectedAnswers,
): string | undefined {
  if (ab.kind !== 'finished') {
    return ab.kind === 'stuck'
      ? `stuck after ${ab.completedRequests} of ${expected.requests} requests: ${ab.words}`
      : `ab gave up: ${ab.words}`;
  }
  return abProblem(ab, expected) ?? answersProblem(answers, expected);
}

function abProblem(ab: AbFinished, expected: ExpectedAnswers): string | undefined {
  const complaint = ab.complaints[0];
  if (complaint) return `ab printed ${complaint.times} times: ${complaint.line}`;
  const facts: [what: string, expected: unknown, found: unknown][] = [
    ['complete requests', expected.requests, ab.completeRequests],
    ['concurrency', expected.concurrency, ab.concurrency],
    ['failed requests', 0, ab.failedRequests],
    ['write errors', 0, ab.writeErrors],
    ['responses other than 2xx', 0, ab.non2xxResponses],
    ['bytes of an answer', expected.bytes, ab.document.bytes],
    ['TLS', expected.tls.protocol, ab.tls?.protocol ?? 'none'],
    ['cipher', expected.tls.cipher, ab.tls?.cipher ?? 'none'],
  ];
  const wrong = facts.find(([, wanted, found]) => wanted !== found);
  return wrong && `${wrong[0]}: ${wrong[2]}, expected ${wrong[1]}`;
}

function answersProblem(answers: readonly AnswerCount[], expected: ExpectedAnswers): string | undefined {
  const other = answers.find(({ status, bytes }) => status !== 200 || bytes !== expected.bytes);
  if (other) {
    return `${other.count} answers were ${other.status} with ${other.bytes} bytes, expected 200 with ${expected.bytes}`;
  }
  const logged = answers.reduce((sum, { count }) => sum + count, 0);
  return logged === expected.requests
    ? undefined
    : `the access log has ${logged} answers, expected ${expected.requests}`;
}
