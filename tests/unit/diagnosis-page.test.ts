import { describe, expect, test } from 'vitest';
import { mapTexts } from '../../helpers/diagnosis/anonymous.ts';
import { diagnose } from '../../helpers/diagnosis/diagnosis.ts';
import { firstScreen } from '../../helpers/diagnosis/diagnosis-words.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { pageCode } from '../../helpers/report/diagnosis/page-of-diagnosis.ts';
import type { LogTimeline } from '../../helpers/report/page/diagnosis-page-data.ts';
import { diagnosisPage } from './fixtures/diagnosis-page.ts';
import { historiesOf } from './fixtures/histories-of.ts';
import {
  authenticatedLine,
  closedLine,
  endLines,
  heartbeatLine,
  nameOf,
  nodeLine,
  requestLine,
} from './fixtures/made-up-lines.ts';
import { recordedLogs } from './fixtures/recorded-logs.ts';
import { recorded } from './recorded/index.ts';

const START = Date.parse('2026-11-26T00:00:00Z');
const timeAt = (seconds: number) => new Date(START + seconds * 1000).toISOString().slice(11, 23);
const ADDRESS = '10.0.0.77';
/** A connection of each process, by its process id. */
const clientOf = (pid: number, address: string) =>
  [nameOf('mod_wsgi', pid, pid), `${address}:${40_000 + pid}`] as const;
const opened = (pid: number, seconds: number, address = ADDRESS) =>
  authenticatedLine(timeAt(seconds), ...clientOf(pid, address));
const closed = (pid: number, seconds: number) => closedLine(timeAt(seconds), ...clientOf(pid, ADDRESS));
const dropped = (pid: number, seconds: number, reason?: string, address = ADDRESS) =>
  endLines(timeAt(seconds), ...clientOf(pid, address), { reason });
const logged = (pid: number, seconds: number) => heartbeatLine(timeAt(seconds), pid);
const served = (pid: number, seconds: number, took = 0.1) => requestLine(timeAt(seconds), pid, took);

/** The lane of a process, of the first timeline. */
function laneOf({ timelines }: { readonly timelines: readonly LogTimeline[] }, pid: number) {
  const lane = timelines[0]?.timeline.processes.find(({ label }) => label === `process ${pid}`);
  if (!lane) throw new Error(`process ${pid} has no lane`);
  return lane;
}

function eventsIn({ timeline: { events } }: LogTimeline): Record<string, number> {
  return Object.fromEntries(events.map((lane) => [lane.label, lane.events.length]));
}

test('has the same words as the terminal', () => {
  const logs = recordedLogs('event-8x25');
  const { headline, findings } = diagnosisPage(logs, 0);
  const screen = firstScreen(diagnose(historiesOf(logs, 0)), []);
  expect(screen[0]).toBe(headline);
  for (const { title, facts, command } of findings) {
    expect(screen).toContain(title);
    expect(screen).toContain(`  do        ${facts.find(([name]) => name === 'do')?.[1]}`);
    if (command) expect(screen).toContain(`  see       ${command}`);
  }
});

test.for([
  'prefork-8',
  'prefork-8-2019',
  'event-8x25',
  'event-1x25',
] as const)('has the drops, the lines and the processes of a real run, %s', (name) => {
  const seen = recorded(name);
  const { brokerDrops, connections } = evidenceOf(seen);
  const { timelines } = diagnosisPage(recordedLogs(name), 0);
  const own = timelines.find(({ title }) => title.includes(seen.user));
  const lanes = own?.timeline.processes ?? [];
  const bars = lanes.flatMap((lane) => lane.connections);
  expect(own ? eventsIn(own)['broker drops'] : 0).toBe(brokerDrops.length);
  expect(bars.filter(({ end }) => end === 'dropped')).toHaveLength(brokerDrops.length);
  expect(bars).toHaveLength(connections.opened);
  expect(lanes.map(({ label }) => label).sort()).toEqual(
    [...new Set(connections.all.map(({ pid }) => `process ${pid}`))].sort(),
  );
  const rows = new Map(own?.events.map((event, index) => [`event-${index}`, event]));
  for (const { row, details } of bars.filter(({ end }) => end === 'dropped')) {
    expect(details).toContain(rows.get(row ?? '')?.line);
  }
});

describe('a connection', () => {
  const all = 3600;

  test.for<
    [string, lines: (string | string[])[], [end: string, at: number, until: number, silentFrom?: number]]
  >([
    [
      'is hatched for two heartbeat timeouts before its drop',
      [opened(18, 0), dropped(18, all)],
      ['dropped', 0, all, all - 120],
    ],
    ['is hatched only from its opening on', [opened(18, 0), dropped(18, 100)], ['dropped', 0, 100, 0]],
    [
      'whose heartbeat timeout is not known is not hatched',
      [opened(18, 0), dropped(18, all, '{heartbeat_timeout,running}')],
      ['dropped', 0, all],
    ],
    [
      'whose opening is not in the log begins where its silence is known',
      [dropped(18, all)],
      ['dropped', all - 120, all, all - 120],
    ],
    ['that its client closed is not hatched', [opened(18, 0), closed(18, 100)], ['closed', 0, 100]],
    [
      'that its client lost is not hatched',
      [opened(18, 0), dropped(18, 100, 'client unexpectedly closed TCP connection')],
      ['closed', 0, 100],
    ],
    ['that does not end is open up to the last line', [opened(18, 0), opened(19, 200)], ['open', 0, 200]],
  ])('%s', ([, lines, [end, at, until, silentFrom]]) => {
    const [bar] = laneOf(diagnosisPage({ 'broker.log': lines.flat() }), 18).connections;
    const after = (seconds: number) => START + seconds * 1000;
    expect(bar).toMatchObject({ end, at: after(at), until: after(until) });
    expect(bar?.silentFrom).toBe(silentFrom === undefined ? undefined : after(silentFrom));
  });

  test('that was open when the broker stopped ends with it', () => {
    const page = diagnosisPage({
      'broker.log': [
        opened(18, 0),
        nodeLine(timeAt(50), 'stopped TCP listener on [::]:5672'),
        opened(18, 90),
      ],
    });
    expect(laneOf(page, 18).connections.map(({ end, until }) => [end, until - START])).toEqual([
      ['closed', 50_000],
      ['open', 90_000],
    ]);
    expect(page.timelines.map(eventsIn)).toEqual([{ 'broker drops': 0, 'broker restarts': 1 }]);
  });
});

describe('where there is much', () => {
  const pids = Array.from({ length: 40 }, (_, index) => index + 100);

  test('processes with a drop are first, and those that are left out are counted', () => {
    const lines = [...pids.map((pid) => opened(pid, pid)), ...dropped(139, 9000)];
    const [timeline] = diagnosisPage({ 'broker.log': lines }).timelines;
    const { processes } = timeline?.timeline ?? { processes: [] };
    expect(processes[0]?.label).toBe('process 139');
    expect(timeline?.note).toContain(`${40 - processes.length} of 40 processes are not drawn`);
  });

  test('timelines without an event are only counted', () => {
    const lines = [
      ...pids.map((pid) => opened(pid, pid, `10.0.0.${pid}`)),
      ...dropped(139, 9000, undefined, '10.0.0.139'),
    ];
    const { timelines, notDrawn } = diagnosisPage({ 'broker.log': lines });
    expect(timelines[0]?.title).toBe('mod_wsgi (user nova) from 10.0.0.139');
    expect(notDrawn).toEqual([`${40 - timelines.length} timelines without an event`]);
  });

  test('the page says when the drawing ends, and nothing after that looks healthy', () => {
    const lines = Array.from({ length: 1600 }, (_, index) => dropped(18, 1000 + 2 * index)).flat();
    const { timelines, notDrawn } = diagnosisPage({ 'broker.log': lines });
    expect(timelines[0]?.timeline.to).toBe(START + (1000 + 2 * 1499) * 1000);
    expect(timelines[0]?.events).toHaveLength(1500);
    expect(notDrawn.join()).toMatch(/^everything after 2026-11-26 01:06:38\.000/);
  });

  test('nothing is drawn after the last drop that was kept', () => {
    const hosts = Array.from({ length: 250 }, (_, index) => `10.0.0.${index}`);
    const lines = Array.from({ length: 10_100 }, (_, index) =>
      dropped(18, 1000 + index, undefined, hosts[index % hosts.length]),
    ).flat();
    const { timelines, notDrawn } = diagnosisPage({ 'broker.log': lines });
    expect(timelines[0]?.timeline.to).toBe(START + (1000 + 9999) * 1000);
    expect(notDrawn).toEqual([
      expect.stringMatching(/^everything after 2026-11-26 03:03:19/),
      '238 timelines with fewer drops',
      '100 ends of connections, which were only counted',
    ]);
  });

  test('an application’s log with more lines than are kept is named', () => {
    const lines = Array.from({ length: 10_001 }, (_, index) => served(18, index));
    expect(diagnosisPage({ 'nova-api.log': lines }).notDrawn).toEqual([
      'nova-api.log: lines, or requests of a process, after the first 10000',
    ]);
  });

  test('requests from before the broker’s log hide none that are after', () => {
    const times = Array.from({ length: 300 }, (_, index) => index * 10);
    const logs = {
      'broker.log': [opened(18, 2500), ...dropped(18, 9000), opened(18, 9005)],
      'nova-api.log': [...times.map((at) => served(18, at)), logged(18, 9005)],
    };
    const lane = laneOf(diagnosisPage(logs, 0), 18);
    expect([lane.count, lane.requests.length, lane.requests[0]?.at]).toEqual([50, 50, START + 2_500_000]);
  });

  test('requests that are close together are one mark', () => {
    const lines = Array.from({ length: 500 }, (_, index) => served(18, 100 + index));
    const logs = {
      'broker.log': [opened(18, 0), ...dropped(18, 9000)],
      'nova-api.log': [...lines, logged(18, 9005)],
    };
    const lane = diagnosisPage(logs, 0)
      .timelines.flatMap(({ timeline }) => timeline.processes)
      .find(({ count }) => count > 0);
    expect(lane?.count).toBe(500);
    expect(lane?.requests.map(({ title, at, until }) => [title, at, until])).toEqual([
      ['500 requests, at most 1.00 s apart', START + 100_000, START + 599_000],
    ]);
  });
});

describe('the log of an application', () => {
  test('without a broker’s log has a timeline of its own', () => {
    const { timelines } = diagnosisPage({ 'nova-api.log': [served(18, 0), logged(18, 100)] });
    expect(
      timelines.map(({ title, timeline }) => [title, timeline.processes.map(({ label }) => label)]),
    ).toEqual([['nova-api.log', ['process 18']]]);
    expect(timelines.map(eventsIn)).toEqual([{ 'broker drops': 0, 'heartbeat errors': 1 }]);
  });

  test('with nothing but slow requests has a time as well', () => {
    const { timelines } = diagnosisPage({ 'nova-api.log': [served(18, 100, 2.5)] });
    expect(timelines.map(({ timeline: { from, to } }) => [from, to])).toEqual([
      [START + 100_000, START + 100_000],
    ]);
  });

  test('whose clock cannot be compared is not drawn, and the page says so', () => {
    const { timelines, notDrawn } = diagnosisPage({
      'broker.log': [opened(18, 0), ...dropped(18, 9000)],
      'nova-api.log': [logged(77, 9005)],
    });
    expect(timelines).toHaveLength(1);
    expect(notDrawn).toEqual([expect.stringMatching(/^nova-api\.log: could not tell .* --zone$/)]);
  });

  test('is joined with the processes of the broker’s log', () => {
    const page = diagnosisPage(
      {
        'broker.log': [opened(18, 0), ...dropped(18, 9000), opened(18, 9500)],
        'nova-api.log': [served(18, 8000), logged(18, 9500), served(18, 9499)],
      },
      0,
    );
    expect(page.timelines).toHaveLength(1);
    expect(laneOf(page, 18).requests).toHaveLength(2);
    expect(page.timelines[0]?.events.map(({ line }) => line)).toEqual(['broker.log:2', 'nova-api.log:2']);
  });
});

test('times are those of the zone, and the page names it', () => {
  const { timelines, times } = diagnosisPage({ 'broker.log': dropped(18, 3600) }, 2 * 3_600_000);
  expect(times).toBe('+02:00');
  expect(timelines[0]?.events[0]).toMatchObject({
    when: '2026-11-26 03:00:00.000',
    at: START + 3 * 3_600_000,
  });
});

test('names are replaced in texts, and not in what the script reads', () => {
  const page = diagnosisPage({ 'broker.log': [opened(18, 0), ...dropped(18, 3600)] });
  const hidden = mapTexts(page, (text) => text.replaceAll(/connection|10\.0\.0\.77/g, 'X'), {
    code: pageCode,
  });
  expect(JSON.stringify(hidden)).not.toContain('10.0.0.77');
  expect(laneOf(hidden, 18).connections[0]).toMatchObject({ kind: 'connection', end: 'dropped' });
});
