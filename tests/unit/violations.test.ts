import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import type { FaultRecord, HeartbeatRecord } from '../../helpers/record/record.ts';
import type { Expectation } from '../../helpers/rows/expectation.ts';
import { causeNames, causes } from '../../helpers/verdict/causes.ts';
import {
  findings,
  howManyAnswered,
  isBetterThanExpected,
  slowRequests,
  violations,
} from '../../helpers/verdict/violations.ts';
import {
  assertingNothing,
  cleanEvidence,
  droppedEvidence,
  expecting,
  faultEvidence,
  faultRecord,
  heartbeatError,
  heartbeatRecord,
  inconclusive,
  outageFacts,
  reproducedEvidence,
  withRequests,
} from './fixtures/row-record.ts';
import { blocks } from './fixtures/throughput-blocks.ts';
import { recordOfBlocks } from './fixtures/throughput-record.ts';

const failedRequest = '/amqp req-1: 500';
/** There are as many violations as patterns, and each has the facts of its pattern. */
function expectViolations(actual: readonly string[], patterns: readonly RegExp[]): void {
  expect(actual).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
}

describe('the violations of a row without a fault', () => {
  const asserting = (change: Partial<Expectation>) => ({ expect: { ...expecting('clean'), ...change } });
  const answersMs = { plain: { atLeast: 500 }, amqp: { below: 200 } };
  const dropped = { verdict: { kind: 'dropped' }, evidence: droppedEvidence } as const;
  const reproduced = { verdict: { kind: 'reproduced' }, expect: expecting('reproduced') } as const;
  const { applicationLog } = reproducedEvidence;
  const unmarked: Evidence = {
    ...reproducedEvidence,
    applicationLog: { ...applicationLog, markerAfter: [] },
  };
  const withMoreMessages = (withMore: number): Evidence => ({
    ...cleanEvidence,
    messages: { ...cleanEvidence.messages, publishing: 40, withMore },
  });
  /** A reproduced row that asks for this many events: there are 2 drops, 1 logged by the heartbeat, and 1 slowed request. */
  const atLeast = (least: Expectation['least']): Partial<HeartbeatRecord> => ({
    ...reproduced,
    ...asserting({ verdict: ['reproduced'], slowed: 'some', least }),
    evidence: withRequests({ slowedMs: [1031] }, reproducedEvidence),
  });

  test.for<[string, Partial<HeartbeatRecord>, RegExp[]]>([
    ['a row that is as expected has none', {}, []],
    [
      'another verdict is named with the figures and the log line behind it',
      { ...dropped, expect: expecting('clean') },
      [
        /verdict.* dropped.* clean$/,
        /errors 0, .*drops 2, .*opened 3, .*process 40$/,
        /broker’s log: .*missed heartbeats from client, timeout: 1s$/,
      ],
    ],
    ['one of several expected verdicts is enough', { ...dropped, expect: expecting('clean', 'dropped') }, []],
    [
      'a slowed request violates a row that expects none',
      { evidence: withRequests({ slowedMs: [1031] }) },
      [/slowed 1 of 40 requests/],
    ],
    ...(
      [
        [0.05, []],
        [0.025, [/slowed 1 of 40 requests/]],
      ] as const
    ).map(([share, found]): [string, Partial<HeartbeatRecord>, RegExp[]] => [
      `one of 40 slowed requests, where fewer than ${share} count as none`,
      {
        ...asserting({ slowed: 'none', least: { slowed: share } }),
        evidence: withRequests({ slowedMs: [1031] }),
      },
      [...found],
    ]),
    [
      'no slowed request violates a row that expects some',
      asserting({ slowed: 'some' }),
      [/slowed none of the 40 requests/],
    ],
    [
      'answers that are too quick, too slow or missing are named by their route',
      {
        ...asserting({ answersMs: { ...answersMs, call: { atLeast: 500, below: 800 } } }),
        evidence: withRequests({ medianMsOf: { plain: 499, amqp: 200 } }),
      },
      [/^plain: .*499 ms.*500 ms/, /^amqp: .*200 ms.*200 ms/, /^call: .*no answer.*500 ms.*800 ms/],
    ],
    [
      'an answer at the bound is within it',
      { ...asserting({ answersMs }), evidence: withRequests({ medianMsOf: { plain: 500, amqp: 199 } }) },
      [],
    ],
    [
      'no lost request violates a row that expects some',
      asserting({ requests: 'some lost' }),
      [/40 requests was answered/],
    ],
    [
      'fewer events than the row asks for are named',
      atLeast({ drops: 8, loggedByHeartbeat: 0.75, slowed: 0.05 }),
      [/2 connections.* 8$/, /1 of 2 drops.* 75 %$/, /1 of 40 requests.* 5 %$/],
    ],
    [
      'exactly as many events as the row asks for are enough',
      atLeast({ drops: 2, loggedByHeartbeat: 0.5, slowed: 0.025 }),
      [],
    ],
    [
      'a reproduced error violates the row if the log was not proven to be live afterwards',
      { ...reproduced, evidence: unmarked },
      [/\b17\b.*application’s log after /],
    ],
    [
      'the log of a process that stopped answering need not be proven live',
      { ...reproduced, evidence: { ...unmarked, workers: { ...cleanEvidence.workers, unanswered: 1 } } },
      [],
    ],
    [
      'even an informational row allows neither lost messages, nor early errors, nor lines that nobody allowed',
      {
        expect: assertingNothing,
        evidence: {
          ...cleanEvidence,
          messages: { expected: 40, arrived: 39, lost: ['req-1'] },
          heartbeatErrorsBefore: 2,
          notAllowed: ['Traceback'],
        },
      },
      [/message.*: req-1$/, /^2 heartbeat errors before/, /not allowed: Traceback$/],
    ],
    [
      'if no message arrived at all, the place where the suite waited for them is named once',
      { evidence: { ...cleanEvidence, messages: { expected: 2, arrived: 0, lost: ['req-1', 'req-2'] } } },
      [/message.*none from 2 .*exchange nova \(topic\).*stub/],
    ],
    [
      'a record that declares fewer messages than most requests publish is named',
      { evidence: withMoreMessages(21) },
      [/more messages.* 21 of 40 .*stub/],
    ],
    [
      'a few requests with more messages than declared are no violation',
      { evidence: withMoreMessages(20) },
      [],
    ],
    [
      'only the first error is printed with its whole traceback',
      { evidence: { ...cleanEvidence, notAllowed: ['E 1\n  frame\nBad: one', 'E 2\n  frame\nBad: two'] } },
      [/: E 1\n {2}frame\nBad: one$/, /: E 2 … Bad: two$/],
    ],
  ])('%s', ([, change, patterns]) => {
    expectViolations(violations(heartbeatRecord({}, change)), patterns);
  });
});

test.for([
  ['without a fault', heartbeatRecord()],
  ['with a fault', faultRecord()],
] as const)('findings of the first execution count against a row %s', ([, record]) => {
  const found = `a request failed: ${failedRequest}`;
  expectViolations(violations(record, [found]), [new RegExp(`first execution: ${found}$`)]);
});

describe('slow requests whose process logged no reconnect', () => {
  const evidence = withRequests({ slowOtherwiseMs: [1200, 5000] });

  test.for<[string, Partial<Expectation>, RegExp | undefined]>([
    ['count if the row expects no slowed request', {}, /^2 of 40 requests .*1000 ms.* 5000 ms/],
    ['count from the bound that the row names', { otherwiseBelowMs: 5000 }, /^1 of 40 requests/],
    ['do not count below the bound that the row names', { otherwiseBelowMs: 5001 }, undefined],
    ['do not count if the row expects some slowed requests', { slowed: 'some' }, undefined],
    ['do not count if the row allows slowed requests', { slowed: 'any' }, undefined],
  ])('%s', ([, change, fact]) => {
    const doubt = slowRequests({ ...expecting('clean'), slowed: 'none', ...change }, evidence);
    expect(doubt).toEqual(fact && { cause: 'slow requests', reason: expect.stringMatching(fact) });
  });
});

describe('findings: what contradicts a row in any execution', () => {
  const silent = { name: 'httpd:17:0a1b', pid: 17, openedAt: 0, heartbeats: 0, packets: [] };
  const bad: Evidence = {
    ...withRequests({ failed: [failedRequest] }, reproducedEvidence),
    heartbeatErrorsBefore: 1,
    heartbeatErrors: [{ ...heartbeatError, drop: undefined }],
    connections: { opened: 1, all: [{ ...silent, longestSilenceMs: 9000, silenceAtEndMs: 0 }] },
    messages: { expected: 40, arrived: 39, lost: ['req-2'] },
    notAllowed: ['Traceback'],
  };
  const request = /failed: \/amqp req-1: 500/;
  const message = /message.*: req-2/;
  const early = /^1 heartbeat errors before/;
  const unmatched = /^1 line of a lost connection/;
  const frames = /frames and the broker’s log/;
  const line = /not allowed: Traceback/;
  const all = [request, message, early, unmatched, frames, line];
  const allBut = (...left: RegExp[]) => all.filter((pattern) => !left.includes(pattern));
  const blind = { lines: 0, readToEnd: false };
  const deaf = { heard: false };

  test.for<[string, Evidence | undefined, RegExp[], Partial<Expectation>?]>([
    ['are none if all is well', cleanEvidence, []],
    ['are none without evidence', undefined, []],
    ['are failed requests, lost messages, early and unmatched errors, frames and lines', bad, all],
    ['leave out messages if the message sink was deaf', { ...bad, messageSink: deaf }, allBut(message)],
    [
      'leave out drops if the broker’s log was not read',
      { ...bad, brokerLog: blind },
      allBut(unmatched, frames),
    ],
    ['leave out frames if the capture was not read', { ...bad, capture: blind }, allBut(frames)],
    ['leave out failed requests that the row allows', bad, allBut(request), { requests: 'any' }],
    ['leave out lost messages that the row allows', bad, allBut(message), { messages: 'any' }],
  ])('%s', ([, evidence, patterns, change]) => {
    const record = heartbeatRecord({}, { evidence, expect: { ...expecting('clean'), ...change } });
    expectViolations(findings(record), patterns);
  });

  test('are violations even if the verdict could not be drawn', () => {
    const verdict = inconclusive('late');
    const record = heartbeatRecord({}, { evidence: bad, expect: expecting('clean'), verdict });
    expectViolations(violations(record), [/late traffic\): late$/, ...all]);
  });
});

test('a row that expects drops, and keeps its connections, is not better if requests were slow for an unknown reason', () => {
  const expected = { ...expecting('dropped'), slowed: 'some' } as const;
  const isBetter = (slowOtherwiseMs: number[]) =>
    isBetterThanExpected(
      heartbeatRecord({}, { expect: expected, evidence: withRequests({ slowOtherwiseMs }) }),
    );
  expect(isBetter([])).toBe(true);
  expect(isBetter([9000])).toBe(false);
});

describe('a verdict that could not be drawn', () => {
  const requestsOnly: Expectation = { requests: 'all answered', messages: 'all arrive', slowed: 'any' };

  test.for(causeNames)('%s: violates a row that asserts what cannot be judged', (cause) => {
    const isViolated = (expected: Expectation) => {
      const verdict = { ...inconclusive('why'), cause };
      const found = violations(heartbeatRecord({}, { expect: expected, verdict }));
      expectViolations(found, found.length === 0 ? [] : [new RegExp(`${cause}.*why`)]);
      return found.length > 0;
    };
    const concernsRun = causes[cause].of === 'run';
    expect(isViolated(expecting('clean'))).toBe(true);
    expect(isViolated({ ...requestsOnly, slowed: 'none' })).toBe(true);
    expect(isViolated(requestsOnly)).toBe(concernsRun);
    expect(isViolated(assertingNothing)).toBe(concernsRun);
  });

  const notProven = { kind: 'inconclusive', cause: 'fault not proven', reason: 'why' } as const;
  const lost = { evidence: undefined, expect: assertingNothing };

  test('an inconclusive verdict that is expected must have the expected reason', () => {
    const expect_ = { ...expecting('clean'), verdict: ['inconclusive'], reason: '^process 17 ' } as const;
    const found = (reason: string) =>
      violations(
        heartbeatRecord({}, { expect: expect_, verdict: { ...inconclusive(reason), cause: 'no drop seen' } }),
      );
    expectViolations(found('process 17 wrote no marker'), []);
    expectViolations(found('late'), [/no drop seen.*late$/]);
  });

  test('a process that no longer logs violates a row that asserts no verdict', () => {
    const { applicationLog } = cleanEvidence;
    const silent = { ...cleanEvidence, applicationLog: { ...applicationLog, markerAfter: [] } };
    const verdict = { ...inconclusive('why'), cause: 'heartbeat not confirmed' } as const;
    const found = violations(heartbeatRecord({}, { expect: assertingNothing, verdict, evidence: silent }));
    expectViolations(found, [/wrote no marker/]);
  });

  test.for([
    ['missing evidence', heartbeatRecord({}, lost)],
    ['missing evidence of a fault', faultRecord({}, { ...lost, faultFacts: undefined })],
    ['an unproven fault', faultRecord({}, { expect: assertingNothing, verdict: notProven })],
  ] as const)('%s violates even an informational row', ([, record]) => {
    expect(violations(record)).toHaveLength(1);
  });
});

describe('the violations of a row with a fault', () => {
  const lossy: Expectation = { requests: 'any', messages: 'any', slowed: 'any' };
  const strict = { requests: 'all answered', messages: 'all arrive' } as const;
  const notRecovered = { kind: 'not recovered', reason: '1 of 2 processes answered after it' } as const;
  const { requests, messages } = faultEvidence;
  const losses: Partial<FaultRecord> = {
    evidence: {
      ...faultEvidence,
      requests: { ...requests, failed: [failedRequest] },
      messages: { ...messages, lost: ['req-2'] },
      notAllowed: ['ERROR'],
    },
  };
  const unmatched = { ...faultEvidence, heartbeatErrors: [{ ...heartbeatError, drop: undefined }] };
  const reloaded = (replacement: { left: number[]; connectionsLeft: string[]; lastEndedMs?: number }) => ({
    faultFacts: { ...outageFacts, replacement: { oldProcesses: [17, 18], ...replacement } },
  });
  const left = reloaded({ left: [17], connectionsLeft: ['httpd:17:0a1b'] });
  const nothingLeft = reloaded({ left: [], connectionsLeft: [], lastEndedMs: 900 });

  test.for<[string, Partial<Expectation>, Partial<FaultRecord>, RegExp[]]>([
    ['a row that is as expected has none', { verdict: ['recovered'], plainDuringFault: 'none' }, {}, []],
    [
      'a wrong verdict is named with its reason',
      { verdict: ['recovered'] },
      { verdict: notRecovered },
      [/not recovered \(1 of 2 processes answered after it\).* recovered$/, /opened 2\b/],
    ],
    [
      'another share of plain requests was answered during the fault than the row says',
      { plainDuringFault: 'all' },
      {},
      [/^0 of 2 requests on \/ .* all$/],
    ],
    ['losses count if the row allows none', strict, losses, [/req-1: 500$/, /: req-2$/, /: ERROR$/]],
    ['losses do not count if the row allows them', {}, losses, [/not allowed: ERROR$/]],
    ['a fault explains lost connections that the broker did not drop', {}, { evidence: unmatched }, []],
    ['a reload may leave nothing behind', { leftBehind: 'nothing' }, nothingLeft, []],
    [
      'what a reload leaves behind counts if the row expects nothing',
      { leftBehind: 'nothing' },
      left,
      [/process 17 has not ended/, /: httpd:17:0a1b$/],
    ],
    ['a reload may leave something behind', { leftBehind: 'something' }, left, []],
    [
      'nothing left behind counts if the row expects something',
      { leftBehind: 'something' },
      nothingLeft,
      [/every old process has ended/],
    ],
    ['what is left behind must have been looked at', { leftBehind: 'nothing' }, {}, [/nobody looked/]],
  ])('%s', ([, expected, change, patterns]) => {
    const record = faultRecord({}, { expect: { ...lossy, ...expected }, ...change });
    expectViolations(violations(record), patterns);
  });

  test.for([
    [0, 'none'],
    [1, 'some'],
    [2, 'all'],
  ] as const)('%i of 2 answered requests are “%s”', ([answered, share]) => {
    expect(howManyAnswered({ sent: 2, answered })).toBe(share);
  });
});

describe('the violations of a comparison', () => {
  const slow = recordOfBlocks(blocks(8, 0.8), 'within');
  const record = recordOfBlocks(blocks(8, 1.08), 'within');
  const unclear = {
    ...record,
    verdict: { kind: 'inconclusive', cause: 'throughput unclear', reason: 'the control is off' },
  } as const;
  const expectingIt = (reason: 'control' | 'noise') => ({
    ...unclear,
    expect: { ...record.expect, verdict: ['inconclusive' as const], reason },
  });

  test.for([
    ['a row that is as expected has none', record, []],
    [
      'another verdict, and lines that nobody allowed, are named',
      { ...slow, throughput: { notAllowed: ['Traceback'] } },
      [/outside.* within$/, /not allowed: Traceback$/],
    ],
    [
      'an inconclusive verdict violates a row',
      unclear,
      [/^could not tell \(throughput unclear\): the control is off$/],
    ],
    ['a row may expect an inconclusive verdict, for its reason', expectingIt('control'), []],
    [
      'an inconclusive verdict for another reason violates the row',
      expectingIt('noise'),
      [/throughput unclear/],
    ],
    ['a row may assert nothing', { ...unclear, expect: { ...record.expect, verdict: undefined } }, []],
    [
      'a row that asserts nothing fails if it was not measured',
      {
        ...unclear,
        verdict: { ...unclear.verdict, cause: 'throughput not measured' },
        expect: { ...record.expect, verdict: undefined },
      },
      [/^could not tell \(throughput not measured\)/],
    ],
    [
      'lines that nobody allowed are named, whatever the row asserts',
      {
        ...unclear,
        throughput: { notAllowed: ['Traceback'] },
        expect: { ...record.expect, verdict: undefined },
      },
      [/not allowed: Traceback$/],
    ],
  ] as const)('%s', ([, outcome, patterns]) => {
    expectViolations(violations(outcome), patterns);
  });
});
