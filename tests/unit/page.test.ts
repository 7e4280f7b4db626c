import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Drop } from '../../helpers/evidence/evidence.ts';
import type { HeartbeatRecord } from '../../helpers/record/record.ts';
import { answerOf } from '../../helpers/report/page/answer.ts';
import { cellTimeline, packetsOf } from '../../helpers/report/page/client/cell-timeline.ts';
import { timelineMarks } from '../../helpers/report/page/client/timeline-marks.ts';
import { embeddedJson, pageHtml, writePage } from '../../helpers/report/page/page.ts';
import type { CellEvidence } from '../../helpers/report/page/page-data.ts';
import { pageOfResults } from '../../helpers/report/page/page-of-results.ts';
import { verdictWords } from '../../helpers/report/page/verdict-words.ts';
import type { Results } from '../../helpers/report/results/results.ts';
import { rerunCommand } from '../../helpers/report/text/rerun-command.ts';
import { folderWith } from './fixtures/folder.ts';
import { hostile, withHostileLines } from './fixtures/hostile-lines.ts';
import { marksOf } from './fixtures/marks-of.ts';
import {
  assertingNothing,
  droppedEvidence,
  heartbeatRecord,
  inconclusive,
  reproducedEvidence,
} from './fixtures/row-record.ts';
import {
  fullSampleResults,
  heartbeatTest,
  mainTests,
  runOf,
  sampleCell,
  sampleResults,
} from './fixtures/sample-results.ts';

const megabyte = 1_000_000;

test('embedded data cannot end its element, is ASCII and comes back unchanged', () => {
  const text = embeddedJson({ lines: hostile });
  expect(text).toMatch(/^[\x20-\x7e]*$/);
  expect(text).not.toMatch(/[<>&]/);
  expect(JSON.parse(text)).toEqual({ lines: hostile });
});

test('log lines are only data in a page', async () => {
  const page = await pageHtml('main', pageOfResults(withHostileLines(sampleResults())));
  // the data and the client, and no other element
  const found = [/<script/g, /<\/script/g, /<!--/g, /<img/g].map(
    (pattern) => page.match(pattern)?.length ?? 0,
  );
  expect(found).toEqual([2, 2, 0, 0]);
});

test('the page of the full table is small and fetches nothing', async () => {
  const results = fullSampleResults();
  const page = await pageHtml('main', pageOfResults(results));
  expect(Buffer.byteLength(page)).toBeLessThan(2 * megabyte);
  // the namespaces of SVG and XML are not fetched
  expect(page.match(/https?:\/\/[\w./-]+/g)?.filter((url) => !url.startsWith('http://www.w3.org/'))).toEqual(
    [],
  );
});

test('a run without cells has no page', async () => {
  const folder = folderWith({});
  expect(await writePage(folder, { ...sampleResults(), tests: [] })).toBeUndefined();
  expect(existsSync(join(folder, 'index.html'))).toBe(false);
  const file = await writePage(folder, sampleResults());
  expect(file).toBe(join(folder, 'index.html'));
  expect(await readFile(file as string, 'utf8')).toContain('<!doctype html>');
});

test('a timeline has as many marks of each kind as the evidence counts', () => {
  const data = pageOfResults(sampleResults());
  for (const [index, { cell }] of mainTests().entries()) {
    const page = data.heartbeat[index]?.evidence as CellEvidence;
    const counts: Record<string, number> = {};
    for (const { kind } of timelineMarks(cellTimeline(page)).marks) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual(marksOf(cell));
  }
});

test('packets are unpacked with their times, directions and texts', () => {
  const { evidence } = pageOfResults(sampleResults()).heartbeat[0] ?? {};
  const first = mainTests()[0]?.cell.evidence?.connections.all[0];
  const connection = evidence?.connections[0];
  if (!evidence || !first || !connection) throw new Error('the sample has connections');
  expect(packetsOf(connection, evidence.packetTexts)).toEqual(
    first.packets.map(({ at, from, heartbeat, text }) => ({
      at: at - evidence.origin,
      fromClient: from === 'client',
      heartbeat,
      text,
    })),
  );
});

test('an error refers to the drop that it was matched with', () => {
  const { evidence } = pageOfResults(sampleResults()).heartbeat[0] ?? {};
  expect(evidence?.errors.length).toBeGreaterThan(0);
  for (const { drop, pid, at } of evidence?.errors ?? []) {
    const matched = evidence?.drops[drop ?? -1];
    expect(matched?.pid).toBe(pid);
    expect(matched?.at).toBeLessThan(at);
  }
});

test.for([
  ['heartbeat', 'article/prefork-8', 'npm run table -- -t article/prefork-8:'],
  ['table-layouts', 'kolla-2025.1/night', 'npm run table -- -t kolla-2025.1/night:'],
  ['throughput', 'throughput/event-1x25', 'npm run throughput -- -t throughput/event-1x25:'],
  ['table-debian-testing', 'testing/prefork-8', 'npm run table:debian-testing -- -t testing/prefork-8:'],
] as const)('a row of %s.test.ts is executed again by its id', ([name, id, command]) => {
  expect(rerunCommand(`tests/acceptance/${name}.test.ts`, id)).toBe(command);
});

test('a test that is no row of the table is executed again by its file', () => {
  const file = 'tests/acceptance/planted-faults.test.ts';
  expect(rerunCommand(file, 'planted/prefork-8')).toMatch(
    /^npx vitest run .*tests\/acceptance\/planted-faults\.test\.ts -t planted\/prefork-8:$/,
  );
});

describe('the answer', () => {
  // In the order of the rows: prefork 8, event 1 × 25, prefork 1, event 8 × 25.
  const cells = mainTests().map(({ cell }) => cell);
  const withVerdicts = (...verdicts: (HeartbeatRecord['verdict'] | undefined)[]) =>
    answerOf(cells.map((cell, place) => ({ ...cell, verdict: verdicts[place] ?? cell.verdict }))).word;
  const clean = { kind: 'clean' } as const;
  const dropped = { kind: 'dropped' } as const;

  test('is no if many processes lose connections under both MPMs, and one process under neither', () => {
    const { word, because } = answerOf(cells);
    expect(word).toBe('No');
    expect(because).toBe(
      'a connection dies when its process sends nothing on it, no heartbeat and no message, for 2 to 3 heartbeat intervals. With eight processes the broker drops connections under both MPMs; with one, under neither. Under prefork, with one thread in a process, the heartbeat logs it; under event, with 25, a request, or nobody.',
    );
  });

  test('says where connections live, and that threads decide who logs, only if rows show it', () => {
    const notPatched = sampleCell({ mpm: 'prefork', processes: 8, threads: 1, concurrency: 'threads' });
    const gunicorn = sampleCell({ server: 'gunicorn', processes: 8, threads: 1 }, { verdict: clean });
    const worker = sampleCell({ mpm: 'worker', processes: 8, threads: 1 });
    const because = (...controls: HeartbeatRecord[]) => answerOf([...cells, ...controls]).because;
    expect(because(notPatched)).toMatch(
      /live in processes that are not patched \(prefork 8, not patched\)\. Under/,
    );
    expect(because(gunicorn)).toMatch(
      /live under a server that waits for requests in Python \(gunicorn 8 × 1 sync\)\./,
    );
    expect(because(notPatched, gunicorn)).toMatch(/not patched\), and under a server/);
    expect(because({ ...gunicorn, verdict: dropped })).toBe(because());
    expect(because(worker)).toMatch(
      /Threads decide who logs it: .*\(prefork 8, worker 8 × 1\) the heartbeat does; with 25 \(event 8 × 25\), a request, or nobody\.$/,
    );
    expect(because({ ...worker, verdict: dropped })).toBe(because());
  });

  test('is yes if prefork loses connections, and event does not', () => {
    expect(withVerdicts(undefined, clean, dropped, clean)).toBe('Yes');
  });

  test('is neither if the verdicts follow neither the MPM nor the processes', () => {
    expect(withVerdicts(undefined, undefined, undefined, clean)).toBe('Unclear');
  });

  test('is open if one of the four rows is inconclusive or missing', () => {
    expect(withVerdicts(inconclusive('late'))).toBe('Could not tell');
    expect(answerOf(cells.slice(1)).word).toBe('Not asked');
  });

  test('names who logged the drops under event', () => {
    const loggedBy = (...loggers: Drop['loggedBy'][]) => {
      const [, , , event] = cells;
      const [drop] = event?.evidence?.brokerDrops ?? [];
      if (!event?.evidence || !drop) throw new Error('the sample’s event 8 × 25 has drops');
      const evidence = { ...event.evidence, brokerDrops: loggers.map((loggedBy) => ({ ...drop, loggedBy })) };
      return answerOf([...cells.slice(0, 3), { ...event, evidence }]).because;
    };
    expect(loggedBy('request')).toMatch(/under event, with 25, a request\.$/);
    expect(loggedBy('nobody')).toMatch(/under event, with 25, nobody\.$/);
    expect(loggedBy()).toMatch(/with one, under neither\.$/);
  });
});

test('the words of a verdict have the figures behind it', () => {
  const dropped = heartbeatRecord({}, { verdict: { kind: 'dropped' }, evidence: droppedEvidence });
  const reproduced = heartbeatRecord({}, { verdict: { kind: 'reproduced' }, evidence: reproducedEvidence });
  expect(verdictWords(heartbeatRecord())).toMatch(/No connection was dropped.* saw the .*drop .*2\.9 s\.$/);
  expect(verdictWords(reproduced)).toMatch(
    /2 to 3 s .*2 of 3 connections \(1 logged by heartbeat, 1 by nobody\).*2 heartbeat errors.*No request was slowed/,
  );
  expect(verdictWords(dropped)).toMatch(
    /2 to 3 s .*2 of 3 connections \(1 logged by request, 1 by nobody\).*no heartbeat error.*1 of 40 requests .*1\.03 s .*1 request .*1\.20 s/,
  );
  expect(verdictWords({ ...dropped, verdict: inconclusive('late') })).toMatch(/: late\.$/);
});

test('the facts of a run count passed, failed and informational rows', () => {
  const states = (results: Results) => pageOfResults(results).run.states;
  expect(states(sampleResults())).toEqual({ passed: 9, failed: 0, informational: 0 });
  const { passed, failed, informational } = states(fullSampleResults());
  expect({ failed, informational }).toEqual({ failed: 1, informational: 5 });
  expect(passed).toBe(fullSampleResults().tests.length - 6);
});

test('a row shows what it asserts, and its first violation if its test failed', () => {
  const of = (cell: Partial<HeartbeatRecord>) => {
    const [row] = pageOfResults(runOf([heartbeatTest(heartbeatRecord({}, cell))])).heartbeat;
    return [row?.expected, row?.mismatch, row?.test.state];
  };
  const verdict = { kind: 'dropped' } as const;
  const someLost = { requests: 'some lost', messages: 'any', slowed: 'any' } as const;
  expect(of({})).toEqual(['clean', undefined, 'passed']);
  expect(of({ verdict })).toEqual(['clean', expect.stringMatching(/dropped.* clean$/), 'failed']);
  expect(of({ verdict: inconclusive('late') })[1]).toMatch(/late traffic.*late$/);
  expect(of({ expect: assertingNothing, verdict })).toEqual(['informational', undefined, 'informational']);
  expect(of({ expect: someLost, verdict })).toEqual([
    'some requests lost',
    expect.stringMatching(/40 requests was answered/),
    'failed',
  ]);
});

test('the facts of a run name failures outside rows, and what was not decided', () => {
  const results = fullSampleResults();
  const [first] = results.tests.map((test) => ({ ...test, name: 'a row', state: 'pending' as const }));
  const failures = [{ name: 'nova service-list', state: 'failed' as const, errors: ['2 rows'] }];
  expect(pageOfResults({ ...results, failures, tests: first ? [first] : [] }).run.failures).toEqual([
    'nova service-list (failed)',
    'a row (not decided)',
  ]);
  expect(pageOfResults(results).run.failures).toEqual([]);
});
