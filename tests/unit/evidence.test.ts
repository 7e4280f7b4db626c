import { describe, expect, test } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { stub } from '../../helpers/applications/stub.ts';
import { beforeAndWindow, evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { countLoggedBy } from '../../helpers/verdict/logged-by.ts';
import { type RecordedName, recorded } from './recorded/index.ts';

describe('evidence of a recorded run', () => {
  test.for<[RecordedName, dropsLoggedBy: object, lines: object, rest: object]>([
    [
      'prefork-8',
      { heartbeat: 16, request: 0, nobody: 2 },
      { heartbeat: 16, request: 0, matched: 16 },
      { opened: 24, processes: 8, slowed: 0 },
    ],
    [
      'prefork-8-2019',
      { heartbeat: 10, request: 0, nobody: 6 },
      { heartbeat: 10, request: 10, matched: 20 },
      { opened: 18, processes: 8, slowed: 10 },
    ],
    [
      'event-8x25',
      { heartbeat: 0, request: 2, nobody: 5 },
      { heartbeat: 0, request: 2, matched: 2 },
      { opened: 10, processes: 7, slowed: 2 },
    ],
  ])('%s: the drops, who logged them, and the slowed requests are counted', ([
    name,
    loggedBy,
    lines,
    rest,
  ]) => {
    const { heartbeatErrors, brokerDrops, unreachableLines, connections, requests, ...others } = evidenceOf(
      recorded(name),
    );
    expect(countLoggedBy(brokerDrops)).toEqual(loggedBy);
    expect({
      heartbeat: heartbeatErrors.length,
      request: unreachableLines.length,
      matched: [...heartbeatErrors, ...unreachableLines].filter(({ drop }) => drop).length,
    }).toEqual(lines);
    expect({
      opened: connections.opened,
      processes: Object.keys(requests.perProcess).length,
      slowed: requests.slowedMs.length,
    }).toEqual(rest);
    expect(requests.slowOtherwiseMs).toEqual([]);
    expect(others).toMatchObject({ messages: { lost: [] }, notAllowed: [] });
  });

  test.for([
    [{ status: 200 }, 0],
    [{ status: 201 }, 0],
    [{ status: 300 }, 1],
    [{ status: 500 }, 1],
    [{}, 1],
  ] as const)('a request that ends with %j counts as %i failed', ([outcome, failed]) => {
    const seen = recorded('prefork-8');
    const all = seen.requests.map(({ status, ...request }, index) => ({
      ...request,
      ...(index === 0 ? outcome : { status: status ?? 0 }),
    }));
    const { requests } = evidenceOf({ ...seen, requests: all });
    expect(requests.failed).toHaveLength(failed);
    expect(requests.answered).toBe(all.length - failed);
  });

  test('a slow request counts as slow otherwise if its process logged no reconnect', () => {
    const seen = recorded('event-8x25');
    const { applicationLog } = seen;
    // Each line is replaced, so that the markers stay where they are.
    const lines = applicationLog.lines.map((line) => line.replace('is unreachable: ', 'is slow: '));
    const { requests, brokerDrops } = evidenceOf({ ...seen, applicationLog: { ...applicationLog, lines } });
    expect(requests.slowedMs).toEqual([]);
    expect(requests.slowOtherwiseMs).toEqual(evidenceOf(seen).requests.slowedMs);
    expect(requests.all?.filter(({ reconnected }) => reconnected)).toEqual([]);
    expect(countLoggedBy(brokerDrops)).toEqual({ heartbeat: 0, request: 0, nobody: 7 });
  });
});

test.for([
  [1, (id: string) => id],
  [2, (id: string) => `${id} (1 of 2 messages)`],
] as const)('of %i messages for each request, a missing one is lost', ([times, lost]) => {
  const seen = recorded('prefork-8');
  const [first = '', ...others] = seen.arrived.keys();
  const amqp = { ...stub.routes.amqp, ...(times > 1 && { messages: times }) };
  const application: Application = { ...stub, routes: { ...stub.routes, amqp } };
  const messages = (ofFirst: number) => {
    const arrived = new Map([[first, ofFirst], ...others.map((id): [string, number] => [id, times])]);
    return evidenceOf({ ...seen, application, arrived }).messages;
  };
  const expected = 24 * times;
  const whole = { expected, arrived: expected, publishing: 24, withMore: 0, lost: [] };
  expect(messages(times)).toEqual(whole);
  expect(messages(times - 1)).toEqual({ ...whole, arrived: expected - 1, lost: [lost(first)] });
  expect(messages(times + 1)).toEqual({ ...whole, withMore: 1 });
});

test('the median of a route counts only its answered requests', () => {
  const seen = recorded('prefork-8');
  const { plain, amqp } = stub.routes;
  const requests = seen.requests.slice(0, 4).map((request, index) => ({
    ...request,
    path: index === 0 ? plain.path : amqp.path,
    endedAt: request.sentAt + ([5, 20, 900, 30][index] ?? 0),
    status: index === 2 ? 500 : 200,
  }));
  expect(evidenceOf({ ...seen, requests }).requests.medianMsOf).toEqual({ plain: 5, amqp: 25 });
});

test('the window begins after the last marker of the first round and ends at the second round', () => {
  const lines = ['early', 'mark', 'late', 'mark', 'window', 'mark', 'after', 'mark'];
  const before = { pids: [1, 2], first: 1, last: 3 };
  const after = { pids: [1, 2], first: 5, last: 7 };
  expect(beforeAndWindow({ lines, before, after })).toEqual([['early', 'mark', 'late', 'mark'], ['window']]);
  expect(beforeAndWindow({ lines, before: { pids: [] }, after: { pids: [] } })).toEqual([[], lines]);
});
