import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { compareResults, comparisonLines, gotWorse, partsComparison } from '../../helpers/report/compare.ts';
import { type Failure, type Results, resultsOf, type TestResult } from '../../helpers/report/results.ts';
import type { CellRecord, HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import {
  cleanEvidence,
  droppedEvidence,
  expecting,
  heartbeatRecord,
  inconclusive,
  reported,
  reproducedEvidence,
} from './fixtures/heartbeat-record.ts';
import priceNoise from './fixtures/price-noise.json' with { type: 'json' };
import { throughputRecord } from './fixtures/throughput-record.ts';

type Cell = CellRecord | { cell: CellRecord; state: TestResult['state']; errors?: string[] };

function results(...cells: Cell[]): Results {
  return resultsOf(
    { startedAt: '2026-01-31T12:00:00.000Z', seconds: 60, startUp: {}, times: 'compressed' },
    cells.map((it) => ({
      file: 'tests/acceptance/heartbeat.test.ts',
      name: 'a cell',
      state: 'passed',
      milliseconds: 1,
      ...('cell' in it ? it : { cell: it }),
    })),
  );
}

/** What has changed, in short. */
function changes(before: Results, after: Results): string[] {
  return compareResults(before, after).changes.map(
    ({ rule, subject, before, after, direction }) => `${direction}: ${rule} ${subject}: ${before} → ${after}`,
  );
}

const prefork1 = heartbeatRecord();
const prefork8 = heartbeatRecord(
  { processes: 8 },
  { verdict: { kind: 'reproduced' }, expected: expecting('reproduced'), evidence: reproducedEvidence },
);
/** Played, so that the versions are known; no claim is drawn from it. */
const uwsgi = heartbeatRecord({}, { deployment: deployment({ server: 'uwsgi', processes: 1, threads: 25 }) });
const dropped = heartbeatRecord({}, { verdict: { kind: 'dropped' }, evidence: droppedEvidence });
const onlyRequests = { requests: 'all answered', slowed: 'reported' } as const;
const undeclared = (...lines: string[]): Partial<HeartbeatRecord> => ({
  evidence: { ...cleanEvidence, undeclared: lines },
});
const someLost = { verdict: ['clean'], requests: 'some lost', slowed: 'none' } as const;
const requests = (change: Partial<typeof cleanEvidence.requests>) => ({
  evidence: { ...cleanEvidence, requests: { ...cleanEvidence.requests, ...change } },
});

/** So many requests pay for a lost connection, and some must. */
const paying = (many: number, ms = 1030): Partial<HeartbeatRecord> => ({
  expected: { verdict: ['clean'], requests: 'all answered', slowed: 'some' },
  ...requests({ slowedMs: Array<number>(many).fill(ms) }),
});
/** Answers on each route, after so many milliseconds; and one more that was slowed by a reconnect. */
const answers = (routes: Readonly<Record<string, number>>, many = 10) =>
  requests({
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

test('a run is as good as itself', () => {
  const run = results(prefork1, prefork8, throughputRecord(8, 1));
  const comparison = compareResults(run, run);
  expect(comparison).toEqual({ changes: [], cells: 3 });
  expect(comparisonLines(comparison)).toEqual(['3 cells in both: nothing has changed']);
  expect(gotWorse(comparison)).toBe(false);
});

test.for<[string, Cell[], Cell[], string[]]>([
  [
    'a verdict away from its expectation',
    [prefork1],
    [dropped],
    [
      'worse: verdict prefork 1, trickle: clean → dropped, 2 drops (1 told by request, 1 by nobody)',
      'worse: slowed prefork 1, trickle: 0 of 40 → 1 of 40',
    ],
  ],
  [
    'inconclusive is away from it, too',
    [prefork1],
    [heartbeatRecord({}, { verdict: inconclusive('late') })],
    ['worse: verdict prefork 1, trickle: clean → inconclusive: late'],
  ],
  [
    'inconclusive, and not as expected before',
    [dropped],
    [heartbeatRecord({}, { verdict: inconclusive('late'), evidence: droppedEvidence })],
    [
      'could not tell: verdict prefork 1, trickle: dropped, 2 drops (1 told by request, 1 by nobody) → inconclusive: late',
    ],
  ],
  [
    'inconclusive as before',
    [prefork8, heartbeatRecord({}, { verdict: inconclusive('late') })],
    [prefork8, heartbeatRecord({}, { verdict: inconclusive('later') })],
    ['could not tell: verdict prefork 1, trickle: inconclusive: late → inconclusive: later'],
  ],
  [
    'inconclusive, and then wrong',
    [heartbeatRecord({}, { verdict: inconclusive('late') })],
    [dropped],
    [
      'worse: verdict prefork 1, trickle: inconclusive: late → dropped, 2 drops (1 told by request, 1 by nobody)',
      'worse: slowed prefork 1, trickle: 0 of 40 → 1 of 40',
    ],
  ],
  [
    'wrong, and wrong in another way',
    [heartbeatRecord({}, { verdict: { kind: 'dropped' } })],
    [heartbeatRecord({}, { verdict: { kind: 'reproduced' } })],
    ['could not tell: verdict prefork 1, trickle: dropped → reproduced'],
  ],
  [
    'a row that asserts only its requests, and could not be judged either time',
    [
      {
        cell: heartbeatRecord({}, { expected: onlyRequests, verdict: inconclusive('late') }),
        state: 'failed',
      },
    ],
    [
      {
        cell: heartbeatRecord({}, { expected: onlyRequests, verdict: inconclusive('late') }),
        state: 'failed',
      },
    ],
    ['could not tell: verdict prefork 1, trickle: inconclusive: late → inconclusive: late'],
  ],
  [
    'a verdict that is as expected again, of a test that fails for another reason',
    [{ cell: heartbeatRecord({}, { verdict: { kind: 'dropped' } }), state: 'failed' }],
    [{ cell: heartbeatRecord({}, undeclared('ERROR one')), state: 'failed' }],
    [
      'better: verdict prefork 1, trickle: dropped → clean',
      'could not tell: test prefork 1, trickle: failed → failed otherwise: nobody declared',
    ],
  ],
  [
    'a test that fails for the same reason, at another time',
    [{ cell: heartbeatRecord({}, undeclared('12:00:01 17 ERROR one')), state: 'failed' }],
    [{ cell: heartbeatRecord({}, undeclared('12:34:56 18 ERROR one')), state: 'failed' }],
    [],
  ],
  [
    'a test that fails for another undeclared line',
    [{ cell: heartbeatRecord({}, undeclared('12:00:01 17 ERROR one')), state: 'failed' }],
    [{ cell: heartbeatRecord({}, undeclared('12:00:01 17 ERROR two')), state: 'failed' }],
    ['could not tell: test prefork 1, trickle: failed → failed otherwise: # ERROR two'],
  ],
  [
    'a test that fails for fewer reasons',
    [{ cell: heartbeatRecord({}, undeclared('ERROR one', 'ERROR two')), state: 'failed' }],
    [{ cell: heartbeatRecord({}, undeclared('ERROR one')), state: 'failed' }],
    [],
  ],
  [
    'a test whose own assertion fails, and another one now',
    [{ cell: prefork1, state: 'failed', errors: ['expected 3 to be 1'] }],
    [{ cell: prefork1, state: 'failed', errors: ['could not tell: 2 by ss, 3 by its log'] }],
    [
      'could not tell: test prefork 1, trickle: failed → failed otherwise: could not tell: # by ss, # by its log',
    ],
  ],
  [
    'a test that was cut off',
    [prefork1],
    [{ cell: prefork1, state: 'pending' }],
    ['worse: test prefork 1, trickle: passed → not decided'],
  ],
  [
    'a new cell that is not as expected',
    [prefork1],
    [prefork1, heartbeatRecord({ processes: 2 }, { verdict: inconclusive('late') })],
    ['worse: cell prefork 2, trickle: not there → inconclusive: late'],
  ],
  [
    'a verdict that is as expected again',
    [dropped],
    [prefork1],
    [
      'better: verdict prefork 1, trickle: dropped, 2 drops (1 told by request, 1 by nobody) → clean',
      'better: slowed prefork 1, trickle: 1 of 40 → 0 of 40',
    ],
  ],
  [
    'another verdict of those that are expected',
    [heartbeatRecord({}, { expected: expecting('clean', 'dropped') })],
    [heartbeatRecord({}, { expected: expecting('clean', 'dropped'), verdict: { kind: 'dropped' } })],
    ['changed: verdict prefork 1, trickle: clean → dropped'],
  ],
  [
    'another verdict of those that are expected, and a test that fails',
    [heartbeatRecord({}, { expected: expecting('clean', 'dropped') })],
    [
      {
        cell: heartbeatRecord({}, { expected: expecting('clean', 'dropped'), verdict: { kind: 'dropped' } }),
        state: 'failed',
      },
    ],
    [
      'changed: verdict prefork 1, trickle: clean → dropped',
      'worse: test prefork 1, trickle: passed → failed',
    ],
  ],
  [
    'any verdict where it is only reported, inconclusive included',
    [{ cell: heartbeatRecord({}, { expected: reported }), state: 'reported' }],
    [{ cell: heartbeatRecord({}, { expected: reported, verdict: inconclusive('late') }), state: 'reported' }],
    ['changed: verdict prefork 1, trickle: clean → inconclusive: late'],
  ],
  [
    'a row that is only reported, and could not be played',
    [uwsgi, { cell: heartbeatRecord({}, { expected: reported }), state: 'reported' }],
    [
      uwsgi,
      {
        cell: heartbeatRecord(
          {},
          { expected: reported, verdict: inconclusive('not played'), evidence: undefined },
        ),
        state: 'failed',
      },
    ],
    [
      'changed: verdict prefork 1, trickle: clean → inconclusive: not played',
      'worse: test prefork 1, trickle: reported → failed',
    ],
  ],
  [
    'a row of which nothing is asserted any more',
    [prefork1],
    [{ cell: heartbeatRecord({}, { expected: reported }), state: 'reported' }],
    ['changed: test prefork 1, trickle: passed, expected clean → reported, expected reported'],
  ],
  [
    'a row that is as expected, since something else is',
    [{ cell: { ...dropped, expected: expecting('clean') }, state: 'failed' }],
    [{ cell: { ...dropped, expected: expecting('dropped') }, state: 'passed' }],
    ['changed: test prefork 1, trickle: failed, expected clean → passed, expected dropped'],
  ],
  [
    'a test that fails with the same verdict',
    [prefork1],
    [{ cell: prefork1, state: 'failed' }],
    ['worse: test prefork 1, trickle: passed → failed'],
  ],
  [
    'a cell that is missing',
    [prefork1, prefork8],
    [prefork1],
    ['worse: cell prefork 8, trickle: there → missing'],
  ],
  [
    'a new cell',
    [prefork1],
    [prefork1, prefork8],
    ['changed: cell prefork 8, trickle: not there → reproduced, 2 drops (1 told by heartbeat, 1 by nobody)'],
  ],
  [
    'requests lost where each must be answered',
    [prefork1],
    [heartbeatRecord({}, requests({ failed: ['/amqp req-1: 500'] }))],
    ['worse: lost prefork 1, trickle: 0 of 40 → 1 of 40'],
  ],
  [
    'requests lost where that is a matter of luck',
    [heartbeatRecord({}, { expected: someLost, ...requests({ failed: ['a', 'b'] }) })],
    [heartbeatRecord({}, { expected: someLost, ...requests({ failed: ['a', 'b', 'c'] }) })],
    ['no clear change: lost prefork 1, trickle: 2 of 40 → 3 of 40'],
  ],
  [
    'requests that are slowed now, where none may be',
    [prefork1],
    [heartbeatRecord({}, requests({ slowedMs: [1030] }))],
    ['worse: slowed prefork 1, trickle: 0 of 40 → 1 of 40'],
  ],
  [
    'requests that are slowed now, where that is a matter of luck',
    [heartbeatRecord({}, { expected: expecting('clean') })],
    [heartbeatRecord({}, { expected: expecting('clean'), ...requests({ slowedMs: [1030] }) })],
    ['no clear change: slowed prefork 1, trickle: 0 of 40 → 1 of 40'],
  ],
  [
    'more of them where none may be',
    [heartbeatRecord({}, requests({ slowedMs: [1030] }))],
    [heartbeatRecord({}, requests({ slowedMs: [1030, 1031] }))],
    ['worse: slowed prefork 1, trickle: 1 of 40 → 2 of 40'],
  ],
  [
    'more of them than luck explains, where some must be',
    [heartbeatRecord({}, paying(6))],
    [heartbeatRecord({}, paying(22))],
    ['worse: slowed prefork 1, trickle: 6 of 40 → 22 of 40'],
  ],
  [
    'fewer of them than luck explains, where some must be',
    [heartbeatRecord({}, paying(22))],
    [heartbeatRecord({}, paying(6))],
    ['better: slowed prefork 1, trickle: 22 of 40 → 6 of 40'],
  ],
  [
    'as many more of them as luck may bring',
    [heartbeatRecord({}, paying(6))],
    [heartbeatRecord({}, paying(13))],
    [],
  ],
  [
    'more of them than luck explains, where nothing is asserted of it',
    [heartbeatRecord({}, { ...paying(2), expected: expecting('dropped') })],
    [heartbeatRecord({}, { ...paying(22), expected: expecting('dropped') })],
    ['changed: slowed prefork 1, trickle: 2 of 40 → 22 of 40'],
  ],
  [
    'requests that wait longer for the reconnect',
    [heartbeatRecord({}, paying(6))],
    [heartbeatRecord({}, paying(6, 3030))],
    ['worse: slowed prefork 1, trickle: by 1030 ms → by 3030 ms'],
  ],
  [
    'a reconnect that takes as much longer as on a busy machine',
    [heartbeatRecord({}, paying(6))],
    [heartbeatRecord({}, paying(6, 1200))],
    [],
  ],
  [
    'more requests lost than luck explains, where some must be',
    [heartbeatRecord({}, { expected: someLost, ...requests({ failed: Array(8).fill('a') }) })],
    [heartbeatRecord({}, { expected: someLost, ...requests({ failed: Array(40).fill('a') }) })],
    ['worse: lost prefork 1, trickle: 8 of 40 → 40 of 40'],
  ],
  [
    'replies that come half a second later, on one route of two',
    [heartbeatRecord({}, answers({ '/v2.1/os-services': 20, [stub.routes.call.path]: 28 }))],
    [heartbeatRecord({}, answers({ '/v2.1/os-services': 190, [stub.routes.call.path]: 553 }))],
    ['worse: median prefork 1, trickle: call 28 ms → call 553 ms'],
  ],
  [
    'the same where requests may be lost by luck',
    [heartbeatRecord({}, { expected: reported, ...answers({ [stub.routes.call.path]: 28 }) })],
    [heartbeatRecord({}, { expected: reported, ...answers({ [stub.routes.call.path]: 553 }) })],
    ['no clear change: median prefork 1, trickle: call 28 ms → call 553 ms'],
  ],
  [
    'a route with too few requests for a median',
    [heartbeatRecord({}, answers({ [stub.routes.call.path]: 28 }, 4))],
    [heartbeatRecord({}, answers({ [stub.routes.call.path]: 553 }, 4))],
    [],
  ],
  [
    'a median of a file that does not keep each request',
    [heartbeatRecord({}, requests({ all: undefined }))],
    [heartbeatRecord({}, requests({ all: undefined, medianMs: 1014 }))],
    ['worse: median prefork 1, trickle: all routes 14 ms → all routes 1014 ms'],
  ],
  [
    'requests that are slow for another reason',
    [prefork1],
    [heartbeatRecord({}, requests({ slowOtherwiseMs: [1030] }))],
    [],
  ],
  [
    'a cell that could not be played has no figures',
    [uwsgi, heartbeatRecord({}, requests({ slowedMs: [1030], failed: ['a'] }))],
    [uwsgi, heartbeatRecord({}, { evidence: undefined })],
    [],
  ],
  [
    'another version of a part',
    [prefork1],
    [
      heartbeatRecord(
        {},
        {
          evidence: {
            ...cleanEvidence,
            server: {
              ...cleanEvidence.server,
              versions: { ...cleanEvidence.server.versions, 'oslo.messaging': '17.0.0' },
            },
          },
        },
      ),
    ],
    ['changed: version oslo.messaging: 16.1.0 → 17.0.0'],
  ],
])('%s', ([, before, after, expected]) => {
  expect(changes(results(...before), results(...after))).toEqual(expected);
});

test('throughput: a ratio is lower or higher only where the intervals are disjoint', () => {
  const [low, same, high] = [0.93, 0.95, 1.08].map((ratio) => results(throughputRecord(12, ratio))) as [
    Results,
    Results,
    Results,
  ];
  const ratio = (before: Results, after: Results) =>
    changes(before, after).filter((it) => it.includes(': ratio'));
  expect([ratio(high, low), ratio(low, high), ratio(low, same)]).toMatchInlineSnapshot(`
    [
      [
        "worse: ratio event 1 × 25, 1 CPU against prefork 8, 1 CPU on /: 1.080 (1.027 to 1.136) → 0.930 (0.884 to 0.978)",
      ],
      [
        "better: ratio event 1 × 25, 1 CPU against prefork 8, 1 CPU on /: 0.930 (0.884 to 0.978) → 1.080 (1.027 to 1.136)",
      ],
      [
        "no clear change: ratio event 1 × 25, 1 CPU against prefork 8, 1 CPU on /: 0.930 (0.884 to 0.978) → 0.950 (0.903 to 0.999)",
      ],
    ]
  `);
});

describe('what belongs to no cell', () => {
  const failure: Failure = {
    file: 'a.test.ts',
    name: 'nova service-list',
    state: 'failed',
    errors: ['2 rows'],
  };
  const good = results(prefork8);
  const withFailures = (...failures: Failure[]): Results => ({ ...good, failures });
  const ended: Results = { ...good, endedEarly: 'The run’s broker ended.' };
  const loading: Failure = { name: 'b.test.ts', state: 'error', errors: ['no such module'] };

  test.for<[string, Results, Results, string[]]>([
    [
      'a failed test that did not fail',
      good,
      withFailures(failure),
      ['worse: failure nova service-list: no failure → failed: 2 rows'],
    ],
    [
      'a test that fails as it did',
      withFailures(failure),
      withFailures({ ...failure, errors: ['3 rows'] }),
      [],
    ],
    [
      'a test that fails for another reason',
      withFailures(failure),
      withFailures({ ...failure, errors: ['it timed out'] }),
      ['could not tell: failure nova service-list: failed: 2 rows → failed: it timed out'],
    ],
    [
      'a test that fails no more',
      withFailures(failure),
      withFailures(),
      ['better: failure nova service-list: failed: 2 rows → no failure'],
    ],
    [
      'a file that did not load either time: nobody knows of its tests',
      withFailures(loading),
      withFailures(loading),
      ['could not tell: failure b.test.ts: error: no such module → error: no such module'],
    ],
    [
      'a test that was cut off',
      good,
      withFailures({ ...failure, state: 'pending', errors: [] }),
      ['worse: failure nova service-list: no failure → not decided'],
    ],
    ['a run that ended early', good, ended, ['worse: run the run: whole → The run’s broker ended.']],
    [
      'a run that ended early as the last one did',
      ended,
      ended,
      ['could not tell: run the run: The run’s broker ended. → The run’s broker ended.'],
    ],
    ['a run that is whole again', ended, good, ['better: run the run: The run’s broker ended. → whole']],
  ])('%s', ([, before, after, expected]) => {
    expect(changes(before, after)).toEqual(expected);
  });

  test('a command that failed for what its results do not say', () => {
    const bad = results(prefork8, { cell: prefork1, state: 'failed' });
    const said = (after: Results) => compareResults(after, after, true).changes.map(({ after }) => after);
    expect(said(good)).toEqual(['failed, and its results do not say why']);
    expect([bad, withFailures(failure)].map(said)).toEqual([[], []]);
  });

  test('what parts change says nothing of the run', () => {
    const parts = {
      'oslo.messaging': { kind: 'archive', from: 'a.whl', label: '9.9', content: '012345678901' },
    } as const;
    const run = results(heartbeatRecord(), heartbeatRecord({ parts }));
    const failed = { ...run, endedEarly: 'early', failures: [loading] };
    expect(partsComparison(failed)?.changes).toEqual(partsComparison(run)?.changes);
  });
});

test('what could not be told is no good news', () => {
  const late = results(prefork8, heartbeatRecord({}, { verdict: inconclusive('late') }));
  expect(gotWorse(compareResults(late, late))).toBe(true);
});

test('for people', () => {
  const before = results(prefork1, prefork8, throughputRecord(8, 1.08));
  const after = results(
    heartbeatRecord({}, { verdict: inconclusive('late') }),
    prefork8,
    throughputRecord(8, 1.06),
  );
  const comparison = compareResults(before, after);
  expect(gotWorse(comparison)).toBe(true);
  expect(`\n${comparisonLines(comparison).join('\n')}\n`).toMatchInlineSnapshot(`
    "
                                                                                            before                  after
    worse            verdict  prefork 1, trickle                                            clean                   inconclusive: late
    changed          claim    Under prefork the heartbeat error appears after calls, and …  holds only where        could not tell
    no clear change  ratio    event 1 × 25, 1 CPU against prefork 8, 1 CPU on /             1.083 (1.028 to 1.141)  1.063 (1.009 to 1.119)

    3 cells in both: 1 worse, 1 changed, 1 no clear change
    "
  `);
});

test('the command: its exit code is the gate', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'compare-'));
  const file = async (name: string, content: unknown) => {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(content));
    return path;
  };
  const good = await file('good.json', results(prefork1));
  const bad = await file('bad.json', results(dropped));
  const unknown = await file('unknown.json', { ...results(prefork1), version: 99 });
  const compare = async (...files: string[]) => {
    const { exitCode, stdout, stderr } = await execa(
      'node',
      ['--import', 'tsx', 'scripts/compare.ts', ...files],
      {
        reject: false,
        env: { NO_COLOR: '1', FORCE_COLOR: undefined },
      },
    );
    return { exitCode, stdout, complaint: stderr.replaceAll(`${folder}/`, '') };
  };
  try {
    const hostile = await file(
      'hostile.json',
      results(heartbeatRecord({}, { verdict: inconclusive('``` <b>\n::add-mask::a') })),
    );
    const [same, unexplained, worse, markdown, usage, version, missing] = await Promise.all([
      compare(good, good),
      compare('--failed', good, good),
      compare(good, bad),
      compare('--markdown', good, hostile),
      compare(good),
      compare(good, unknown),
      compare(good, join(folder, 'missing.json')),
    ]);
    expect([same, unexplained, worse, markdown].map(({ exitCode }) => exitCode)).toEqual([0, 1, 1, 1]);
    expect(unexplained.stdout).toContain('failed, and its results do not say why');
    expect(markdown.stdout).toMatch(/^\n### Compared with before\n\n(````)text\n[\s\S]*\n\1$/);
    expect(markdown.stdout).not.toMatch(/^(```[^`]|::)/m);
    expect(worse.stdout).toContain('2 worse');
    expect(
      [usage, version, missing].map(({ exitCode, complaint }) => [exitCode, complaint]),
    ).toMatchInlineSnapshot(`
      [
        [
          2,
          "compare: two files are needed; see npm run compare -- --help",
        ],
        [
          2,
          "compare: unknown.json: results.json has version 99; this release reads version 2; give the results.json of two runs of this release",
        ],
        [
          2,
          "compare: missing.json cannot be read (ENOENT); give the results.json of two runs of this release",
        ],
      ]
    `);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a cell is the same one with other versions of the libraries', () => {
  const part = { from: '/src/kombu', kind: 'directory', label: '0+d71b5f562', content: 'd71b5f562' } as const;
  const deployed = prefork1.deployment;
  const withPart = heartbeatRecord({}, { deployment: { ...deployed, parts: { kombu: part } } });
  expect(compareResults(results(prefork1), results(withPart))).toMatchObject({ changes: [], cells: 1 });
});

test('what parts change is said where a run played the same rows with and without them', () => {
  const parts = {
    'oslo.messaging': { kind: 'archive', from: 'a.whl', label: '9.9', content: '012345678901' },
  } as const;
  const withPart = heartbeatRecord({ parts }, { verdict: { kind: 'dropped' }, evidence: droppedEvidence });
  const alone = heartbeatRecord({ processes: 2 });

  expect(partsComparison(results(heartbeatRecord(), alone))).toBeUndefined();
  const comparison = partsComparison(results(heartbeatRecord(), withPart, alone));
  expect(comparison?.cells).toBe(1);
  expect(comparison?.changes.map(({ rule, after }) => `${rule}: ${after}`)).toEqual([
    'verdict: dropped, 2 drops (1 told by request, 1 by nobody)',
    'slowed: 1 of 40',
  ]);
});

test('luck is no regression: six runs of one suite, quiet and beside other work, each held against each', () => {
  const rows = priceNoise as readonly {
    readonly expected: Pick<HeartbeatRecord['expected'], 'requests' | 'slowed'>;
    readonly runs: readonly { sent: number; lost: number; slowedMs: number[]; medianMs: number }[];
  }[];
  const wrong = rows.flatMap(({ expected, runs }) => {
    const cells = runs.map(({ sent, lost, slowedMs, medianMs }) => {
      const failed = Array<string>(lost).fill('a');
      return heartbeatRecord(
        {},
        {
          expected: { verdict: ['clean'], ...expected },
          ...requests({ all: undefined, sent, answered: sent - lost, failed, slowedMs, medianMs }),
        },
      );
    });
    return cells.flatMap((before) =>
      cells.flatMap((after) =>
        changes(results(before), results(after)).filter((it) => !it.startsWith('no clear change')),
      ),
    );
  });
  expect(rows.length).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});
