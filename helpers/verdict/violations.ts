import { routes } from '../applications/routes.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { applicationOf, routeName } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FaultFacts, Replacement, RouteFacts } from '../evidence/fault-facts.ts';
import type { ThroughputEvidence } from '../evidence/throughput-evidence.ts';
import { boundsWords, type Expectation, type HowMany, SLOW_FROM_MS } from '../rows/expectation.ts';
import { type Cause, causes, type Doubt } from './causes.ts';
import { disagreeing, unmatched } from './heartbeat-verdict.ts';
import { deafMessageSink, unprovenLogger } from './instruments.ts';
import { countLoggedBy } from './logged-by.ts';
import type { Verdict } from './verdict.ts';

/** The parts of a record that violations are computed from. */
export interface JudgedRow {
  readonly deployment: Deployment;
  readonly verdict: Verdict;
  readonly expect: Expectation;
  /** Missing: the row could not be executed, or has a load. */
  readonly evidence?: Evidence | undefined;
  /** Only for a row with a load. */
  readonly comparison?: object | undefined;
  readonly throughput?: Pick<ThroughputEvidence, 'notAllowed'> | undefined;
  /** Only for a row with a fault. */
  readonly faultFacts?: FaultFacts | undefined;
}

/**
 * Everything that contradicts a row, one sentence each. A contradiction of the verdict is first. An inconclusive
 * verdict is a violation if its cause affects anything that the row asserts.
 *
 * @param earlier {@link findings} of an earlier execution.
 */
export function violations(judged: JudgedRow, earlier: readonly string[] = []): string[] {
  const { verdict, expect, evidence, faultFacts: facts, deployment, comparison } = judged;
  if (comparison) return comparisonViolations(judged);
  const always = [...findings(judged), ...earlier.map((line) => `in the first execution: ${line}`)];
  if (verdict.kind === 'inconclusive' && !isExpected(verdict, expect) && affects(expect, verdict.cause)) {
    const others = always.filter((line) => line !== verdict.reason);
    return [`could not tell (${verdict.cause}): ${verdict.reason}`, ...others];
  }
  if (!evidence) return ['there is no evidence', ...always];
  return [
    ...(isWrong(verdict, expect) ? wrongVerdict(verdict, expect, evidence) : tooLittle(evidence, expect)),
    ...unheard(evidence, facts?.processesAfter),
    ...noLoss(evidence, expect),
    ...slowed(evidence, expect),
    ...durations(evidence, expect),
    ...(facts ? duringFault(deployment, facts, expect) : []),
    ...(facts ? leftBehind(facts.replacement, expect) : []),
    ...always,
  ];
}

/**
 * Whether a row contradicts its expectation only by being better: it expects harm, and no harm came. A library that
 * fixes the heartbeat does that.
 *
 * @param earlier {@link findings} of an earlier execution.
 */
export function isBetterThanExpected(judged: JudgedRow, earlier: readonly string[] = []): boolean {
  const { verdict, expect, evidence } = judged;
  const harmless = HARMLESS.find((kind) => kind === verdict.kind);
  if (harmless === undefined || (expect.verdict?.includes(harmless) ?? true)) return false;
  const unharmed = {
    ...expect,
    verdict: [harmless],
    least: undefined,
    requests: expect.requests === 'some lost' ? 'all answered' : expect.requests,
    slowed: expect.slowed === 'some' ? 'none' : expect.slowed,
    leftBehind: expect.leftBehind && 'nothing',
  } as const;
  const isDoubtful = evidence !== undefined && slowRequests(unharmed, evidence) !== undefined;
  return !isDoubtful && violations({ ...judged, expect: unharmed }, earlier).length === 0;
}

/** The verdicts of a deployment that kept its connections, or came back after a fault. */
const HARMLESS = ['clean', 'recovered'] as const;

/**
 * What contradicts a row whatever the verdict. It counts even if a later execution is as expected. Findings of a blind
 * instrument are left out.
 */
export function findings({
  deployment,
  expect,
  evidence,
  faultFacts: facts,
}: Pick<JudgedRow, 'deployment' | 'expect' | 'evidence' | 'faultFacts'>): string[] {
  if (!evidence) return [];
  const { brokerLog, capture } = evidence;
  const [logIsRead, framesAreRead] = [brokerLog, capture].map(
    (log) => log.readToEnd && log.complaint === undefined,
  );
  const sinkHears = deafMessageSink(evidence) === undefined;
  return [
    ...(expect.requests === 'all answered' ? named('a request failed', evidence.requests.failed) : []),
    ...(expect.messages === 'all arrive' && sinkHears ? messageFindings(deployment, evidence) : []),
    ...(evidence.heartbeatErrorsBefore > 0
      ? [`${evidence.heartbeatErrorsBefore} heartbeat errors before the first AMQP request`]
      : []),
    // A fault explains lost connections that the broker did not drop.
    ...reasonsOf(logIsRead && !facts ? unmatched(evidence) : undefined),
    // The frames of a client that a fault silenced are captured, and do not reach the broker.
    ...reasonsOf(logIsRead && framesAreRead && !facts ? disagreeing(deployment, evidence) : undefined),
    ...named('not allowed', shortened(evidence.notAllowed)),
  ];
}

/** Messages that never arrived, and a record that does not fit the messages that did. */
function messageFindings(deployment: Deployment, { messages }: Pick<Evidence, 'messages'>): string[] {
  const { arrived, lost, publishing = 0, withMore = 0 } = messages;
  const { name, messages: declared } = applicationOf(deployment);
  if (arrived === 0 && lost.length > 1) {
    const { exchange, type = 'topic', topics } = declared;
    const where = `exchange ${exchange} (${type}), topics ${topics.join(', ')}`;
    return [
      `a message never arrived: none from ${lost.length} requests, which publish to ${where}, according to the record of ${name}`,
    ];
  }
  // A message that is published again with other content counts twice, so a few such requests say nothing.
  const tooMany = withMore * 2 > publishing;
  return [
    ...named('a message never arrived', lost),
    ...(tooMany
      ? [
          `more messages arrived from ${withMore} of ${publishing} requests than the record of ${name} declares, so a lost one might go unnoticed`,
        ]
      : []),
  ];
}

/** The first error whole. Of each other error that has a traceback, the first and the last line. */
function shortened([first, ...others]: readonly string[]): string[] {
  const ends = others.map((block) => {
    const lines = block.split('\n');
    return lines.length > 2 ? `${lines[0]} … ${lines.at(-1)}` : block;
  });
  return first === undefined ? [] : [first, ...ends];
}

function comparisonViolations({ verdict, expect, throughput }: JudgedRow): string[] {
  return [...wrongComparison(verdict, expect), ...named('not allowed', throughput?.notAllowed ?? [])];
}

function wrongComparison(verdict: Verdict, expect: Expectation): string[] {
  if (isExpected(verdict, expect)) return [];
  if (verdict.kind !== 'inconclusive') {
    return expect.verdict ? [`the verdict is ${verdict.kind}, expected ${expect.verdict.join(' or ')}`] : [];
  }
  const isMeasured = verdict.cause === 'throughput unclear';
  return expect.verdict === undefined && isMeasured
    ? []
    : [`could not tell (${verdict.cause}): ${verdict.reason}`];
}

/** Whether a row asserts a verdict, and this is another. */
export function isWrong(verdict: Verdict, expect: Expectation): boolean {
  return expect.verdict !== undefined && !isExpected(verdict, expect);
}

/** Whether a row names this verdict; an inconclusive one must also have the reason that the row names. */
function isExpected(verdict: Verdict, { verdict: kinds = [], reason = '' }: Expectation): boolean {
  if (!kinds.some((kind) => kind === verdict.kind)) return false;
  return verdict.kind !== 'inconclusive' || new RegExp(reason).test(verdict.reason);
}

/** Whether a cause affects anything that the row asserts: some causes affect only the verdict and slowed requests. */
export function affects({ verdict, slowed }: Expectation, cause: Cause): boolean {
  return causes[cause].of === 'run' || verdict !== undefined || slowed !== 'any';
}

/** The doubt about slow requests without a logged reconnect. They may still have met a dead connection. */
export function slowRequests(
  { slowed, otherwiseBelowMs = SLOW_FROM_MS }: Expectation,
  { requests: { slowOtherwiseMs, sent } }: Pick<Evidence, 'requests'>,
): Doubt | undefined {
  const slow = slowOtherwiseMs.filter((ms) => ms >= otherwiseBelowMs);
  if (slowed !== 'none' || slow.length === 0) return undefined;
  return {
    cause: 'slow requests',
    reason: `${slow.length} of ${sent} requests took ${otherwiseBelowMs} ms or more, the longest ${Math.max(...slow)} ms, and no log line says why`,
  };
}

/** The share of requests that were answered: all, some or none. */
export function howManyAnswered({ sent, answered }: RouteFacts['meanwhile']): HowMany {
  if (answered === 0) return 'none';
  return answered < sent ? 'some' : 'all';
}

function wrongVerdict(verdict: Verdict, expect: Expectation, evidence: Evidence): string[] {
  const why = verdict.kind === 'not recovered' ? ` (${verdict.reason})` : '';
  return [
    `the verdict is ${verdict.kind}${why}, expected ${expect.verdict?.join(' or ')}`,
    ...witnesses(evidence),
  ];
}

/** The evidence behind a verdict: the figures, and one line of each log. */
function witnesses({ heartbeatErrors, brokerDrops, connections, requests }: Evidence): string[] {
  const perProcess = Object.values(requests.perProcess).sort((a, b) => b - a);
  return [
    `heartbeat errors ${heartbeatErrors.length}, broker drops ${brokerDrops.length}, connections opened ${connections.opened}, requests per process ${perProcess.join(' ')}`,
    ...heartbeatErrors.slice(0, 1).map(({ line }) => `application’s log: ${line}`),
    ...brokerDrops.slice(0, 1).map(({ lines }) => `broker’s log: ${lines.join(' ')}`),
  ];
}

/** A verdict or an impact that is based on fewer events than the row requires. */
function tooLittle({ brokerDrops, requests }: Evidence, { least = {}, slowed }: Expectation): string[] {
  const { drops = 0, loggedByHeartbeat = 0, slowed: leastSlowed = 0 } = least;
  const logged = countLoggedBy(brokerDrops).heartbeat;
  const { slowedMs, sent } = requests;
  return [
    brokerDrops.length < drops &&
      `the broker dropped ${brokerDrops.length} connections, expected at least ${drops}`,
    logged < loggedByHeartbeat * brokerDrops.length &&
      `the heartbeat logged ${logged} of ${brokerDrops.length} drops first, expected at least ${percent(loggedByHeartbeat)}`,
    slowed === 'some' &&
      slowedMs.length > 0 &&
      slowedMs.length < leastSlowed * sent &&
      `a reconnect slowed ${slowedMs.length} of ${sent} requests, expected at least ${percent(leastSlowed)}`,
  ].filter((line) => line !== false);
}

/** Whatever the verdict, only a log that still works proves that there was no other error. */
function unheard(evidence: Evidence, processes = evidence.server.processes): string[] {
  return evidence.workers.unanswered > 0 ? [] : reasonsOf(unprovenLogger(processes, evidence.applicationLog));
}

function noLoss({ requests: { failed, sent } }: Evidence, { requests }: Expectation): string[] {
  return requests === 'some lost' && failed.length === 0
    ? [`each of the ${sent} requests was answered, expected some to be lost`]
    : [];
}

/** Whether a reconnect slowed too many requests to count as none. */
export function slowsRequests(
  { slowedMs, sent }: Pick<Evidence['requests'], 'slowedMs' | 'sent'>,
  { least }: Pick<Expectation, 'least'>,
): boolean {
  return slowedMs.length > 0 && slowedMs.length >= (least?.slowed ?? 0) * sent;
}

function slowed({ requests }: Evidence, expect: Expectation): string[] {
  const { slowedMs, sent } = requests;
  if (expect.slowed === 'none' && slowsRequests(requests, expect)) {
    return [`a reconnect slowed ${slowedMs.length} of ${sent} requests, expected none`];
  }
  return expect.slowed === 'some' && slowedMs.length === 0
    ? [`a reconnect slowed none of the ${sent} requests, expected some`]
    : [];
}

function durations({ requests }: Evidence, { answersMs = {} }: Expectation): string[] {
  return routes.flatMap((route) => {
    const bounds = answersMs[route];
    if (!bounds) return [];
    const { atLeast = 0, below = Number.POSITIVE_INFINITY } = bounds;
    const median = requests.medianMsOf?.[route];
    if (median !== undefined && median >= atLeast && median < below) return [];
    const found = median === undefined ? 'there is no answer' : `the median answer took ${median} ms`;
    return [`${route}: ${found}, expected ${boundsWords(bounds)}`];
  });
}

function duringFault(deployment: Deployment, { routes }: FaultFacts, expect: Expectation): string[] {
  const { plain } = routes;
  const share = plain && howManyAnswered(plain.meanwhile);
  if (expect.plainDuringFault === undefined || share === expect.plainDuringFault) return [];
  const answered = plain ? `${plain.meanwhile.answered} of ${plain.meanwhile.sent}` : 'no';
  return [
    `${answered} requests on ${routeName(deployment, 'plain')} were answered during the fault, expected ${expect.plainDuringFault}`,
  ];
}

function leftBehind(replacement: Replacement | undefined, { leftBehind: expected }: Expectation): string[] {
  if (expected === undefined) return [];
  if (!replacement) return ['nobody looked for old processes'];
  const found = [
    ...replacement.left.map((pid) => `process ${pid} has not ended`),
    ...named('the broker still has a connection of an old process', replacement.connectionsLeft),
  ];
  if (expected === 'nothing') return found;
  return found.length > 0 ? [] : ['every old process has ended, expected at least one to stay'];
}

function reasonsOf(doubt: Doubt | undefined): string[] {
  return doubt ? [doubt.reason] : [];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** One violation for each line. */
function named(what: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${what}: ${line}`);
}
