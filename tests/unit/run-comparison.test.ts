import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { type Figures, figuresOf } from '../../helpers/record/figures.ts';
import type { HeartbeatRecord } from '../../helpers/record/record.ts';
import {
  compareResults,
  gotWorse,
  partsComparison,
  runComparisonLines,
} from '../../helpers/report/comparison/run-comparison.ts';
import type { Failure, Results } from '../../helpers/report/results/results.ts';
import { idWithParts } from '../../helpers/rows/row-id.ts';
import { times } from '../../helpers/rows/traffic.ts';
import { folderWith } from './fixtures/folder.ts';
import impactNoise from './fixtures/impact-noise.json' with { type: 'json' };
import { type Cell, resultsWith } from './fixtures/results-with.ts';
import {
  assertingNothing,
  cleanEvidence,
  droppedEvidence,
  expecting,
  heartbeatRecord,
  inconclusive,
  reproducedRecord,
  withRequests,
} from './fixtures/row-record.ts';
import { throughputRecord } from './fixtures/throughput-record.ts';

/** What has changed, in short. */
function changes(before: Results, after: Results): string[] {
  return compareResults(before, after).changes.map(
    ({ rule, subject, before, after, direction }) => `${direction}: ${rule} ${subject}: ${before} → ${after}`,
  );
}

const row = (change: Partial<HeartbeatRecord>) => heartbeatRecord({}, change);
const failed = (change: Partial<HeartbeatRecord>, violations?: readonly string[]): Cell => {
  const cell = row(change);
  return { cell: violations ? { ...cell, violations } : cell, state: 'failed' };
};
const informational = (change: Partial<HeartbeatRecord> = {}): Cell => ({
  cell: row({ expect: assertingNothing, ...change }),
  state: 'informational',
});
const prefork1 = heartbeatRecord();
const prefork8 = reproducedRecord();
/** It was executed, so that the versions are known; no claim rests on it. */
const uwsgi = row({ deployment: deployment({ server: 'uwsgi', processes: 1, threads: 25 }) });
const dropped = row({ verdict: { kind: 'dropped' }, evidence: droppedEvidence });
const onlyRequests = { requests: 'all answered', messages: 'all arrive', slowed: 'any' } as const;
const notAllowed = (...lines: string[]): Partial<HeartbeatRecord> => ({
  evidence: { ...cleanEvidence, notAllowed: lines },
});
const someLost = { verdict: ['clean'], requests: 'some lost', messages: 'any', slowed: 'none' } as const;
/** It tolerates fewer than one slowed request in twenty. */
const tolerant = { ...expecting('clean'), slowed: 'none', least: { slowed: 0.05 } } as const;
const called = (ms: number, many?: number) => answers({ [stub.routes.call.path]: ms }, many);
/** A row that expects the error. Unless its verdict is given, it is clean. */
const reproducing = { expect: expecting('reproduced') };
const reproduced = { ...reproducing, verdict: { kind: 'reproduced' } } as const;

const requests = (change: Parameters<typeof withRequests>[0]) => ({ evidence: withRequests(change) });

/** A reconnect slows requests by these milliseconds, and the row expects some. */
const slowedBy = (...slowedMs: readonly number[]): Partial<HeartbeatRecord> => ({
  expect: { ...expecting('clean'), slowed: 'some' },
  ...requests({ slowedMs }),
});
const slowing = (many: number, ms = 1030) => slowedBy(...Array<number>(many).fill(ms));
/** So many requests are slow without a line, and six with one. */
const slowOtherwise = (many: number): Partial<HeartbeatRecord> => ({
  ...slowing(6),
  ...requests({ slowedMs: Array<number>(6).fill(1030), slowOtherwiseMs: Array<number>(many).fill(1400) }),
});
const messagesLost = (many: number): Partial<HeartbeatRecord> => ({
  evidence: {
    ...cleanEvidence,
    messages: { ...cleanEvidence.messages, lost: Array.from({ length: many }, (_, index) => `req-${index}`) },
  },
});
/** Answers after this many milliseconds, each with a line that the broker is unreachable. */
const answered = (ms: number) =>
  requests({
    all: Array.from({ length: 32 }, (_, index) => ({
      id: `req-${index}`,
      path: stub.routes.call.path,
      sentAt: 0,
      endedAt: ms,
      status: 200,
      reconnected: true as const,
    })),
  });
/** Answers on each route, after this many milliseconds; and one more that was slowed by a reconnect. */
const answers = (routes: Readonly<Record<string, number>>, many = 10) =>
  requests({
    slowedMs: Object.keys(routes).map(() => 10_000),
    all: Object.entries(routes).flatMap(([path, ms]) =>
      Array.from({ length: many + 1 }, (_, index) => ({
        id: `req-${index}`,
        path,
        sentAt: 0,
        endedAt: index === 0 ? 10_000 : ms,
        status: 200,
        ...(index === 0 && { reconnected: true as const }),
      })),
    ),
  });

const { server } = cleanEvidence;
const versions = { ...server.versions, 'oslo.messaging': '17.0.0' };

test('a run is as good as itself', () => {
  const run = resultsWith(prefork1, prefork8, throughputRecord(8, 1));
  const comparison = compareResults(run, run);
  expect(comparison).toEqual({ changes: [], cells: 3 });
  expect(runComparisonLines(comparison)).toEqual(['3 cells in both: nothing has changed']);
  expect(gotWorse(comparison)).toBe(false);
});

test.for<[string, Cell[], Cell[], string[]]>([
  [
    'a verdict that is no longer expected is worse',
    [prefork1],
    [dropped],
    [
      'worse: verdict test/prefork-1: clean → dropped, 2 drops (1 logged by request, 1 by nobody)',
      'worse: slowed test/prefork-1: 0 of 40 → 1 of 40',
    ],
  ],
  [
    'a row that expects drops and is clean is better, although its test fails',
    [row(reproduced)],
    [failed(reproducing)],
    ['better: verdict test/prefork-1: reproduced → clean'],
  ],
  [
    'a row that was better than it expects, and is as it expects again, is worse',
    [failed(reproducing)],
    [row(reproduced)],
    ['worse: verdict test/prefork-1: clean → reproduced'],
  ],
  [
    'a row that expects drops, and is clean with a line that is not allowed, is worse',
    [row(reproduced)],
    [failed({ ...notAllowed('ERROR one'), ...reproducing })],
    ['worse: verdict test/prefork-1: reproduced → clean'],
  ],
  [
    'a row that is inconclusive in both runs cannot be judged',
    [prefork8, row({ verdict: inconclusive('late') })],
    [prefork8, row({ verdict: inconclusive('later') })],
    ['could not tell: verdict test/prefork-1: inconclusive: late → inconclusive: later'],
  ],
  [
    'a row that asserts only its requests and is inconclusive in both runs cannot be judged',
    [failed({ expect: onlyRequests, verdict: inconclusive('late') })],
    [failed({ expect: onlyRequests, verdict: inconclusive('late') })],
    ['could not tell: verdict test/prefork-1: inconclusive: late → inconclusive: late'],
  ],
  [
    'a verdict that is expected again is better, although the test fails for another reason',
    [failed({ verdict: { kind: 'dropped' } })],
    [failed(notAllowed('ERROR one'))],
    [
      'better: verdict test/prefork-1: dropped → clean',
      'could not tell: test test/prefork-1: failed → failed for another reason: not allowed: ERROR one',
    ],
  ],
  [
    'a test that fails for the same reason, at another time, has not changed',
    [failed(notAllowed('12:00:01 17 ERROR one'))],
    [failed(notAllowed('12:34:56 18 ERROR one'))],
    [],
  ],
  [
    'a test that fails because of another log line cannot be judged',
    [failed(notAllowed('12:00:01 17 ERROR one'))],
    [failed(notAllowed('12:00:01 17 ERROR two'))],
    ['could not tell: test test/prefork-1: failed → failed for another reason: not allowed: # ERROR two'],
  ],
  [
    'a test that fails because of an error with another traceback cannot be judged',
    [failed(notAllowed('ERROR one\n  File "a.py", line 1\nKeyError: a'))],
    [failed(notAllowed('ERROR one\n  File "b.py", line 2\nMemoryError'))],
    [
      'could not tell: test test/prefork-1: failed → failed for another reason: not allowed: ERROR one … MemoryError',
    ],
  ],
  [
    'a test that fails because a route has no answer, and not because it is slow, cannot be judged',
    [failed({}, ['call: the median answer took 250 ms, expected 500 ms or more'])],
    [failed({}, ['call: there is no answer, expected 500 ms or more'])],
    [
      'could not tell: test test/prefork-1: failed → failed for another reason: call: there is no answer, expected # ms or more',
    ],
  ],
  [
    'a test that fails because of another finding of its first execution cannot be judged',
    [failed({}, ['in the first execution: a message never arrived: req-1'])],
    [failed({}, ['in the first execution: a request failed: /amqp req-2: 500'])],
    ['could not tell: test test/prefork-1: failed → failed for another reason: a request failed'],
  ],
  [
    'a verdict that is wrong for another reason as well cannot be judged',
    [failed({}, ['the verdict is not recovered (a: 17 was not replaced), expected recovered'])],
    [
      failed({}, [
        'the verdict is not recovered (a: 18 was not replaced; 5 did not answer), expected recovered',
      ]),
    ],
    [
      'could not tell: test test/prefork-1: failed → failed for another reason: the verdict is not recovered (a: # was not replaced; # did not answer), expected recovered',
    ],
  ],
  [
    'a test that fails for fewer of the same reasons has not changed',
    [failed(notAllowed('ERROR one', 'ERROR two'))],
    [failed(notAllowed('ERROR one'))],
    [],
  ],
  [
    'a test that fails by another assertion of its own cannot be judged',
    [{ cell: prefork1, state: 'failed', errors: ['expected 3 to be 1'] }],
    [{ cell: prefork1, state: 'failed', errors: ['could not tell: 2 by ss, 3 by its log'] }],
    [
      'could not tell: test test/prefork-1: failed → failed for another reason: could not tell: # by ss, # by its log',
    ],
  ],
  [
    'a test that was cut off is worse',
    [prefork1],
    [{ cell: prefork1, state: 'pending' }],
    ['worse: test test/prefork-1: passed → not decided'],
  ],
  [
    'a new row that is not as expected is worse',
    [prefork1],
    [prefork1, heartbeatRecord({ processes: 2 }, { verdict: inconclusive('late') })],
    ['worse: cell test/prefork-2: not there → inconclusive: late'],
  ],
  [
    'a test that fails now is worse, although the verdict is another of the expected ones',
    [row({ expect: expecting('clean', 'dropped') })],
    [failed({ expect: expecting('clean', 'dropped'), verdict: { kind: 'dropped' } })],
    ['changed: verdict test/prefork-1: clean → dropped', 'worse: test test/prefork-1: passed → failed'],
  ],
  [
    'any verdict of an informational row, also an inconclusive one, is a change',
    [informational()],
    [informational({ verdict: { ...inconclusive('late'), cause: 'no drop seen' } })],
    ['changed: verdict test/prefork-1: clean → inconclusive: late'],
  ],
  [
    'an informational row that was not executed is worse',
    [uwsgi, informational()],
    [uwsgi, failed({ expect: assertingNothing, verdict: inconclusive('not executed'), evidence: undefined })],
    ['worse: verdict test/prefork-1: clean → inconclusive: not executed'],
  ],
  [
    'a row that is as expected because another verdict is expected is a change, and not better',
    [{ cell: { ...dropped, expect: expecting('clean') }, state: 'failed' }],
    [{ cell: { ...dropped, expect: expecting('dropped') }, state: 'passed' }],
    ['changed: test test/prefork-1: failed, expected clean → passed, expected dropped'],
  ],
  [
    'a missing row is worse',
    [prefork1, prefork8],
    [prefork1],
    ['worse: cell test/prefork-8: there → missing'],
  ],
  [
    'a new row that is as expected is a change',
    [prefork1],
    [prefork1, prefork8],
    ['changed: cell test/prefork-8: not there → reproduced, 2 drops (1 logged by heartbeat, 1 by nobody)'],
  ],
  [
    'a lost request is worse if every request must be answered',
    [prefork1],
    [row(requests({ failed: ['/amqp req-1: 500'] }))],
    ['worse: lost test/prefork-1: 0 of 40 → 1 of 40'],
  ],
  [
    'a few more lost requests are no clear change if some must be lost',
    [row({ expect: someLost, ...requests({ failed: ['a', 'b'] }) })],
    [row({ expect: someLost, ...requests({ failed: ['a', 'b', 'c'] }) })],
    ['no clear change: lost test/prefork-1: 2 of 40 → 3 of 40'],
  ],
  [
    'a slowed request is worse if none may be slowed',
    [prefork1],
    [row(requests({ slowedMs: [1030] }))],
    ['worse: slowed test/prefork-1: 0 of 40 → 1 of 40'],
  ],
  [
    'a slowed request is no clear change if the row tolerates it',
    [row({ expect: tolerant })],
    [row({ expect: tolerant, ...requests({ slowedMs: [1030] }) })],
    ['no clear change: slowed test/prefork-1: 0 of 40 → 1 of 40'],
  ],
  [
    'more slowed requests than the row tolerates are worse',
    [row({ expect: tolerant, ...requests({ slowedMs: [1030] }) })],
    [row({ expect: tolerant, ...requests({ slowedMs: [1030, 1030] }) })],
    ['worse: slowed test/prefork-1: 1 of 40 → 2 of 40'],
  ],
  [
    'a slowed request is no clear change if nothing is asserted of slowed requests',
    [row({ expect: expecting('clean') })],
    [row({ expect: expecting('clean'), ...requests({ slowedMs: [1030] }) })],
    ['no clear change: slowed test/prefork-1: 0 of 40 → 1 of 40'],
  ],
  [
    'more slowed requests than luck explains are worse if some must be slowed',
    [row(slowing(6))],
    [row(slowing(22))],
    ['worse: slowed test/prefork-1: 6 of 40 → 22 of 40'],
  ],
  [
    'an increase in slowed requests that luck can explain is not mentioned',
    [row(slowing(6))],
    [row(slowing(13))],
    [],
  ],
  [
    'more slowed requests than luck explains are a change if nothing is asserted of them',
    [row({ ...slowing(2), expect: expecting('dropped') })],
    [row({ ...slowing(22), expect: expecting('dropped') })],
    ['changed: slowed test/prefork-1: 2 of 40 → 22 of 40'],
  ],
  [
    'requests that wait longer for a reconnect are worse',
    [row(slowing(7))],
    [row(slowing(7, 3030))],
    ['worse: slowed test/prefork-1: by 1030 ms → by 3030 ms'],
  ],
  [
    'requests that meet one dead connection or two, by luck, are not worse',
    [row(slowedBy(2073, 1045, 1053, 2078, 2104, 1064, 1103, 2049, 1049, 1039))],
    [row(slowedBy(1054, 1048, 2091, 2060, 2039, 2056))],
    ['no clear change: slowed test/prefork-1: by 1084 ms → by 2048 ms'],
  ],
  [
    'a reconnect that takes a little longer, as on a busy machine, is not mentioned',
    [row(slowing(6))],
    [row(slowing(6, 1200))],
    [],
  ],
  [
    'more slow requests without a line than luck explains are worse if requests come one at a time',
    [row(slowing(6))],
    [row(slowOtherwise(20))],
    ['worse: slowed test/prefork-1: 0 of 40 slow otherwise → 20 of 40 slow otherwise'],
  ],
  [
    'more slow requests without a line are a change if requests are sent at once',
    [row({ ...slowing(6), traffic: times.compressed.traffic.burst })],
    [row({ ...slowOtherwise(20), traffic: times.compressed.traffic.burst })],
    ['changed: slowed test/prefork-1-burst: 0 of 40 slow otherwise → 20 of 40 slow otherwise'],
  ],
  [
    'a lost message is worse if each must arrive, also if requests may be lost',
    [row({ expect: { ...expecting('clean'), requests: 'any' }, ...messagesLost(1) })],
    [row({ expect: { ...expecting('clean'), requests: 'any' }, ...messagesLost(30) })],
    ['worse: lost test/prefork-1: 1 of 40 messages → 30 of 40 messages'],
  ],
  [
    'answers just below the bound of slowed requests are compared, whatever line was logged for them',
    [row(answered(20))],
    [row(answered(950))],
    ['worse: median test/prefork-1: call 20 ms → call 950 ms'],
  ],
  [
    'more lost requests than luck explains are worse if some must be lost',
    [row({ expect: someLost, ...requests({ failed: Array(8).fill('a') }) })],
    [row({ expect: someLost, ...requests({ failed: Array(40).fill('a') }) })],
    ['worse: lost test/prefork-1: 8 of 40 → 40 of 40'],
  ],
  [
    'answers that take half a second longer on one of two routes are worse',
    [row(answers({ '/v2.1/os-services': 20, [stub.routes.call.path]: 28 }))],
    [row(answers({ '/v2.1/os-services': 190, [stub.routes.call.path]: 553 }))],
    ['worse: median test/prefork-1: call 28 ms → call 553 ms'],
  ],
  [
    'longer answers are no clear change if requests are sent at once, because the machine decides how long they take',
    [row({ traffic: times.compressed.traffic.burst, ...called(206) })],
    [row({ traffic: times.compressed.traffic.burst, ...called(666) })],
    ['no clear change: median test/prefork-1-burst: call 206 ms → call 666 ms'],
  ],
  [
    'longer answers are no clear change if requests may be lost',
    [row({ expect: assertingNothing, ...called(28) })],
    [row({ expect: assertingNothing, ...called(553) })],
    ['no clear change: median test/prefork-1: call 28 ms → call 553 ms'],
  ],
  [
    'a route with too few requests for a median is not compared',
    [row(called(28, 4))],
    [row(called(553, 4))],
    [],
  ],
  [
    'a request that is slow for another reason is not mentioned',
    [prefork1],
    [row(requests({ slowOtherwiseMs: [1030] }))],
    [],
  ],
  [
    'a row that was not executed has no figures to compare',
    [uwsgi, row(requests({ slowedMs: [1030], failed: ['a'] }))],
    [uwsgi, row({ evidence: undefined })],
    [],
  ],
  [
    'another version of a part is a change',
    [prefork1],
    [row({ evidence: { ...cleanEvidence, server: { ...server, versions } } })],
    ['changed: version oslo.messaging: 16.1.0 → 17.0.0'],
  ],
])('%s', ([, before, after, expected]) => {
  expect(changes(resultsWith(...before), resultsWith(...after))).toEqual(expected);
});

test('a throughput ratio is worse or better only if the intervals are disjoint', () => {
  const ratio = (before: number, after: number) => {
    const [earlier, later] = [before, after].map((ratio) => resultsWith(throughputRecord(12, ratio)));
    return changes(earlier as Results, later as Results).filter((line) => line.includes(': ratio'));
  };
  expect([ratio(1.08, 0.93), ratio(0.93, 1.08), ratio(0.93, 0.95)].flat()).toEqual([
    'worse: ratio throughput/event-1x25: 1.080 (1.027 to 1.136) → 0.930 (0.884 to 0.978)',
    'better: ratio throughput/event-1x25: 0.930 (0.884 to 0.978) → 1.080 (1.027 to 1.136)',
    'no clear change: ratio throughput/event-1x25: 0.930 (0.884 to 0.978) → 0.950 (0.903 to 0.999)',
  ]);
});

const parts = {
  'oslo.messaging': { kind: 'archive', from: 'a.whl', label: '9.9', content: '012345678901' },
} as const;

describe('failures outside rows', () => {
  const failing = (...errors: string[]): Failure => ({
    file: 'a.test.ts',
    name: 'nova service-list',
    state: 'failed',
    errors,
  });
  const good = resultsWith(prefork8);
  const withFailures = (...failures: Failure[]): Results => ({ ...good, failures });
  const ended: Results = { ...good, endedEarly: 'The run’s broker ended.' };
  const loading: Failure = { name: 'b.test.ts', state: 'error', errors: ['no such module'] };

  test.for<[string, Results, Results, string[]]>([
    [
      'a test that fails now is worse',
      good,
      withFailures(failing('2 rows')),
      ['worse: failure nova service-list: no failure → failed: 2 rows'],
    ],
    [
      'a test that fails as before has not changed',
      withFailures(failing('2 rows')),
      withFailures(failing('3 rows')),
      [],
    ],
    [
      'a test that fails for another reason cannot be judged',
      withFailures(failing('2 rows')),
      withFailures(failing('it timed out')),
      ['could not tell: failure nova service-list: failed: 2 rows → failed: it timed out'],
    ],
    [
      'a file that did not load in both runs cannot be judged: nothing is known of its tests',
      withFailures(loading),
      withFailures(loading),
      ['could not tell: failure b.test.ts: error: no such module → error: no such module'],
    ],
    ['a run that ended early is worse', good, ended, ['worse: run the run: whole → The run’s broker ended.']],
  ])('%s', ([, before, after, expected]) => {
    expect(changes(before, after)).toEqual(expected);
  });

  test('a command that failed is worse if its results do not say why', () => {
    const bad = resultsWith(prefork8, { cell: prefork1, state: 'failed' });
    const said = (after: Results) => compareResults(after, after, true).changes.map(({ after }) => after);
    expect(said(good)).toEqual(['failed, and its results do not say why']);
    expect([bad, withFailures(failing('2 rows'))].map(said)).toEqual([[], []]);
    const afterAnEarlyEnd = compareResults({ ...good, endedEarly: 'The run was interrupted.' }, good, true);
    expect(afterAnEarlyEnd.changes).toMatchObject([{ direction: 'worse' }]);
  });

  test('how a run ended does not count in the comparison of its parts', () => {
    const run = resultsWith(heartbeatRecord(), heartbeatRecord({ parts }, { id: idWithParts(prefork1.id) }));
    const failed = { ...run, endedEarly: 'early', failures: [loading] };
    expect(partsComparison(failed)?.changes).toEqual(partsComparison(run)?.changes);
  });
});

test('people get a table, worst first, and a sentence', () => {
  const before = resultsWith(prefork1, prefork8, throughputRecord(8, 1.08));
  const after = resultsWith(row({ verdict: inconclusive('late') }), prefork8, throughputRecord(8, 1.06));
  const comparison = compareResults(before, after);
  expect(gotWorse(comparison)).toBe(true);
  expect(`\n${runComparisonLines(comparison).join('\n')}\n`).toMatchInlineSnapshot(`
    "
                                                                                            before                  after
    worse            verdict  test/prefork-1                                                clean                   inconclusive: late
    changed          claim    Under prefork the heartbeat error appears after calls, and …  holds only where        could not tell
    no clear change  ratio    throughput/event-1x25                                         1.083 (1.028 to 1.141)  1.063 (1.009 to 1.119)

    3 cells in both: 1 worse, 1 changed, 1 no clear change
    "
  `);
});

test('the exit code of the command is the gate', { timeout: 60_000 }, async () => {
  const hostile = row({ verdict: inconclusive('``` <b>\n::add-mask::a') });
  const texts = Object.entries({ good: prefork1, bad: dropped, hostile }).map(
    ([name, cell]) => [`${name}.json`, JSON.stringify(resultsWith(cell))] as const,
  );
  const folder = folderWith(Object.fromEntries(texts));
  const compare = (...options: string[]) =>
    execa('node', ['--import', 'tsx', 'scripts/compare.ts', ...options], {
      reject: false,
      env: { NO_COLOR: '1', FORCE_COLOR: undefined, INIT_CWD: folder },
    });
  const [same, unexplained, worse, markdown] = await Promise.all([
    compare('good.json', 'good.json'),
    compare('--failed', 'good.json', 'good.json'),
    compare('good.json', 'bad.json'),
    compare('--markdown', 'good.json', 'hostile.json'),
  ]);
  expect([same, unexplained, worse, markdown].map(({ exitCode }) => exitCode)).toEqual([0, 1, 1, 1]);
  expect(unexplained.stdout).toContain('failed, and its results do not say why');
  expect(markdown.stdout).toMatch(/^\n### Compared with before\n\n(````)text\n[\s\S]*\n\1$/);
  expect(markdown.stdout).not.toMatch(/^(```[^`]|::)/m);
  expect(worse.stdout).toContain('2 worse');
});

test('a row with other versions of its parts is still the same row', () => {
  const part = { from: '/src/kombu', kind: 'directory', label: '0+d71b5f562', content: 'd71b5f562' } as const;
  const { deployment: deployed, id } = prefork1;
  const withPart = row({ id, deployment: { ...deployed, parts: { kombu: part } } });
  expect(compareResults(resultsWith(prefork1), resultsWith(withPart))).toMatchObject({
    changes: [],
    cells: 1,
  });
});

test('a run that executed its rows with and without parts shows what the parts change', () => {
  const withPart = heartbeatRecord(
    { parts },
    { id: idWithParts(prefork1.id), verdict: { kind: 'dropped' }, evidence: droppedEvidence },
  );
  const alone = heartbeatRecord({ processes: 2 });

  expect(partsComparison(resultsWith(heartbeatRecord(), alone))).toBeUndefined();
  const comparison = partsComparison(resultsWith(heartbeatRecord(), withPart, alone));
  expect(comparison?.cells).toBe(1);
  expect(comparison?.changes.map(({ rule, after }) => `${rule}: ${after}`)).toEqual([
    'verdict: dropped, 2 drops (1 logged by request, 1 by nobody)',
    'slowed: 1 of 40',
  ]);
});

test('six runs of one suite on quiet and busy machines show no regression against each other', () => {
  const rows = impactNoise as readonly {
    readonly expect: Pick<HeartbeatRecord['expect'], 'requests' | 'slowed'>;
    readonly runs: readonly { sent: number; lost: number; slowedMs: number[]; medianMs: number }[];
  }[];
  const wrong = rows.flatMap(({ expect: asserted, runs }) => {
    const cells = runs.map(({ sent, lost, slowedMs, medianMs }) => {
      const figures = figuresOf(prefork1) as Figures;
      // The files that these figures are from had no requests: a median is that of all of them.
      const unslowedMs: Record<string, number> =
        slowedMs.length === 0 && sent - lost >= 5 ? { 'all routes': medianMs } : {};
      const ofRun = { ...figures.requests, sent, failed: lost, slowedMs, unslowedMs };
      const expect = { ...expecting('clean'), ...asserted };
      return row({ expect, evidence: undefined, figures: { ...figures, requests: ofRun } });
    });
    return cells.flatMap((before) =>
      cells.flatMap((after) =>
        changes(resultsWith(before), resultsWith(after)).filter(
          (line) => !line.startsWith('no clear change'),
        ),
      ),
    );
  });
  expect(rows.length).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});
