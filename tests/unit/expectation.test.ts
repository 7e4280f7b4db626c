import { describe, expect, test } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { causeNames, causes } from '../../helpers/verdict/causes.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { findings, objections, slowRequests } from '../../helpers/verdict/expectation.ts';
import {
  assertsAnything,
  type Expectation,
  expectationWords,
  rowOf,
  rowTitle,
  type TableRow,
} from '../../helpers/verdict/row.ts';
import {
  cleanEvidence,
  droppedEvidence,
  expecting,
  heartbeatError,
  heartbeatRecord,
  inconclusive,
  reported,
  reproducedEvidence,
} from './fixtures/heartbeat-record.ts';

const ofRequests = (change: Partial<Evidence['requests']>): Evidence => ({
  ...cleanEvidence,
  requests: { ...cleanEvidence.requests, ...change },
});

describe('what is not as the row expects', () => {
  test.for<[string, Partial<HeartbeatRecord>, string[]]>([
    ['nothing, where all is well', {}, []],
    [
      'another verdict, with what it rests on',
      { verdict: { kind: 'dropped' }, expected: expecting('clean'), evidence: droppedEvidence },
      [
        'the verdict is dropped, expected clean',
        'heartbeat errors 0, broker drops 2, connections opened 3, requests per process 40',
        'broker’s log: closing AMQP connection <0.1.0> missed heartbeats from client, timeout: 1s',
      ],
    ],
    [
      'one of several verdicts is as good as another',
      { verdict: { kind: 'dropped' }, expected: expecting('clean', 'dropped'), evidence: droppedEvidence },
      [],
    ],
    [
      'the price: a request slowed where none may be',
      { evidence: ofRequests({ slowedMs: [1031] }) },
      ['1 of 40 requests were slowed by a reconnect, and none should have been'],
    ],
    [
      'the price: no request slowed where some must be',
      { expected: { ...expecting('clean'), slowed: 'some' } },
      ['none of the 40 requests was slowed by a reconnect, and some should have been'],
    ],
    [
      'answers that are too quick, too slow, and not there',
      {
        expected: {
          ...expecting('clean'),
          answersMs: { plain: { atLeast: 500 }, amqp: { below: 200 }, call: { atLeast: 500, below: 800 } },
        },
        evidence: ofRequests({ medianMsOf: { plain: 499, amqp: 200 } }),
      },
      [
        'plain: the median answer took 499 ms, expected 500 ms or more',
        'amqp: the median answer took 200 ms, expected less than 200 ms',
        'call: there is no answer, expected 500 ms or more and less than 800 ms',
      ],
    ],
    [
      'none of these, at the bound',
      {
        expected: { ...expecting('clean'), answersMs: { plain: { atLeast: 500 }, amqp: { below: 200 } } },
        evidence: ofRequests({ medianMsOf: { plain: 500, amqp: 199 } }),
      },
      [],
    ],
    [
      'a request that failed where each must be answered',
      { evidence: ofRequests({ failed: ['/amqp req-1: 500'] }) },
      ['a request failed: /amqp req-1: 500'],
    ],
    [
      'no request lost where some must be',
      { expected: { ...expecting('clean'), requests: 'some lost' } },
      ['each of the 40 requests was answered, and some should have been lost'],
    ],
    [
      'fewer events than the row has at least',
      {
        verdict: { kind: 'reproduced' },
        expected: {
          ...expecting('reproduced'),
          slowed: 'some',
          least: { drops: 8, loggedByHeartbeat: 0.75, slowed: 0.05 },
        },
        evidence: { ...reproducedEvidence, requests: { ...cleanEvidence.requests, slowedMs: [1031] } },
      },
      [
        'the broker dropped 2 connections, expected 8 at least',
        'the heartbeat logged 1 of 2 drops first, expected 75 % at least',
        '1 of 40 requests were slowed by a reconnect, expected 5 % at least',
      ],
    ],
    [
      'as many as that',
      {
        verdict: { kind: 'reproduced' },
        expected: {
          ...expecting('reproduced'),
          slowed: 'some',
          least: { drops: 2, loggedByHeartbeat: 0.5, slowed: 0.025 },
        },
        evidence: { ...reproducedEvidence, requests: { ...cleanEvidence.requests, slowedMs: [1031] } },
      },
      [],
    ],
    [
      'a reproduced error, in a log of which nobody knows whether it would have shown another',
      {
        verdict: { kind: 'reproduced' },
        expected: expecting('reproduced'),
        evidence: {
          ...reproducedEvidence,
          applicationLog: { ...reproducedEvidence.applicationLog, markedAfter: [] },
        },
      },
      [
        'the application’s log, after the window, shows no mark of process 17, which was asked to leave one: what it does not show says nothing',
      ],
    ],
    [
      'what an earlier execution found',
      { earlier: [inconclusive('late')], earlierFindings: ['a request failed: /amqp req-1: 500'] },
      ['in an earlier execution: a request failed: /amqp req-1: 500'],
    ],
    [
      'what no row allows',
      {
        expected: reported,
        evidence: {
          ...cleanEvidence,
          messages: { expected: 40, arrived: 39, lost: ['req-1'] },
          heartbeatErrorsBefore: 2,
          undeclared: ['Traceback'],
        },
      },
      [
        'a message never arrived: req-1',
        '2 heartbeat errors before the first AMQP request',
        'nobody declared: Traceback',
      ],
    ],
  ])('%s', ([, change, expected]) => {
    expect(objections(heartbeatRecord({}, change))).toEqual(expected);
  });
});

describe('a request that is slow, and no line says why', () => {
  const slow = ofRequests({ slowOtherwiseMs: [1200, 5000] });

  test('may have met a dead connection, where none may be slowed', () => {
    const expected: Expectation = { ...expecting('clean'), slowed: 'none' };
    expect(slowRequests(expected, slow)).toEqual({
      cause: 'slow requests',
      reason: '2 of 40 requests took 1000 ms or more, the longest 5000 ms, and no line of the log says why',
    });
    expect(slowRequests({ ...expected, otherwiseBelowMs: 5001 }, slow)).toBeUndefined();
    expect(slowRequests({ ...expected, otherwiseBelowMs: 5000 }, slow)?.reason).toMatch(/^1 of 40 requests/);
  });

  test('is no matter of a row that does not assert it', () => {
    for (const slowed of ['some', 'reported'] as const) {
      expect(slowRequests({ ...expecting('dropped'), slowed }, slow)).toBeUndefined();
    }
  });
});

describe('what speaks against a row in any execution', () => {
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
          heartbeats: 0,
          longestSilenceMs: 9000,
          silenceAtEndMs: 0,
        },
      ],
    },
    requests: { ...cleanEvidence.requests, failed: ['/amqp req-1: 500'] },
    messages: { expected: 40, arrived: 39, lost: ['req-2'] },
    undeclared: ['Traceback'],
  };
  const found = (evidence: Evidence | undefined, expected = expecting('clean')) =>
    findings(heartbeatRecord({}, { evidence, expected })).map((line) => line.split(':')[0]);
  const all = [
    'a request failed',
    'a message never arrived',
    '1 heartbeat errors before the first AMQP request',
    '1 line of a lost connection match no connection that the broker dropped',
    'the frames and the broker’s log do not agree',
    'nobody declared',
  ];

  test('is named whatever the verdict', () => {
    expect(found(bad)).toEqual(all);
    const verdict = inconclusive('late');
    const record = heartbeatRecord({}, { evidence: bad, expected: expecting('clean'), verdict });
    expect(objections(record)).toHaveLength(1 + all.length);
    expect(found(cleanEvidence)).toEqual([]);
    expect(found(undefined)).toEqual([]);
  });

  test('is not what a blind instrument seems to show', () => {
    const blind = { lines: 0, readToEnd: false };
    expect(found({ ...bad, conductor: { heard: false } })).not.toContain(all[1]);
    expect(found({ ...bad, brokerLog: blind })).toEqual([...all.slice(0, 3), all[5]]);
    expect(found({ ...bad, capture: blind })).toEqual([...all.slice(0, 4), all[5]]);
  });

  test('is no failed request where some may be lost', () => {
    expect(found(bad, { ...expecting('clean'), requests: 'reported' })).toEqual(all.slice(1));
  });
});

describe('a verdict that could not be drawn', () => {
  const of = (expected: Expectation, cause: (typeof causeNames)[number]) =>
    objections(heartbeatRecord({}, { expected, verdict: { ...inconclusive('why'), cause } }));
  const ofRun = causeNames.filter((cause) => causes[cause].of === 'run');
  const ofHeartbeat = causeNames.filter((cause) => causes[cause].of === 'heartbeat');

  test.for(causeNames)('%s: is the objection of a row that asserts one, or the price', (cause) => {
    expect(of(expecting('clean'), cause)).toEqual([`could not tell (${cause}): why`]);
    expect(of({ requests: 'all answered', slowed: 'none' }, cause)).toEqual([
      `could not tell (${cause}): why`,
    ]);
  });

  test.for(ofRun)('%s: is the objection of any row', (cause) => {
    expect(of(reported, cause)).toEqual([`could not tell (${cause}): why`]);
  });

  test.for(ofHeartbeat)('%s: is none of a row that asserts neither', (cause) => {
    expect(of(reported, cause)).toEqual([]);
    expect(of({ requests: 'all answered', slowed: 'reported' }, cause)).toEqual([]);
  });

  test('without evidence nothing is as expected', () => {
    expect(objections(heartbeatRecord({}, { evidence: undefined, expected: reported }))).toEqual([
      'there is no evidence',
    ]);
  });
});

describe('a row', () => {
  const row: TableRow = { mpm: 'event', processes: 1, threads: 25, why: 'because' };
  const expected = (change: Partial<TableRow>) =>
    rowOf({ ...row, ...change } as TableRow, times.compressed).expected;

  test.for<[string, Partial<TableRow>, Expectation, asserts: boolean, words: string]>([
    [
      'that must be clean slows no request, unless it says so',
      { expected: 'clean' },
      { verdict: ['clean'], requests: 'all answered', slowed: 'none' },
      true,
      'clean',
    ],
    [
      'that must be reproduced: each process loses a connection, and the heartbeat logs half of the drops',
      { expected: 'reproduced', slowed: 'some', processes: 8, threads: 1 },
      {
        verdict: ['reproduced'],
        requests: 'all answered',
        slowed: 'some',
        least: { drops: 8, loggedByHeartbeat: 0.5, slowed: 0.05 },
      },
      true,
      'reproduced',
    ],
    [
      'that says itself what it has at least',
      { expected: 'reproduced', least: { drops: 3 }, otherwiseBelowMs: 5000 },
      {
        verdict: ['reproduced'],
        requests: 'all answered',
        slowed: 'reported',
        least: { drops: 3, loggedByHeartbeat: 0.5 },
        otherwiseBelowMs: 5000,
      },
      true,
      'reproduced',
    ],
    [
      'whose verdict is one of two',
      { expected: ['clean', 'dropped'] },
      { verdict: ['clean', 'dropped'], requests: 'all answered', slowed: 'reported' },
      true,
      'clean or dropped',
    ],
    [
      'whose verdict is a matter of luck still has its requests answered',
      {},
      { verdict: undefined, requests: 'all answered', slowed: 'reported' },
      true,
      'all requests answered',
    ],
    [
      'that is known by what it loses',
      { requests: 'some lost', slowed: 'some' },
      { verdict: undefined, requests: 'some lost', slowed: 'some', least: { slowed: 0.05 } },
      true,
      'some requests lost, some requests slowed',
    ],
    [
      'that is known by what an answer takes',
      { requests: 'reported', answersMs: { call: { atLeast: 500 } } },
      { requests: 'reported', slowed: 'reported', answersMs: { call: { atLeast: 500 } } },
      true,
      'a call takes 500 ms or more',
    ],
    [
      'of which nothing is asserted',
      { requests: 'reported' },
      { verdict: undefined, requests: 'reported', slowed: 'reported' },
      false,
      'reported',
    ],
  ])('%s', ([, change, asserted, asserts, words]) => {
    expect(expected(change)).toEqual(asserted);
    expect(assertsAnything(asserted)).toBe(asserts);
    expect(expectationWords(asserted)).toBe(words);
  });

  test('is called by its deployment, its traffic and what is asserted of it', () => {
    const title = (change: Partial<TableRow>) =>
      rowTitle(rowOf({ ...row, ...change } as TableRow, times.compressed));
    expect([title({ expected: 'clean' }), title({ scenario: 'burst', requests: 'reported' })]).toEqual([
      'event 1 × 25: clean',
      'event 1 × 25, burst: reported',
    ]);
  });
});
