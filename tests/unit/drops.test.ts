import { describe, expect, test } from 'vitest';
import type { BrokerConnection } from '../../helpers/evidence/broker-log.ts';
import { dropsOf, matchDrops, nearDrops, reconnectedRequests } from '../../helpers/evidence/drops.ts';

const line = (at: number, pid = 9) => ({
  at,
  pid,
  level: 'INFO',
  logger: 'l',
  message: 'm',
  line: `at ${at}`,
  continuation: [],
});

/** A connection of a process, dropped at 3000. */
function dropped(change: Partial<BrokerConnection> = {}): BrokerConnection {
  const { pid = 9, droppedAt = 3000 } = change;
  return {
    process: '<0.1.0>',
    user: 'u',
    name: `mod_wsgi:${pid}:fd4a2916-4092-4e5c-b393-b8efa95fd122`,
    pid,
    peer: '10.0.0.3:40000',
    openedAt: 0,
    droppedAt,
    endedAt: droppedAt,
    dropLines: ['missed heartbeats'],
    ...change,
  };
}

type Times = Partial<Record<'heartbeat' | 'request', number[]>>;

/** Who logs each drop and when, if process 9 writes lines at these times. */
function loggersOf(connections: readonly BrokerConnection[], { heartbeat = [], request = [] }: Times) {
  const matched = (times: number[]) =>
    matchDrops(
      times.map((at) => line(at)),
      connections,
    );
  const drops = dropsOf(connections, { heartbeat: matched(heartbeat), request: matched(request) });
  return drops.map(({ loggedBy, loggedAt }) =>
    loggedAt === undefined ? loggedBy : `${loggedBy} ${loggedAt}`,
  );
}

describe('a drop is logged by', () => {
  test.for<[string, Times, string]>([
    ['nobody if no line follows it', {}, 'nobody'],
    ['nobody if lines only precede it', { heartbeat: [2000] }, 'nobody'],
    ['the heartbeat if the heartbeat logs it', { heartbeat: [3500] }, 'heartbeat 3500'],
    ['the heartbeat if it is first', { heartbeat: [3500], request: [3510] }, 'heartbeat 3500'],
    ['a request if a request logs it', { request: [3500] }, 'request 3500'],
    ['a request if it is first', { heartbeat: [3510], request: [3500] }, 'request 3500'],
    ['a line that comes a moment before the broker’s own', { heartbeat: [2900] }, 'heartbeat 2900'],
  ])('%s', ([, times, logger]) => {
    expect(loggersOf([dropped()], times)).toEqual([logger]);
  });

  test('no line of another process', () => {
    expect(loggersOf([dropped({ pid: 10 })], { heartbeat: [3500] })).toEqual(['nobody']);
  });

  test.for<[Times, string[]]>([
    [{ heartbeat: [3500, 7500] }, ['heartbeat 3500', 'heartbeat 7500']],
    [{ heartbeat: [7500] }, ['nobody', 'heartbeat 7500']],
    [{ request: [3500], heartbeat: [7500] }, ['request 3500', 'heartbeat 7500']],
  ])('a line of its own if the connection is lost twice: %j', ([times, loggers]) => {
    const twice = [dropped(), dropped({ openedAt: 3600, droppedAt: 7000 })];
    expect(loggersOf(twice, times)).toEqual(loggers);
  });
});

test('a line that names its connection matches no other', () => {
  const other = '0b9e1c52-7a51-4d3c-8c6e-2f1d7a9b3c40';
  const [first, second] = [dropped(), dropped({ name: `mod_wsgi:9:${other}`, droppedAt: 3100 })];
  const named = (id: string) => ({
    ...line(3500),
    line: `[req-x] [${id}] AMQP server on broker:5672 is unreachable`,
  });
  const matched = (id: string) =>
    matchDrops([named(id)], [first, second]).map(({ drop }) => drop?.connection);
  expect(matched(other)).toEqual([second.name]);
  expect(matched('00000000-0000-4000-a000-000000000000')).toEqual([undefined]);
  // An application may name its connections in a form of its own.
  expect(matchDrops([named(other)], [dropped({ name: 'orders-9' })])[0]?.drop?.connection).toBe('orders-9');
});

test('a line without a name matches the connection that is opened again first', () => {
  const [one, two] = (['a', 'b'] as const).map(
    (letter) => `mod_wsgi:9:${letter.repeat(8)}-7a51-4d3c-8c6e-2f1d7a9b3c40`,
  ) as [string, string];
  const open = (name = '', openedAt = 0) => ({
    process: '<0.1.0>',
    user: 'u',
    name,
    pid: 9,
    peer: '',
    openedAt,
  });
  const connections = [
    dropped({ name: one }),
    dropped({ name: two, droppedAt: 3100 }),
    open(two, 3520),
    open(one, 4600),
  ];
  expect(matchDrops([line(3500)], connections)[0]?.drop?.connection).toBe(two);
});

test('a line without a name prefers a drop that no earlier line of a request is about', () => {
  const other = 'mod_wsgi:9:0b9e1c52-7a51-4d3c-8c6e-2f1d7a9b3c40';
  const connections = [dropped(), dropped({ name: other, droppedAt: 3100 })];
  const first = dropped().name;
  const ofRequest = (at: number) => ({
    at,
    pid: 9,
    line: 'unreachable',
    drop: { connection: first, at: 3000, lines: [] },
  });
  const matched = (at: number) =>
    matchDrops([line(3500)], connections, [ofRequest(at)]).map(({ drop }) => drop?.connection);
  expect(matched(3400)).toEqual([other]);
  expect(matched(3600)).toEqual([first]);
});

describe('a line is near a drop', () => {
  const other = 'mod_wsgi:9:0b9e1c52-7a51-4d3c-8c6e-2f1d7a9b3c40';
  const { droppedAt: _, endedAt: __, dropLines: ___, ...reopened } = dropped({ openedAt: 4000 });

  test.for<[string, number, BrokerConnection[], boolean]>([
    ['after it', 3500, [dropped()], true],
    ['at any later time, if the connection was not opened again', 90_000, [dropped()], true],
    [
      'also if the process has opened another connection',
      6000,
      [dropped(), dropped({ name: other, openedAt: 3200, droppedAt: 7000 })],
      true,
    ],
    ['until a moment after the connection was opened again', 4900, [dropped(), reopened], true],
    ['but not later', 5100, [dropped(), reopened], false],
    ['but not before it', 2700, [dropped()], false],
    ['but not of another process', 3500, [dropped({ pid: 10 })], false],
  ])('%s', ([, at, connections, isNear]) => {
    expect(nearDrops([line(at)], connections)).toHaveLength(isNear ? 1 : 0);
  });
});

test('every warning of the loop of 2019 matches the drop until a request reconnects', () => {
  const repeated = matchDrops([line(3500), line(4000)], [dropped()]);
  expect(repeated.map(({ drop }) => drop?.at)).toEqual([3000, 3000]);
  const { droppedAt: _, endedAt: __, dropLines: ___, ...reopened } = dropped({ openedAt: 4000 });
  const [later] = matchDrops([line(8000)], [dropped(), reopened]);
  expect(later?.drop).toBeUndefined();
});

describe('a reconnect slows', () => {
  const request = (id: string, pid: number, sentAt: number) => ({ id, pid, sentAt, endedAt: sentAt + 1030 });
  const requests = [request('req-a', 9, 1000), request('req-b', 9, 1500), request('req-c', 10, 1000)];
  const unnamed = { at: 1600, pid: 9, line: '[-] unreachable' };

  test.for<[string, (typeof unnamed)[], string[]]>([
    ['the request that the line names', [{ ...unnamed, line: '[req-b] unreachable' }], ['req-b']],
    ['a request that its process was serving, if the line names none', [unnamed], ['req-a']],
    ['one more request for each further line', [unnamed, unnamed], ['req-a', 'req-b']],
    ['no more requests than were served', [unnamed, unnamed, unnamed], ['req-a', 'req-b']],
    ['no request of another process', [{ ...unnamed, pid: 11 }], []],
    ['no request of another time', [{ ...unnamed, at: 9000 }], []],
  ])('%s', ([, lines, ids]) => {
    expect([...reconnectedRequests(requests, lines)]).toEqual(ids);
  });
});
