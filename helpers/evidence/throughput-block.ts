import { type Role, roles } from '../traffic/block-order.ts';
import type { AbFinished, AbResult } from './ab-result.ts';

/** A run of ab against one of a block's servers. */
export interface Measurement {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly ab: AbResult;
  /** The answers of that run, as the server's own access log has them. */
  readonly answers: readonly AnswerCount[];
  /** Answers by process id. */
  readonly perProcess?: Readonly<Record<string, number>>;
}

/** Answers of one kind in an access log. */
export interface AnswerCount {
  readonly status: number;
  /** Bytes of the body. */
  readonly bytes: number;
  readonly count: number;
}

/** One round over the servers, in its order. */
export interface ThroughputBlock {
  readonly order: readonly Role[];
  /** Those that came after a server found stuck are not there. */
  readonly measurements: Readonly<Partial<Record<Role, Measurement>>>;
}

/** Requests per second of the servers of one block. */
export type Rates = Readonly<Record<Role, number>>;

/** What every run of ab must have got for its block to count. */
export interface ExpectedAnswers {
  readonly requests: number;
  readonly concurrency: number;
  readonly status: number;
  /** Bytes of the body. */
  readonly bytes: number;
  /** Undefined: plain HTTP. */
  readonly tls?: { readonly protocol: string; readonly cipher: string } | undefined;
}

/** The rates of a block, or undefined where one of its servers gave none. */
export function ratesOf({ measurements }: ThroughputBlock): Rates | undefined {
  const rate = (role: Role) => {
    const ab = measurements[role]?.ab;
    return ab?.kind === 'finished' ? ab.requestsPerSecond : undefined;
  };
  const [baseline, baselineAgain, candidate] = [rate('baseline'), rate('baselineAgain'), rate('candidate')];
  if (baseline === undefined || baselineAgain === undefined || candidate === undefined) return undefined;
  return { baseline, baselineAgain, candidate };
}

/** The runs of ab against one of the servers that came to their end, one a block. */
export function finishedRuns(blocks: readonly ThroughputBlock[], role: Role): AbFinished[] {
  return blocks.flatMap(({ measurements }) => {
    const ab = measurements[role]?.ab;
    return ab?.kind === 'finished' ? [ab] : [];
  });
}

/** The first reason why a block does not count, with the server's role in front, or undefined. */
export function blockProblem(block: ThroughputBlock, expected: ExpectedAnswers): string | undefined {
  for (const role of block.order) {
    const measurement = block.measurements[role];
    const problem = measurement ? measurementProblem(measurement, expected) : 'was not measured';
    if (problem !== undefined) return `${roleNames[role]}: ${problem}`;
  }
  const missing = roles.find((role) => !block.order.includes(role));
  return missing && `${roleNames[missing]}: was not measured`;
}

/** How people speak of a block's servers. */
export const roleNames: Readonly<Record<Role, string>> = {
  baseline: 'baseline',
  baselineAgain: 'baseline again',
  candidate: 'candidate',
};

/** Why a run of ab says nothing about throughput, or undefined. */
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
  if (complaint) return `ab said ${complaint.times} times: ${complaint.line}`;
  const facts: [what: string, expected: unknown, found: unknown][] = [
    ['complete requests', expected.requests, ab.completeRequests],
    ['concurrency', expected.concurrency, ab.concurrency],
    ['failed requests', 0, ab.failedRequests],
    ['write errors', 0, ab.writeErrors],
    [
      'responses other than 2xx',
      Math.floor(expected.status / 100) === 2 ? 0 : expected.requests,
      ab.non2xxResponses,
    ],
    ['bytes of an answer', expected.bytes, ab.document.bytes],
    ['TLS', expected.tls?.protocol ?? 'none', ab.tls?.protocol ?? 'none'],
    ['cipher', expected.tls?.cipher ?? 'none', ab.tls?.cipher ?? 'none'],
  ];
  const wrong = facts.find(([, wanted, found]) => wanted !== found);
  return wrong && `${wrong[0]}: ${wrong[2]}, expected ${wrong[1]}`;
}

function answersProblem(answers: readonly AnswerCount[], expected: ExpectedAnswers): string | undefined {
  const other = answers.find(({ status, bytes }) => status !== expected.status || bytes !== expected.bytes);
  if (other) {
    return `${other.count} answers were ${other.status} with ${other.bytes} bytes, expected ${expected.status} with ${expected.bytes}`;
  }
  const logged = answers.reduce((sum, { count }) => sum + count, 0);
  return logged === expected.requests
    ? undefined
    : `the access log has ${logged} answers, expected ${expected.requests}`;
}
