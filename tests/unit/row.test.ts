import { describe, expect, test } from 'vitest';
import {
  type Expect,
  type Expectation,
  expectationWords,
  informational,
  isInformational,
} from '../../helpers/rows/expectation.ts';
import { checked, planRow, type Row, type Settings, titleOf } from '../../helpers/rows/row.ts';
import { times } from '../../helpers/rows/traffic.ts';
import { settings } from './fixtures/settings.ts';

const event1x25 = { mpm: 'event', processes: 1, threads: 25 } as const;
const prefork8 = { mpm: 'prefork', processes: 8, threads: 1 } as const;
const row: Row = { id: 'test/event-1x25', deployment: event1x25, expect: {}, why: 'because' };
const planned = (change: Partial<Row>, ofRun: Partial<Settings> = {}) =>
  planRow({ ...row, ...change }, { ...settings, ...ofRun });

describe('what a row leaves unsaid is completed', () => {
  test.for<[string, Partial<Row>, Expectation, asserts: boolean, words: string]>([
    [
      'a clean row allows no slowed request',
      { expect: { verdict: 'clean' } },
      { verdict: ['clean'], requests: 'all answered', messages: 'all arrive', slowed: 'none' },
      true,
      'clean',
    ],
    [
      'in a reproduced row every process loses a connection, and the heartbeat logs half of the drops',
      { deployment: prefork8, expect: { verdict: 'reproduced', slowed: 'some' } },
      {
        verdict: ['reproduced'],
        requests: 'all answered',
        messages: 'all arrive',
        slowed: 'some',
        least: { drops: 8, loggedByHeartbeat: 0.5, slowed: 0.05 },
      },
      true,
      'reproduced',
    ],
    [
      'figures that the row gives are kept',
      { expect: { verdict: 'reproduced', least: { drops: 3 }, otherwiseBelowMs: 5000 } },
      {
        verdict: ['reproduced'],
        requests: 'all answered',
        messages: 'all arrive',
        slowed: 'any',
        least: { drops: 3, loggedByHeartbeat: 0.5 },
        otherwiseBelowMs: 5000,
      },
      true,
      'reproduced',
    ],
    [
      'a row may expect one of two verdicts',
      { expect: { verdict: ['clean', 'dropped'] } },
      { verdict: ['clean', 'dropped'], requests: 'all answered', messages: 'all arrive', slowed: 'any' },
      true,
      'clean or dropped',
    ],
    [
      'a row without an expected verdict still has its requests answered',
      {},
      { requests: 'all answered', messages: 'all arrive', slowed: 'any' },
      true,
      'all requests answered',
    ],
    [
      'a row may assert that some requests are lost and some are slowed',
      { expect: { requests: 'some lost', slowed: 'some' } },
      { requests: 'some lost', messages: 'all arrive', slowed: 'some', least: { slowed: 0.05 } },
      true,
      'some requests lost, some requests slowed',
    ],
    [
      'a row may assert how long an answer takes',
      { expect: { requests: 'any', answersMs: { call: { atLeast: 500 } } } },
      { requests: 'any', messages: 'all arrive', slowed: 'any', answersMs: { call: { atLeast: 500 } } },
      true,
      'a call takes 500 ms or more',
    ],
    [
      'an informational row asserts nothing',
      { expect: informational },
      { requests: 'any', messages: 'all arrive', slowed: 'any' },
      false,
      'informational',
    ],
    [
      'a row with a fault may assert its recovery and the plain route',
      {
        deployment: prefork8,
        fault: 'broker down',
        expect: { verdict: 'recovered', plainDuringFault: 'none' },
      },
      {
        verdict: ['recovered'],
        requests: 'all answered',
        messages: 'all arrive',
        slowed: 'any',
        plainDuringFault: 'none',
      },
      true,
      'recovered, none answered on the plain route meanwhile',
    ],
    [
      'a row with a fault may be informational',
      { fault: 'broker down', expect: informational },
      { requests: 'any', messages: 'all arrive', slowed: 'any' },
      false,
      'informational',
    ],
    [
      'a row with a fault may assert what is left behind alone',
      { fault: 'graceful reload', expect: { requests: 'any', messages: 'any', leftBehind: 'something' } },
      { requests: 'any', messages: 'any', slowed: 'any', leftBehind: 'something' },
      true,
      'something left behind',
    ],
    [
      'a row with a load asserts its verdict alone',
      { load: { baseline: prefork8, cpus: 1, route: 'plain' }, expect: { verdict: 'within' } },
      { verdict: ['within'], requests: 'any', messages: 'any', slowed: 'any' },
      true,
      'within',
    ],
  ])('%s', ([, change, expected, asserts, words]) => {
    const { expect: completed } = planned(change);
    expect(completed).toEqual(expected);
    expect(isInformational(completed)).toBe(!asserts);
    expect(expectationWords(completed)).toBe(words);
  });

  test('traffic is a trickle, or what goes with the fault', () => {
    const names = ([undefined, 'broker down', 'network silent', 'graceful reload'] as const).map(
      (fault) => planned(fault ? { fault } : {}).traffic?.name,
    );
    expect(names).toEqual(['trickle', 'outage', 'outage', 'reload']);
    expect(planned({ traffic: 'outage, call', fault: 'broker down' }).traffic?.name).toBe('outage, call');
  });

  test.for([
    'compressed',
    'production',
  ] as const)('the heartbeat and the traffic are of the %s times', (scale) => {
    const { deployment, traffic } = planned({}, { times: times[scale] });
    expect(deployment.heartbeatSeconds).toBe(times[scale].heartbeatSeconds);
    expect(traffic).toEqual(times[scale].traffic.trickle);
  });

  test('a comparison has the quota of its row, a heartbeat that drops nothing, and the run’s terms', () => {
    const load = { baseline: prefork8, cpus: 1, route: 'plain' } as const;
    const options = { requests: 500, concurrency: 5, tolerance: 0.2, confidence: 0.9, blocks: 4 };
    const { deployment, comparison, traffic } = planned({ load }, options);
    expect(traffic).toBeUndefined();
    for (const it of [deployment, comparison?.baseline]) {
      expect(it).toMatchObject({ cpus: 1, heartbeatSeconds: 60 });
    }
    expect(comparison).toMatchObject({
      load: { route: 'plain', requests: 500, concurrency: 5 },
      terms: { tolerance: 0.2, confidence: 0.9, mostBlocks: 4 },
    });
  });
});

test('a title has the deployment, what is done to it, and what is expected', () => {
  const title = (change: Partial<Row>) => titleOf(planned(change));
  const prefork2 = { mpm: 'prefork', processes: 2, threads: 1 } as const;
  const recovered: Expect = { verdict: 'recovered', plainDuringFault: 'none' };
  expect([
    title({ expect: { verdict: 'clean' } }),
    title({ traffic: 'burst', expect: informational }),
    title({ layout: 'kolla 2025.1', expect: { verdict: 'clean' } }),
    title({ deployment: prefork2, fault: 'broker down', expect: recovered }),
    title({ deployment: prefork2, fault: 'broker down', traffic: 'outage, call', expect: informational }),
    title({ load: { baseline: prefork8, cpus: 1, route: 'amqp' }, expect: { verdict: 'within' } }),
  ]).toEqual([
    'event 1 × 25: clean',
    'event 1 × 25, burst: informational',
    'kolla 2025.1: event 1 × 25: clean',
    'prefork 2, broker down: recovered, none answered on the plain route meanwhile',
    'prefork 2, broker down, call: informational',
    'event 1 × 25, heartbeat 60 s, 1 CPU, compared with prefork 8 on the AMQP route: within',
  ]);
});

describe('ids', () => {
  const group = (...ids: string[]) => [{ title: 'a group', rows: ids.map((id) => ({ ...row, id })) }];

  test('of words with / between them are accepted', () => {
    const groups = group('article/prefork-8', 'kolla-2025.1/night', 'outage/event-1x25/call');
    expect(checked(groups)).toBe(groups);
  });

  test.for([
    '',
    'prefork-8',
    'Article/prefork-8',
    'article/prefork 8',
    'article//prefork-8',
    'article/',
    '/prefork-8',
    'article/-8',
    'article/8 × 25',
  ])('“%s” is refused', (id) => {
    expect(() => checked(group(id))).toThrow(
      expect.objectContaining({ name: 'RowError', message: expect.stringContaining(`row ${id}: `) }),
    );
  });

  test('that two rows share are refused, also in different groups', () => {
    const groups = [...group('article/prefork-8'), ...group('article/prefork-8')];
    expect(() => checked(groups)).toThrow(/^row article\/prefork-8: two rows/);
  });
});
