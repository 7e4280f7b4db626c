import { describe, expect, test } from 'vitest';
import { clockOffset } from '../../helpers/diagnosis/join/clock-offset.ts';
import { join } from '../../helpers/diagnosis/join/joined-drop.ts';
import type { LoggedBy } from '../../helpers/evidence/evidence.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { historiesOf } from './fixtures/histories-of.ts';
import { recordedLogs, retimed, timeOf } from './fixtures/recorded-logs.ts';
import { recorded } from './recorded/index.ts';

const names = ['prefork-8', 'prefork-8-2019', 'event-8x25', 'event-1x25'] as const;
type Name = (typeof names)[number];
type Lines = readonly string[];

const START = Date.parse('2026-11-26T03:00:00Z');

/** The logs of a real run that began at a time, and who logged each drop. */
function runAt(name: Name, at: number) {
  const seen = recorded(name);
  const logs = recordedLogs(name);
  const later = at - (logs['broker.log'].map(timeOf).find((time) => time !== undefined) as number);
  const moved = (lines: Lines) => lines.map((line) => retimed(line, (time) => time + later));
  const truth = new Map(
    evidenceOf(seen).brokerDrops.map((drop) => [`${drop.connection} ${drop.at + later}`, drop.loggedBy]),
  );
  return {
    broker: moved(logs['broker.log']),
    application: moved(logs['application.log']),
    truth,
    user: seen.user,
  };
}

/** The number of drops that were attributed rightly, and the drops that were attributed wrongly. */
function judged(logs: Readonly<Record<string, Lines>>, truth: ReadonlyMap<string, LoggedBy>) {
  const histories = historiesOf(logs, 0);
  histories.end();
  const { broker, applications } = histories;
  const timed = [...applications.all.values()].map((history) => ({
    history,
    offset: clockOffset(history, broker, 0),
  }));
  const known = join(broker, timed).drops.flatMap(({ drop, loggedBy }) => {
    const is = truth.get(`${drop.name} ${drop.endedAt}`);
    return loggedBy === undefined || is === undefined ? [] : [{ name: drop.name, loggedBy, is }];
  });
  return {
    right: known.filter(({ loggedBy, is }) => loggedBy === is).length,
    wrong: known.filter(({ loggedBy, is }) => loggedBy !== is),
  };
}

// Behind one proxy, or in containers of one host, everything but a connection's id and its port may be the same.
describe.for(names)('of %s and another service with its address, program, user and process ids,', (name) => {
  test.for(
    names
      .filter((other) => other !== name)
      .flatMap((other) => [0, 137, 3000].map((ms) => [other, ms] as const)),
  )('%s, %d ms later, no drop is attributed wrongly', ([other, ms]) => {
    const [one, two] = [runAt(name, START), runAt(other, START + ms)];
    let at = 0;
    const timed = [one, two].flatMap(({ broker, user }) =>
      broker.map((line) => {
        at = timeOf(line) ?? at;
        return {
          at,
          line: line.replaceAll(/\b(?:172|10)(?:\.\d+){3}/g, '10.0.0.1').replaceAll(user, 'openstack'),
        };
      }),
    );
    const broker = timed.sort((a, b) => a.at - b.at).map(({ line }) => line);
    const truth = new Map([...one.truth, ...two.truth]);
    const both = judged({ broker, one: one.application, two: two.application }, truth);
    expect(both.wrong).toEqual([]);
    expect(both.right).toBeGreaterThan(truth.size / 2);
    expect(judged({ broker, one: one.application }, truth).wrong).toEqual([]);
  });
});

describe.for(names)('of %s no drop is attributed wrongly', (name) => {
  const { broker, application, truth } = runAt(name, START);
  const late = (at: number) => at - START > 20_000;

  test.for<[string, (at: number) => number]>([
    ['drifts by 1 %', (at) => at + (at - START) / 100],
    ['drifts by 5 %', (at) => at + (at - START) / 20],
    ['drifts by -10 %', (at) => at - (at - START) / 10],
    ['steps by 2 s', (at) => (late(at) ? at + 2000 : at)],
    ['steps by an hour, as in spring', (at) => (late(at) ? at + 3_600_000 : at)],
    ['is eleven minutes ahead', (at) => at + 660_000],
    ['is two hours ahead', (at) => at + 7_200_000],
    ['is an hour behind', (at) => at - 3_600_000],
    ['is 300 ms behind', (at) => at - 300],
  ])('if the application’s clock %s', ([, change]) => {
    const changed = application.map((line) => retimed(line, change));
    expect(judged({ broker, application: changed }, truth).wrong).toEqual([]);
  });

  test.for<[string, Lines, Lines]>([
    [
      'the application logs from WARNING on',
      broker,
      application.filter((line) => !/ (?:INFO|DEBUG) /.test(line)),
    ],
    ['the application logs no requests', broker, application.filter((line) => !/ status: \d/.test(line))],
    [
      'the broker logs from WARNING on',
      broker.filter((line) => !/ \[(?:info|notice)\] /.test(line)),
      application,
    ],
  ])('if %s', ([, brokerLines, lines]) => {
    expect(judged({ broker: brokerLines, application: lines }, truth).wrong).toEqual([]);
  });

  test('if the broker’s times are whole seconds', () => {
    const seconds = broker.map((line) => line.replace(/^(\S+ \d\d:\d\d:\d\d)\.\d+/, '$1'));
    const wholeTruth = new Map(
      [...truth].map(([key, loggedBy]) => [key.replace(/\d{3}$/, '000'), loggedBy] as const),
    );
    const { right, wrong } = judged({ broker: seconds, application }, wholeTruth);
    expect(wrong).toEqual([]);
    if (truth.size > 0) expect(right).toBeGreaterThan(truth.size / 2);
  });
});
