import { describe, expect, test } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { causeNames, causes } from '../../helpers/verdict/causes.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { objections } from '../../helpers/verdict/expectation.ts';
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
  heartbeatRecord,
  inconclusive,
  reported,
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
    ['not one that was slow for another reason', { evidence: ofRequests({ slowOtherwiseMs: [1200] }) }, []],
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
      { verdict: undefined, requests: 'some lost', slowed: 'some' },
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
