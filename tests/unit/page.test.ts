import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Drop } from '../../helpers/evidence/evidence.ts';
import { merged } from '../../helpers/report/merged.ts';
import { answerOf } from '../../helpers/report/page/answer.ts';
import { packetsOf, timelineMarks } from '../../helpers/report/page/client/timeline-marks.ts';
import { embeddedJson } from '../../helpers/report/page/embedded.ts';
import { bundledClient, pageHtml, writePage } from '../../helpers/report/page/page.ts';
import type { CellEvidence } from '../../helpers/report/page/page-data.ts';
import { pageOfResults } from '../../helpers/report/page/page-of-results.ts';
import { rerunCommand } from '../../helpers/report/page/rerun-command.ts';
import { verdictWords } from '../../helpers/report/page/verdict-words.ts';
import type { Results } from '../../helpers/report/results.ts';
import { parseResults } from '../../helpers/report/results-schema.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import {
  droppedEvidence,
  heartbeatRecord,
  inconclusive,
  reported,
  reproducedEvidence,
} from './fixtures/heartbeat-record.ts';
import { hostile, withHostileLines } from './fixtures/hostile-lines.ts';
import {
  fullSampleResults,
  heartbeatTest,
  mainTests,
  runOf,
  sampleResults,
} from './fixtures/sample-results.ts';

const megabyte = 1_000_000;

test('what is embedded cannot end its element, is ASCII and comes back as it was', () => {
  const text = embeddedJson({ lines: hostile });
  expect(text).toMatch(/^[\x20-\x7e]*$/);
  expect(text).not.toMatch(/[<>&]/);
  expect(JSON.parse(text)).toEqual({ lines: hostile });
});

test('a page holds log lines as data only', async () => {
  const page = pageHtml(pageOfResults(withHostileLines(sampleResults())), await bundledClient());
  // the two elements that are meant, and no other
  const found = [/<script/g, /<\/script/g, /<!--/g, /<img/g].map((it) => page.match(it)?.length ?? 0);
  expect(found).toEqual([2, 2, 0, 0]);
});

test('the page of the full table is small, and made in a moment', async () => {
  const results = fullSampleResults();
  const client = await bundledClient();
  const start = performance.now();
  const page = pageHtml(pageOfResults(results), client);
  expect(performance.now() - start).toBeLessThan(1000);
  expect(Buffer.byteLength(page)).toBeLessThan(2 * megabyte);
  // nothing is fetched: no address but that of SVG's and XML's namespaces
  expect(page.match(/https?:\/\/[\w./-]+/g)?.filter((it) => !it.startsWith('http://www.w3.org/'))).toEqual(
    [],
  );
});

test('without cells there is no page', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  try {
    expect(await writePage(folder, { ...sampleResults(), tests: [] })).toBeUndefined();
    expect(existsSync(join(folder, 'index.html'))).toBe(false);
    const file = await writePage(folder, sampleResults());
    expect(file).toBe(join(folder, 'index.html'));
    expect(await readFile(file as string, 'utf8')).toContain('<!doctype html>');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what the page is made from passes through results.json', () => {
  const results = fullSampleResults();
  const read = parseResults(JSON.stringify(results));
  expect(JSON.parse(JSON.stringify(pageOfResults(read)))).toEqual(
    JSON.parse(JSON.stringify(pageOfResults(results))),
  );
});

test('a timeline has a mark for each thing of the evidence', () => {
  const data = pageOfResults(sampleResults());
  for (const [index, { cell }] of mainTests().entries()) {
    const page = data.heartbeat[index]?.evidence as CellEvidence;
    const counts: Record<string, number> = {};
    for (const { kind } of timelineMarks(page).marks) counts[kind] = (counts[kind] ?? 0) + 1;
    const evidence = cell.evidence;
    if (!evidence) throw new Error('the sample has evidence');
    const packets = evidence.connections.all.flatMap((it) => it.packets ?? []);
    const number = (from: string, heartbeat: boolean) =>
      packets.filter((it) => it.from === from && it.heartbeat === heartbeat).length || undefined;
    expect(counts).toEqual(
      Object.fromEntries(
        Object.entries({
          'broker drop': evidence.brokerDrops.length || undefined,
          'heartbeat error': evidence.heartbeatErrors.length || undefined,
          'unreachable line': evidence.unreachableLines.length || undefined,
          request: evidence.requests.sent - evidence.requests.slowedMs.length || undefined,
          'slowed request': evidence.requests.slowedMs.length || undefined,
          connection: evidence.connections.opened,
          'packet from the client': number('client', false),
          'heartbeat from the client': number('client', true),
          'packet from the broker': number('broker', false),
          'heartbeat from the broker': number('broker', true),
        }).filter(([, value]) => value !== undefined),
      ),
    );
  }
});

test('packets come back with their times, directions and texts', () => {
  const { evidence } = pageOfResults(sampleResults()).heartbeat[0] ?? {};
  const first = mainTests()[0]?.cell.evidence?.connections.all[0];
  const connection = evidence?.connections[0];
  if (!evidence || !first || !connection) throw new Error('the sample has connections');
  expect(packetsOf(connection, evidence.packetTexts)).toEqual(
    first.packets?.map(({ at, from, heartbeat, text }) => ({
      at: at - evidence.origin,
      fromClient: from === 'client',
      heartbeat,
      text,
    })),
  );
});

test('an error leads to the drop that it was matched with', () => {
  const { evidence } = pageOfResults(sampleResults()).heartbeat[0] ?? {};
  expect(evidence?.errors.length).toBeGreaterThan(0);
  for (const { drop, pid, at } of evidence?.errors ?? []) {
    const matched = evidence?.drops[drop ?? -1];
    expect(matched?.pid).toBe(pid);
    expect(matched?.at).toBeLessThan(at);
  }
});

test.for<[file: string, name: string, command: string]>([
  [
    'tests/acceptance/heartbeat.test.ts',
    'a trickle, today’s oslo.messaging > prefork 8: reproduced',
    "npx vitest run tests/acceptance/heartbeat.test.ts -t '^a trickle, today’s oslo\\.messaging prefork 8: reproduced$'",
  ],
  [
    'tests/it’s here.test.ts',
    `it's (a) $HOME [b] * | "c" > d\\e`,
    `npx vitest run 'tests/it’s here.test.ts' -t '^it'\\''s \\(a\\) \\$HOME \\[b\\] \\* \\| "c" d\\\\e$'`,
  ],
])('%s, %s: the command that plays it again', ([file, name, command]) => {
  expect(rerunCommand(file, name)).toBe(command);
});

test('the answer says no more than the four cells do', () => {
  const cells = mainTests().map(({ cell }) => cell);
  expect(answerOf(cells)).toEqual({
    word: 'No',
    because:
      'how many processes share the traffic decides. With eight the broker drops connections under either MPM, with one under neither; under prefork the heartbeat tells of it, under event the request, or nobody.',
  });
  expect(answerOf(cells.slice(1)).word).toBe('Not asked');
  const changed = (kind: 'clean' | 'dropped', ...places: number[]) =>
    cells.map((cell, place) => (places.includes(place) ? { ...cell, verdict: { kind } as const } : cell));
  // in the order of the rows: prefork 8, event 1 × 25, prefork 1, event 8 × 25
  const told = (...tellers: Drop['teller'][]) => {
    const [, , , event] = cells;
    const [drop] = event?.evidence?.brokerDrops ?? [];
    if (!event?.evidence || !drop) throw new Error('the sample’s event 8 × 25 has drops');
    const evidence = { ...event.evidence, brokerDrops: tellers.map((teller) => ({ ...drop, teller })) };
    return answerOf([...cells.slice(0, 3), { ...event, evidence }]).because;
  };
  expect(told('request')).toMatch(/; under prefork the heartbeat tells of it, under event the request\.$/);
  expect(told('nobody')).toMatch(/; under prefork the heartbeat tells of it, under event nobody\.$/);
  expect(told()).toMatch(/with one under neither\.$/);
  expect(answerOf(changed('clean', 3)).word).toBe('Not alone');
  expect(
    answerOf(
      changed('dropped', 2).map((cell, place) =>
        place === 3 ? { ...cell, verdict: { kind: 'clean' } } : cell,
      ),
    ).word,
  ).toBe('Yes');
  expect(
    answerOf(cells.map((cell, place) => (place === 0 ? { ...cell, verdict: inconclusive('late') } : cell)))
      .word,
  ).toBe('Could not tell');
});

test('what a verdict rests on, in words', () => {
  const dropped = heartbeatRecord({}, { verdict: { kind: 'dropped' }, evidence: droppedEvidence });
  expect([
    verdictWords(heartbeatRecord()),
    verdictWords(heartbeatRecord({}, { verdict: { kind: 'reproduced' }, evidence: reproducedEvidence })),
    verdictWords(dropped),
    verdictWords({ ...dropped, verdict: inconclusive('late') }),
  ]).toMatchInlineSnapshot(`
    [
      "No connection was dropped and no heartbeat error logged. Then the traffic stopped, and the same instruments saw the drop that had to come, after 2.9 s.",
      "The broker heard nothing for 2 to 3 s and dropped 2 of 3 connections (1 told by heartbeat, 1 by nobody); the application’s log has 2 heartbeat errors, each of a process whose connection had been dropped. No request was slowed by a reconnect.",
      "The broker heard nothing for 2 to 3 s and dropped 2 of 3 connections (1 told by request, 1 by nobody); no heartbeat error is in the application’s log. 1 of 40 requests waited 1.03 s for a reconnect, and logged an error that says so. 1 request took 1.20 s for another reason.",
      "Nothing can be concluded: late.",
    ]
  `);
});

test('the run’s facts count what passed, what failed and what is only reported', () => {
  const states = (results: Results) => pageOfResults(results).run.states;
  expect(states(sampleResults())).toEqual({ passed: 9, failed: 0, reported: 0 });
  const { passed, failed, reported: some } = states(fullSampleResults());
  expect({ failed, some }).toEqual({ failed: 1, some: 5 });
  expect(passed).toBe(fullSampleResults().tests.length - 6);
});

test('what is asserted of a cell, and how it is not so', () => {
  const of = (cell: Partial<HeartbeatRecord>) => {
    const [it] = pageOfResults(runOf([heartbeatTest(heartbeatRecord({}, cell))])).heartbeat;
    return [it?.expected, it?.mismatch, it?.test.state];
  };
  const verdict = { kind: 'dropped' } as const;
  expect(of({})).toEqual(['clean; all requests answered, no request slowed', undefined, 'passed']);
  expect(of({ verdict })).toEqual([expect.any(String), 'expected clean', 'failed']);
  expect(of({ verdict: inconclusive('late') })[1]).toBe('not as expected');
  expect(of({ expected: reported, verdict })).toEqual(['reported', undefined, 'reported']);
  const luck = { requests: 'some lost', slowed: 'reported' } as const;
  expect(of({ expected: luck, verdict }).slice(0, 2)).toEqual(['some requests lost', 'not as expected']);
});

test('shards of a run become one, and its claims are drawn from all of them', () => {
  const whole = sampleResults();
  const shards = [0, 1].map((odd) => ({
    ...whole,
    seconds: 100 + odd,
    claims: [],
    tests: whole.tests.filter((_, index) => index % 2 === odd),
  }));
  const again = merged(shards);
  expect(again.tests).toHaveLength(whole.tests.length);
  expect(again.seconds).toBe(101);
  expect(again.claims.map(({ answer }) => answer).sort()).toEqual(
    whole.claims.map(({ answer }) => answer).sort(),
  );
});

test('what failed without a cell is among the facts of the run', () => {
  const results = fullSampleResults();
  const [first] = results.tests.map((test) => ({ ...test, name: 'a row', state: 'pending' as const }));
  const failures = [{ name: 'nova service-list', state: 'failed' as const, errors: ['2 rows'] }];
  expect(pageOfResults({ ...results, failures, tests: first ? [first] : [] }).run.failures).toEqual([
    'nova service-list (failed)',
    'a row (not decided)',
  ]);
  expect(pageOfResults(results).run.failures).toEqual([]);
});
