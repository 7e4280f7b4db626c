import { describe, expect, test } from 'vitest';
import {
  type Expectation,
  expectationWords,
  informational,
  isInformational,
} from '../../helpers/rows/expectation.ts';
import { planRow, type Row, type Settings, titleOf } from '../../helpers/rows/row.ts';
import { checkIds } from '../../helpers/rows/row-id.ts';
import { times } from '../../helpers/rows/traffic.ts';
import { event1x25, prefork2, prefork8 } from '../table/deployments.ts';
import { settings } from './fixtures/settings.ts';

const row: Row = { id: 'test/event-1x25', deployment: event1x25, expect: {}, why: 'because' };
const planned = (change: Partial<Row>, ofRun: Partial<Settings> = {}) =>
  planRow({ ...row, ...change }, { ...settings, ...ofRun });

const allAnswered: Expectation = { requests: 'all answered', messages: 'all arrive', slowed: 'any' };
const nothingAsserted: Expectation = { ...allAnswered, requests: 'any' };

describe('what a row leaves unsaid is completed', () => {
  test.for<[string, Partial<Row>, Expectation, words: string]>([
    [
      'a clean row allows no slowed request',
      { expect: { verdict: 'clean' } },
      { ...allAnswered, verdict: ['clean'], slowed: 'none' },
      'clean',
    ],
    [
      'in a reproduced row every process loses a connection, and the heartbeat logs half of the drops',
      { deployment: prefork8, expect: { verdict: 'reproduced', slowed: 'some' } },
      {
        ...allAnswered,
        verdict: ['reproduced'],
        slowed: 'some',
        least: { drops: 8, loggedByHeartbeat: 0.5 },
      },
      'reproduced',
    ],
    [
      'figures that the row gives are kept',
      { expect: { verdict: 'reproduced', least: { drops: 3 }, otherwiseBelowMs: 5000 } },
      {
        ...allAnswered,
        verdict: ['reproduced'],
        least: { drops: 3, loggedByHeartbeat: 0.5 },
        otherwiseBelowMs: 5000,
      },
      'reproduced',
    ],
    [
      'a row may expect one of two verdicts',
      { expect: { verdict: ['clean', 'dropped'] } },
      { ...allAnswered, verdict: ['clean', 'dropped'] },
      'clean or dropped',
    ],
    ['a row without an expected verdict has its requests answered', {}, allAnswered, 'all requests answered'],
    [
      'a row may assert that some requests are lost and some are slowed',
      { expect: { requests: 'some lost', slowed: 'some' } },
      { ...allAnswered, requests: 'some lost', slowed: 'some' },
      'some requests lost, some requests slowed',
    ],
    [
      'a row may assert how long an answer takes',
      { expect: { requests: 'any', answersMs: { call: { atLeast: 500 } } } },
      { ...nothingAsserted, answersMs: { call: { atLeast: 500 } } },
      'a call takes 500 ms or more',
    ],
    ['an informational row asserts nothing', { expect: informational }, nothingAsserted, 'informational'],
    [
      'a row with a fault may assert its recovery and the plain route',
      {
        deployment: prefork8,
        fault: 'broker down',
        expect: { verdict: 'recovered', plainDuringFault: 'none' },
      },
      { ...allAnswered, verdict: ['recovered'], plainDuringFault: 'none' },
      'recovered, none answered on the plain route meanwhile',
    ],
    [
      'a row with a fault may be informational',
      { fault: 'broker down', expect: informational },
      nothingAsserted,
      'informational',
    ],
    [
      'a row with a fault may assert what is left behind alone',
      { fault: 'graceful reload', expect: { requests: 'any', messages: 'any', leftBehind: 'something' } },
      { requests: 'any', messages: 'any', slowed: 'any', leftBehind: 'something' },
      'something left behind',
    ],
    [
      'a row with a load asserts its verdict alone',
      { load: { baseline: prefork8, cpus: 1, route: 'plain' }, expect: { verdict: 'within' } },
      { verdict: ['within'], requests: 'any', messages: 'any', slowed: 'any' },
      'within',
    ],
  ])('%s', ([, change, expected, words]) => {
    const { expect: completed } = planned(change);
    expect(completed).toEqual(expected);
    expect(isInformational(completed)).toBe(words === 'informational');
    expect(expectationWords(completed)).toBe(words);
  });

  test.for<[string, Partial<Row>, string]>([
    ['a trickle', {}, 'trickle'],
    ['of an outage if the broker is down', { fault: 'broker down' }, 'outage'],
    ['of an outage if the network is silent', { fault: 'network silent' }, 'outage'],
    ['of a reload if the server reloads', { fault: 'graceful reload' }, 'reload'],
    ['what the row says', { fault: 'broker down', traffic: 'outage, call' }, 'outage, call'],
  ])('traffic is %s', ([, change, name]) => {
    expect(planned(change).traffic?.name).toBe(name);
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
    for (const made of [deployment, comparison?.baseline]) {
      expect(made).toMatchObject({ cpus: 1, heartbeatSeconds: 60 });
    }
    expect(comparison).toMatchObject({
      load: { route: 'plain', requests: 500, concurrency: 5 },
      terms: { tolerance: 0.2, confidence: 0.9, mostBlocks: 4 },
    });
  });
});

const load = { baseline: prefork8, cpus: 1, route: 'amqp' } as const;

test.for<[Partial<Row>, string]>([
  [{ expect: { verdict: 'clean' } }, 'event 1 × 25: clean'],
  [{ traffic: 'burst', expect: informational }, 'event 1 × 25, burst: informational'],
  [{ layout: 'kolla 2025.1', expect: { verdict: 'clean' } }, 'kolla 2025.1: event 1 × 25: clean'],
  [
    {
      deployment: prefork2,
      fault: 'broker down',
      expect: { verdict: 'recovered', plainDuringFault: 'none' },
    },
    'prefork 2, broker down: recovered, none answered on the plain route meanwhile',
  ],
  [
    { deployment: prefork2, fault: 'broker down', traffic: 'outage, call', expect: informational },
    'prefork 2, broker down, call: informational',
  ],
  [
    { load, expect: { verdict: 'within' } },
    'event 1 × 25, heartbeat 60 s, 1 CPU, compared with prefork 8 on the AMQP route: within',
  ],
])('the title of %j has the deployment, what is done to it, and what is expected', ([change, title]) => {
  expect(titleOf(planned(change))).toBe(title);
});

describe('ids', () => {
  const group = (...ids: string[]) => [{ title: 'a group', rows: ids.map((id) => ({ ...row, id })) }];

  test('of words with / between them are accepted', () => {
    const groups = group('article/prefork-8', 'kolla-2025.1/night', 'outage/event-1x25/call');
    expect(() => checkIds(groups)).not.toThrow();
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
    expect(() => checkIds(group(id))).toThrow(
      expect.objectContaining({ name: 'RowError', message: expect.stringContaining(`row ${id}: `) }),
    );
  });

  test('that two rows share are refused, also in different groups', () => {
    const groups = [...group('article/prefork-8'), ...group('article/prefork-8')];
    expect(() => checkIds(groups)).toThrow(/^row article\/prefork-8: two rows/);
  });
});

test('a bound below which slow requests are not counted is refused', () => {
  expect(() => planned({ expect: { verdict: 'clean', otherwiseBelowMs: 500 } })).toThrow(
    /^row test\/event-1x25: otherwiseBelowMs is 500, expected 1000 or more$/,
  );
});
