import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import type { FaultRecord, HeartbeatRecord } from '../../helpers/record/record.ts';
import type { Expectation } from '../../helpers/rows/expectation.ts';
import { type Cause, causeNames, causes } from '../../helpers/verdict/causes.ts';
import { findings, shareOf, slowRequests, violations } from '../../helpers/verdict/violations.ts';
import {
  assertingNothing,
  cleanEvidence,
  droppedEvidence,
  earlierExecution,
  expecting,
  faultEvidence,
  faultRecord,
  heartbeatError,
  heartbeatRecord,
  inconclusive,
  outageFacts,
  reproducedEvidence,
} from './fixtures/row-record.ts';
import { blocks } from './fixtures/throughput-blocks.ts';
import { recordOfBlocks } from './fixtures/throughput-record.ts';

const withRequests = (change: Partial<Evidence['requests']>): Evidence => ({
  ...cleanEvidence,
  requests: { ...cleanEvidence.requests, ...change },
});

/** Each violation has the facts of its pattern, and there is no other. */
function expectViolations(actual: readonly string[], patterns: readonly RegExp[]): void {
  expect(actual).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
}

describe('the violations of a row without a fault', () => {
  test.for<[string, Partial<HeartbeatRecord>, RegExp[]]>([
    ['a row that is as expected has none', {}, []],
    [
      'another verdict is named with the figures and the log line behind it',
      { verdict: { kind: 'dropped' }, expect: expecting('clean'), evidence: droppedEvidence },
      [
        /verdict.* dropped.* clean$/,
        /heartbeat errors 0, broker drops 2, connections opened 3, requests per process 40$/,
        /broker’s log: closing AMQP connection <0\.1\.0> missed heartbeats from client, timeout: 1s$/,
      ],
    ],
    [
      'one of several expected verdicts is enough',
      { verdict: { kind: 'dropped' }, expect: expecting('clean', 'dropped'), evidence: droppedEvidence },
      [],
    ],
    [
      'a slowed request violates a row that expects none',
      { evidence: withRequests({ slowedMs: [1031] }) },
      [/slowed 1 of 40 requests.* none$/],
    ],
    [
      'no slowed request violates a row that expects some',
      { expect: { ...expecting('clean'), slowed: 'some' } },
      [/slowed none of the 40 requests.* some$/],
    ],
    [
      'answers that are too quick, too slow or missing are named by their route',
      {
        expect: {
          ...expecting('clean'),
          answersMs: { plain: { atLeast: 500 }, amqp: { below: 200 }, call: { atLeast: 500, below: 800 } },
        },
        evidence: withRequests({ medianMsOf: { plain: 499, amqp: 200 } }),
      },
      [
        /^plain: .*499 ms.*500 ms or more$/,
        /^amqp: .*200 ms.*less than 200 ms$/,
        /^call: .*no answer.*500 ms or more and less than 800 ms$/,
      ],
    ],
    [
      'an answer at the bound is within it',
      {
        expect: { ...expecting('clean'), answersMs: { plain: { atLeast: 500 }, amqp: { below: 200 } } },
        evidence: withRequests({ medianMsOf: { plain: 500, amqp: 199 } }),
      },
      [],
    ],
    [
      'a failed request violates a row that expects every request to be answered',
      { evidence: withRequests({ failed: ['/amqp req-1: 500'] }) },
      [/failed: \/amqp req-1: 500$/],
    ],
    [
      'no lost request violates a row that expects some',
      { expect: { ...expecting('clean'), requests: 'some lost' } },
      [/40 requests was answered.* some to be lost$/],
    ],
    [
      'fewer events than the row asks for are named',
      {
        verdict: { kind: 'reproduced' },
        expect: {
          ...expecting('reproduced'),
          slowed: 'some',
          least: { drops: 8, loggedByHeartbeat: 0.75, slowed: 0.05 },
        },
        evidence: { ...reproducedEvidence, requests: { ...cleanEvidence.requests, slowedMs: [1031] } },
      },
      [
        /dropped 2 connections.* at least 8$/,
        /heartbeat logged 1 of 2 drops first.* at least 75 %$/,
        /slowed 1 of 40 requests.* at least 5 %$/,
      ],
    ],
    [
      'exactly as many events as the row asks for are enough',
      {
        verdict: { kind: 'reproduced' },
        expect: {
          ...expecting('reproduced'),
          slowed: 'some',
          least: { drops: 2, loggedByHeartbeat: 0.5, slowed: 0.025 },
        },
        evidence: { ...reproducedEvidence, requests: { ...cleanEvidence.requests, slowedMs: [1031] } },
      },
      [],
    ],
    [
      'a reproduced error violates the row if the log was not proven to be live afterwards',
      {
        verdict: { kind: 'reproduced' },
        expect: expecting('reproduced'),
        evidence: {
          ...reproducedEvidence,
          applicationLog: { ...reproducedEvidence.applicationLog, markedAfter: [] },
        },
      },
      [/process 17 .*application’s log after the window/],
    ],
    [
      'the log of a process that stopped answering need not be proven live',
      {
        verdict: { kind: 'reproduced' },
        expect: expecting('reproduced'),
        evidence: {
          ...reproducedEvidence,
          workers: { ...cleanEvidence.workers, unanswered: 1 },
          applicationLog: { ...reproducedEvidence.applicationLog, markedAfter: [] },
        },
      },
      [],
    ],
    [
      'findings of the first execution count',
      { earlier: [earlierExecution('late', ['a request failed: /amqp req-1: 500'])] },
      [/first execution: a request failed: \/amqp req-1: 500$/],
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
      [/message.*: req-1$/, /^2 heartbeat errors before the first AMQP request$/, /not allowed: Traceback$/],
    ],
  ])('%s', ([, change, expected]) => {
    expectViolations(violations(heartbeatRecord({}, change), findingsOf(change)), expected);
  });
});

function findingsOf({ earlier = [] }: Partial<HeartbeatRecord>): string[] {
  return earlier.flatMap((execution) => execution.findings);
}

describe('a slow request whose process logged no reconnect', () => {
  const slow = withRequests({ slowOtherwiseMs: [1200, 5000] });
  const none: Expectation = { ...expecting('clean'), slowed: 'none' };

  test('puts a row in doubt that expects no slowed request', () => {
    expect(slowRequests(none, slow)).toEqual({
      cause: 'slow requests',
      reason: expect.stringMatching(/^2 of 40 requests .*1000 ms.* 5000 ms/),
    });
  });

  test('counts from the bound that the row names', () => {
    expect(slowRequests({ ...none, otherwiseBelowMs: 5001 }, slow)).toBeUndefined();
    expect(slowRequests({ ...none, otherwiseBelowMs: 5000 }, slow)?.reason).toMatch(/^1 of 40 requests/);
  });

  test('does not affect a row that allows slowed requests', () => {
    for (const slowed of ['some', 'any'] as const) {
      expect(slowRequests({ ...expecting('dropped'), slowed }, slow)).toBeUndefined();
    }
  });
});

describe('findings: what contradicts a row in any execution', () => {
  const bad: Evidence = {
    ...reproducedEvidence,
    heartbeatErrorsBefore: 1,
    heartbeatErrors: [{ ...heartbeatError, drop: undefined }],
    connections: {
      opened: 1,
      all: [
        {
          name: 'httpd:17:0a1b',
          pid: 17,
          openedAt: 0,
          packets: [],
          heartbeats: 0,
          longestSilenceMs: 9000,
          silenceAtEndMs: 0,
        },
      ],
    },
    requests: { ...cleanEvidence.requests, failed: ['/amqp req-1: 500'] },
    messages: { expected: 40, arrived: 39, lost: ['req-2'] },
    notAllowed: ['Traceback'],
  };
  const request = /failed: \/amqp req-1: 500/;
  const message = /message.*: req-2/;
  const early = /^1 heartbeat errors before the first AMQP request/;
  const unmatched = /^1 line of a lost connection/;
  const frames = /frames and the broker’s log/;
  const line = /not allowed: Traceback/;
  const all = [request, message, early, unmatched, frames, line];
  const found = (evidence: Evidence | undefined, expected = expecting('clean')) =>
    findings(heartbeatRecord({}, { evidence, expect: expected }));

  test('are named whatever the verdict', () => {
    expectViolations(found(bad), all);
    const verdict = inconclusive('late');
    const record = heartbeatRecord({}, { evidence: bad, expect: expecting('clean'), verdict });
    expectViolations(violations(record), [/could not tell \(late traffic\): late$/, ...all]);
  });

  test('are none without evidence, or if all is well', () => {
    expect(found(cleanEvidence)).toEqual([]);
    expect(found(undefined)).toEqual([]);
  });

  test('leave out what a blind instrument seems to show', () => {
    const blind = { lines: 0, readToEnd: false };
    expectViolations(found({ ...bad, messageSink: { heard: false } }), [
      request,
      early,
      unmatched,
      frames,
      line,
    ]);
    expectViolations(found({ ...bad, brokerLog: blind }), [request, message, early, line]);
    expectViolations(found({ ...bad, capture: blind }), [request, message, early, unmatched, line]);
  });

  test('leave out failed requests and lost messages that the row allows', () => {
    const lossy = { ...expecting('clean'), requests: 'any' } as const;
    expectViolations(found(bad, lossy), all.slice(1));
    expectViolations(found(bad, { ...lossy, messages: 'any' }), all.slice(2));
  });
});

describe('a verdict that could not be drawn', () => {
  const of = (expected: Expectation, cause: Cause) =>
    violations(heartbeatRecord({}, { expect: expected, verdict: { ...inconclusive('why'), cause } }));
  const causesOf = (what: 'run' | 'heartbeat') => causeNames.filter((cause) => causes[cause].of === what);
  const requestsOnly: Expectation = { requests: 'all answered', messages: 'all arrive', slowed: 'any' };

  test.for(causeNames)('%s: violates a row that asserts a verdict or slowed requests', (cause) => {
    const named = [`could not tell (${cause}): why`];
    expect(of(expecting('clean'), cause)).toEqual(named);
    expect(of({ ...requestsOnly, slowed: 'none' }, cause)).toEqual(named);
  });

  test.for(causesOf('run'))('%s: violates even an informational row', (cause) => {
    expect(of(assertingNothing, cause)).toEqual([`could not tell (${cause}): why`]);
  });

  test.for(causesOf('heartbeat'))('%s: does not affect a row that asserts neither', (cause) => {
    expect(of(assertingNothing, cause)).toEqual([]);
    expect(of(requestsOnly, cause)).toEqual([]);
  });

  test('missing evidence violates every row', () => {
    expect(violations(heartbeatRecord({}, { evidence: undefined, expect: assertingNothing }))).toHaveLength(
      1,
    );
    const lost = { evidence: undefined, faultFacts: undefined };
    expect(violations(faultRecord({}, { ...lost, expect: assertingNothing }))).toHaveLength(1);
  });

  test('an unproven fault violates every row, whatever it expects', () => {
    const verdict = { kind: 'inconclusive', cause: 'fault not proven', reason: 'why' } as const;
    expect(violations(faultRecord({}, { expect: assertingNothing, verdict }))).toEqual([
      'could not tell (fault not proven): why',
    ]);
  });
});

describe('the violations of a row with a fault', () => {
  const lossy: Expectation = { requests: 'any', messages: 'any', slowed: 'any' };
  const of = (expected: Partial<Expectation>, change: Partial<FaultRecord> = {}) =>
    violations(faultRecord({}, { expect: { ...lossy, ...expected }, ...change }));

  test('a row that is as expected has none', () => {
    expect(violations(faultRecord())).toEqual([]);
    expect(of({})).toEqual([]);
  });

  test('a wrong verdict is named with its reason', () => {
    const verdict = { kind: 'not recovered', reason: '1 of 2 processes answered after it' } as const;
    expect(of({ verdict: ['recovered'] }, { verdict })[0]).toMatch(
      /not recovered \(1 of 2 processes answered after it\).* recovered$/,
    );
  });

  test('the share of plain requests that was answered during the fault is held against the row', () => {
    expectViolations(of({ plainDuringFault: 'all' }), [/^0 of 2 requests on \/ .* all$/]);
    expect(of({ plainDuringFault: 'none' })).toEqual([]);
  });

  test.for([
    [0, 'none'],
    [1, 'some'],
    [2, 'all'],
  ] as const)('%i of 2 answered requests are “%s”', ([answered, share]) => {
    expect(shareOf({ sent: 2, answered })).toBe(share);
  });

  test('losses are violations only if the row allows none', () => {
    const { requests, messages } = faultEvidence;
    const evidence = {
      ...faultEvidence,
      requests: { ...requests, failed: ['/v2.1/call req-1: 504'] },
      messages: { ...messages, lost: ['req-2'] },
      notAllowed: ['ERROR'],
    };
    expectViolations(of({}, { evidence }), [/not allowed: ERROR$/]);
    expectViolations(of({ requests: 'all answered', messages: 'all arrive' }, { evidence }), [
      /failed: \/v2\.1\/call req-1: 504$/,
      /message.*: req-2$/,
      /not allowed: ERROR$/,
    ]);
  });

  test('a fault explains lost connections that the broker did not drop', () => {
    const evidence = { ...faultEvidence, heartbeatErrors: [{ ...heartbeatError, drop: undefined }] };
    expect(of({}, { evidence })).toEqual([]);
  });

  test('what a reload leaves behind is held against the row', () => {
    const left = { oldProcesses: [17, 18], left: [17], connectionsLeft: ['httpd:17:0a1b'] };
    const none = { oldProcesses: [17, 18], lastEndedMs: 900, left: [], connectionsLeft: [] };
    const after = (replacement?: typeof left | typeof none, expected: 'nothing' | 'something' = 'nothing') =>
      of({ leftBehind: expected }, { faultFacts: { ...outageFacts, ...(replacement && { replacement }) } });
    expect(after(none)).toEqual([]);
    expectViolations(after(left), [
      /process 17 has not ended/,
      /connection of an old process: httpd:17:0a1b$/,
    ]);
    expectViolations(after(), [/nobody looked/]);
    expect(after(left, 'something')).toEqual([]);
    expectViolations(after(none, 'something'), [/every old process has ended/]);
  });

  test('findings of the first execution count', () => {
    expectViolations(violations(faultRecord(), ['a request failed: / req-1: 504']), [
      /first execution: a request failed: \/ req-1: 504$/,
    ]);
  });
});

describe('the violations of a comparison', () => {
  const slow = recordOfBlocks(blocks(8, 0.8), 'within');
  const record = recordOfBlocks(blocks(8, 1.08), 'within');

  test('a row that is as expected has none', () => {
    expect(violations(record)).toEqual([]);
  });

  test('another verdict, and lines that nobody allowed, are named', () => {
    expectViolations(violations({ ...slow, throughput: { notAllowed: ['Traceback'] } }), [
      /outside.* within$/,
      /not allowed: Traceback$/,
    ]);
  });

  test('an inconclusive verdict violates a row, unless the row expects it for that reason', () => {
    const verdict = {
      kind: 'inconclusive',
      cause: 'throughput unclear',
      reason: 'the control is off',
    } as const;
    const expectation = { ...record.expect, verdict: ['inconclusive' as const] };
    expect(violations({ ...record, verdict })).toEqual([
      'could not tell (throughput unclear): the control is off',
    ]);
    expect(violations({ ...record, verdict, expect: { ...expectation, reason: 'control' } })).toEqual([]);
    expect(violations({ ...record, verdict, expect: { ...expectation, reason: 'noise' } })).toHaveLength(1);
    expect(violations({ ...record, verdict, expect: { ...expectation, verdict: undefined } })).toEqual([]);
  });
});
