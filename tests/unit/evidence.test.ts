import { describe, expect, test } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { stub } from '../../helpers/applications/stub.ts';
import {
  lastException,
  parseApplicationLog,
  undeclaredEntries,
  undeclaredServerErrors,
  unreadMark,
} from '../../helpers/evidence/application-log.ts';
import { type BrokerConnection, connectionsOf, parseBrokerLog } from '../../helpers/evidence/broker-log.ts';
import { evidenceOf, parts } from '../../helpers/evidence/evidence-of.ts';
import { dropsOf, matchDrops, reconnectedRequests } from '../../helpers/evidence/telling.ts';
import { httpd } from '../../helpers/servers/httpd.ts';
import { uwsgi } from '../../helpers/servers/uwsgi.ts';
import { countTellers } from '../../helpers/verdict/tellers.ts';
import { recorded } from './recorded/index.ts';

describe('evidence of what was recorded', () => {
  const summary = (name: Parameters<typeof recorded>[0]) => {
    const { heartbeatErrors, brokerDrops, unreachableLines, connections, requests, messages, undeclared } =
      evidenceOf(recorded(name));
    return {
      errors: heartbeatErrors.length,
      matched: [...heartbeatErrors, ...unreachableLines].filter(({ drop }) => drop).length,
      drops: brokerDrops.length,
      tellers: countTellers(brokerDrops),
      unreachable: unreachableLines.length,
      opened: connections.opened,
      slowed: requests.slowedMs.length,
      slowOtherwise: requests.slowOtherwiseMs.length,
      processes: Object.keys(requests.perProcess).length,
      lost: messages.lost.length,
      undeclared,
    };
  };

  test.for([
    [200, 0],
    [201, 0],
    [300, 1],
    [500, 1],
    [undefined, 1],
  ] as const)('where one request ends with %s, %s fail', ([status, failed]) => {
    const seen = recorded('prefork-8');
    const [first, ...rest] = seen.requests;
    if (!first) throw new Error('nothing was recorded');
    const { status: _, ...unanswered } = first;
    const changed = { ...unanswered, ...(status !== undefined && { status }) };
    const { requests } = evidenceOf({ ...seen, requests: [changed, ...rest] });
    expect(requests.failed).toHaveLength(failed);
    expect(requests.answered).toBe(seen.requests.length - failed);
  });

  test('prefork 8: every error has its drop, and no request is slowed', () => {
    expect(summary('prefork-8')).toMatchInlineSnapshot(`
      {
        "drops": 18,
        "errors": 16,
        "lost": 0,
        "matched": 16,
        "opened": 24,
        "processes": 8,
        "slowOtherwise": 0,
        "slowed": 0,
        "tellers": {
          "heartbeat": 16,
          "nobody": 2,
          "request": 0,
        },
        "undeclared": [],
        "unreachable": 0,
      }
    `);
  });

  test('prefork 8 with the loop of 2019: the requests pay as well, and the heartbeat tells first', () => {
    expect(summary('prefork-8-2019')).toMatchInlineSnapshot(`
      {
        "drops": 16,
        "errors": 10,
        "lost": 0,
        "matched": 20,
        "opened": 18,
        "processes": 8,
        "slowOtherwise": 0,
        "slowed": 10,
        "tellers": {
          "heartbeat": 10,
          "nobody": 6,
          "request": 0,
        },
        "undeclared": [],
        "unreachable": 10,
      }
    `);
  });

  test('event 8 × 25: drops of which requests tell, or nobody', () => {
    expect(summary('event-8x25')).toMatchInlineSnapshot(`
      {
        "drops": 7,
        "errors": 0,
        "lost": 0,
        "matched": 2,
        "opened": 10,
        "processes": 7,
        "slowOtherwise": 0,
        "slowed": 2,
        "tellers": {
          "heartbeat": 0,
          "nobody": 5,
          "request": 2,
        },
        "undeclared": [],
        "unreachable": 2,
      }
    `);
  });

  test('a request is slow for another reason where its process logged no reconnect', () => {
    const seen = recorded('event-8x25');
    const { applicationLog } = seen;
    // Each line is replaced, so that the marks stay where they are.
    const lines = applicationLog.lines.map((line) => line.replace('is unreachable: ', 'is slow: '));
    const { requests, brokerDrops } = evidenceOf({ ...seen, applicationLog: { ...applicationLog, lines } });
    expect(requests.slowedMs).toEqual([]);
    expect(requests.slowOtherwiseMs).toEqual(evidenceOf(seen).requests.slowedMs);
    expect(requests.all?.filter(({ reconnected }) => reconnected)).toEqual([]);
    expect(countTellers(brokerDrops)).toEqual({ heartbeat: 0, request: 0, nobody: 7 });
  });
});

describe('messages', () => {
  const seen = recorded('prefork-8');
  const [first = ''] = seen.arrived.keys();
  const routes = { ...stub.routes, amqp: { ...stub.routes.amqp, messages: 2 } };
  const twice = new Map([...seen.arrived.keys()].map((id) => [id, 2]));
  const messages = (arrived: ReadonlyMap<string, number>, application: Application = stub) =>
    evidenceOf({ ...seen, application, arrived }).messages;

  test('one of each request, where the record says nothing else', () => {
    expect(messages(seen.arrived)).toEqual({ expected: 24, arrived: 24, lost: [] });
    expect(messages(new Map(seen.arrived).set(first, 0))).toEqual({
      expected: 24,
      arrived: 23,
      lost: [first],
    });
  });

  test('as many of each request as the record says', () => {
    const application = { ...stub, routes };
    expect(messages(twice, application)).toEqual({ expected: 48, arrived: 48, lost: [] });
    expect(messages(new Map(twice).set(first, 1), application)).toEqual({
      expected: 48,
      arrived: 47,
      lost: [`${first} (1 of 2 messages)`],
    });
  });
});

test('the median answer of each route, of those that were answered', () => {
  const seen = recorded('prefork-8');
  const { plain, amqp } = stub.routes;
  const requests = seen.requests.slice(0, 4).map((it, index) => ({
    ...it,
    path: index === 0 ? plain.path : amqp.path,
    endedAt: it.sentAt + ([5, 20, 900, 30][index] ?? 0),
    status: index === 2 ? 500 : 200,
  }));
  expect(evidenceOf({ ...seen, requests }).requests.medianMsOf).toEqual({ plain: 5, amqp: 30 });
});

describe('who told of a drop', () => {
  const name = (pid: number) => `mod_wsgi:${pid}:fd4a2916-4092-4e5c-b393-b8efa95fd122`;
  const connection = (pid: number, openedAt: number, droppedAt?: number): BrokerConnection => ({
    process: '<0.1.0>',
    user: 'u',
    name: name(pid),
    pid,
    peer: '10.0.0.3:40000',
    openedAt,
    ...(droppedAt !== undefined && { droppedAt, endedAt: droppedAt, dropLines: ['missed heartbeats'] }),
  });
  const line = (at: number, pid = 9) => ({
    at,
    pid,
    level: 'INFO',
    logger: 'l',
    message: 'm',
    line: `at ${at}`,
    continuation: [],
  });
  const told = (
    connections: readonly BrokerConnection[],
    lines: { heartbeat?: number[]; request?: number[] },
  ) => {
    const matched = (times: number[] = []) =>
      matchDrops(
        times.map((at) => line(at)),
        connections,
      );
    return dropsOf(connections, {
      heartbeat: matched(lines.heartbeat),
      request: matched(lines.request),
    }).map(({ teller, toldAt }) => (toldAt === undefined ? teller : `${teller} at ${toldAt}`));
  };
  const once = [connection(9, 0, 3000)];

  test('nobody, where no line follows it', () => {
    expect(told(once, {})).toEqual(['nobody']);
    expect(told(once, { heartbeat: [2000] })).toEqual(['nobody']);
  });

  test('the heartbeat or a request: who logs first', () => {
    expect(told(once, { heartbeat: [3500] })).toEqual(['heartbeat at 3500']);
    expect(told(once, { request: [3500] })).toEqual(['request at 3500']);
    expect(told(once, { heartbeat: [3500], request: [3510] })).toEqual(['heartbeat at 3500']);
    expect(told(once, { heartbeat: [3510], request: [3500] })).toEqual(['request at 3500']);
  });

  test('a line that comes a moment before the broker’s own tells of it all the same', () => {
    expect(told(once, { heartbeat: [2900] })).toEqual(['heartbeat at 2900']);
  });

  test('a process tells of its own connections', () => {
    expect(told([connection(10, 0, 3000)], { heartbeat: [3500] })).toEqual(['nobody']);
  });

  test('each line of its own drop, however often the same connection is lost', () => {
    const twice = [connection(9, 0, 3000), connection(9, 3600, 7000)];
    expect(told(twice, { heartbeat: [3500, 7500] })).toEqual(['heartbeat at 3500', 'heartbeat at 7500']);
    expect(told(twice, { heartbeat: [7500] })).toEqual(['nobody', 'heartbeat at 7500']);
    expect(told(twice, { request: [3500], heartbeat: [7500] })).toEqual([
      'request at 3500',
      'heartbeat at 7500',
    ]);
  });

  test('the loop of 2019 warns again until a request reconnects: of the same drop', () => {
    const repeated = matchDrops(
      [3500, 4000].map((at) => line(at)),
      once,
    );
    expect(repeated.map(({ drop }) => drop?.at)).toEqual([3000, 3000]);
    const [later] = matchDrops([line(8000)], [connection(9, 0, 3000), connection(9, 4000)]);
    expect(later?.drop).toBeUndefined();
  });
});

describe('a request pays for a reconnect where its own process says so', () => {
  const request = (id: string, pid: number, sentAt: number) => ({ id, pid, sentAt, endedAt: sentAt + 1030 });
  const all = [request('req-a', 9, 1000), request('req-b', 9, 1500), request('req-c', 10, 1000)];
  const reconnected = (...lines: { at: number; pid: number; line: string }[]) => [
    ...reconnectedRequests(all, lines),
  ];

  test('the request that the line names', () => {
    expect(reconnected({ at: 1600, pid: 9, line: '[req-b] unreachable' })).toEqual(['req-b']);
  });

  test('else one that the process was serving at that time, a line each', () => {
    const line = { at: 1600, pid: 9, line: '[-] unreachable' };
    expect(reconnected(line)).toEqual(['req-a']);
    expect(reconnected(line, line)).toEqual(['req-a', 'req-b']);
    expect(reconnected(line, line, line)).toEqual(['req-a', 'req-b']);
  });

  test('not one of another process, nor of another time', () => {
    expect(reconnected({ at: 1600, pid: 11, line: '[-] unreachable' })).toEqual([]);
    expect(reconnected({ at: 9000, pid: 9, line: '[-] unreachable' })).toEqual([]);
  });
});

test('what was logged before the last mark of the first round is not of the window, nor is what follows the second', () => {
  const lines = ['early', 'mark', 'late', 'mark', 'window', 'mark', 'after', 'mark'];
  const before = { pids: [1, 2], first: 1, last: 3 };
  const after = { pids: [1, 2], first: 5, last: 7 };
  expect(parts({ lines, before, after })).toEqual([['early', 'mark', 'late', 'mark'], ['window']]);
  expect(parts({ lines, before: { pids: [] }, after: { pids: [] } })).toEqual([[], lines]);
});

describe('RabbitMQ’s log', () => {
  const name = 'mod_wsgi:12:fd4a2916-4092-4e5c-b393-b8efa95fd122';
  const at = Date.parse('2026-01-31T12:00:03.896Z');

  test('4.x names the connection and the reason in two entries', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}: user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}, duration: '3s'):`,
        '2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> missed heartbeats from client, timeout: 1s',
      ]),
    ).toMatchObject([{ process: '<0.23.0>', user: 'u', name, droppedAt: at }]);
  });

  test('3.10 puts the reason on a line of its own', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}): user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}):`,
        'missed heartbeats from client, timeout: 1s',
      ]),
    ).toMatchObject([{ user: 'u', name, droppedAt: at }]);
  });

  test('3.8 names no zone: it is UTC', () => {
    const [connection] = parseBrokerLog([
      `2026-01-31 12:00:03.896 [info] <0.23.0> connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}): user 'u' authenticated and granted access to vhost 'v'`,
    ]);
    expect(connection).toMatchObject({ user: 'u', name, openedAt: at });
  });

  test('a connection that the client closed is no drop', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}: user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [warning] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}, vhost: 'v', user: 'u'):`,
        '2026-01-31 12:00:03.896722+00:00 [warning] <0.23.0> client unexpectedly closed TCP connection',
      ])[0]?.droppedAt,
    ).toBeUndefined();
  });

  test('whose a connection is stands in its name, in the application’s own form', () => {
    const opened = (given: string) =>
      `2026-01-31 12:00:00.100000+00:00 [info] <0.9.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672${given}: user 'u' authenticated and granted access to vhost 'v'`;
    const pids = (...given: string[]) =>
      given.map((it) => connectionsOf([opened(it)], 'u', stub).map(({ pid }) => pid));
    expect(pids(` - ${name}`, ' - orders-12', '', ' - suite:conductor')).toEqual([
      [12],
      [undefined],
      [undefined],
      [],
    ]);
    const connectionName = /^orders-(?<pid>\d+)$/;
    expect(connectionsOf([opened(' - orders-12')], 'u', { connectionName })).toMatchObject([{ pid: 12 }]);
    expect(connectionsOf([opened(` - ${name}`)], 'another', stub)).toEqual([]);
  });
});

describe('the application’s log, in its own form', () => {
  const read = (line: string, logEntry: RegExp) => parseApplicationLog([line], { logEntry });
  const at = Date.parse('2026-01-31T12:00:00.5Z');

  test.for<[string, string, RegExp]>([
    [
      'Python’s own time, UTC',
      '2026-01-31 12:00:00,500 [9] ERROR lost it',
      /^(?<time>[\d-]+ [\d:,]+) \[(?<pid>\d+)\] (?<level>\w+) (?<message>.*)$/,
    ],
    [
      'JSON, with a zone',
      '{"t": "2026-01-31T13:00:00.500+01:00", "pid": 9, "level": "ERROR", "event": "lost it"}',
      /^\{"t": "(?<time>[^"]+)", "pid": (?<pid>\d+), "level": "(?<level>\w+)", "event": "(?<message>.*)"\}$/,
    ],
    [
      'seconds since 1970',
      '1769860800.5 9 ERROR lost it',
      /^(?<time>[\d.]+) (?<pid>\d+) (?<level>\w+) (?<message>.*)$/,
    ],
  ])('%s', ([, line, logEntry]) => {
    expect(read(line, logEntry)).toMatchObject([{ at, pid: 9, level: 'ERROR', message: 'lost it' }]);
  });

  test('a mark must be read as what it is, or nothing can be', () => {
    const unread = (line: string) =>
      unreadMark(['before', line], 'a-b', {
        logEntry: /^(?<time>\S+) (?<pid>\d+) (?<level>\w+) (?<message>.*)$/,
      });
    const good = '2026-01-31T12:00:00Z 9 INFO marker a-b of process 9';
    expect(unread(good)).toBeUndefined();
    for (const line of [
      good.replace('Z 9', 'Z [9]'),
      good.replace('Z 9', 'Z 7'),
      good.replace('INFO', 'info'),
      `${good}"}`,
    ]) {
      expect(unread(line)).toBe(line);
    }
  });

  test('a time that is none is not understood', () => {
    expect(() => read('noon 9 ERROR x', /^(?<time>\w+) (?<pid>\d+) (?<level>\w+) (?<message>.*)$/)).toThrow(
      'the application’s log has a time that is none: noon',
    );
  });
});

describe('lines that nobody declared', () => {
  test('a traceback, with or without an entry of its own', () => {
    const entries = parseApplicationLog(
      [
        '2026-01-31 12:00:00.000 9 INFO nova.api.openstack.requestlog [-] fine',
        '2026-01-31 12:00:01.000 9 WARNING some.logger [-] odd',
        'Traceback (most recent call last):',
        '  File "x.py", line 1, in <module>',
        '2026-01-31 12:00:02.000 9 ERROR some.logger [-] bad',
      ],
      stub,
    );
    expect(undeclaredEntries(entries, stub)).toEqual([
      [
        '2026-01-31 12:00:01.000 9 WARNING some.logger [-] odd',
        'Traceback (most recent call last):',
        '  File "x.py", line 1, in <module>',
      ].join('\n'),
      '2026-01-31 12:00:02.000 9 ERROR some.logger [-] bad',
    ]);
  });

  const at = '2026-01-31 12:00:02.000 9 ERROR some.logger';
  const traceback = [
    `${at} Traceback (most recent call last):`,
    `${at}   File "x.py", line 1, in <module>`,
    `${at} greenlet.error: cannot switch to a different thread`,
  ];
  const crossThread = { expectedErrors: [/cannot switch to a different thread/] };

  test('oslo.log’s traceback, an entry a line, belongs to the entry above it', () => {
    const lines = [`${at} [-] bad`, ...traceback];
    expect(undeclaredEntries(parseApplicationLog(lines, stub), {})).toEqual([lines.join('\n')]);
    expect(undeclaredEntries(parseApplicationLog(lines, stub), crossThread)).toEqual([]);
  });

  test('an expected error excuses itself, and no other entry of its process and millisecond', () => {
    const other = `${at} [-] something else is broken`;
    for (const lines of [
      [`${at} [-] bad`, ...traceback, other],
      [other, `${at} [-] bad: cannot switch to a different thread`],
    ]) {
      expect(undeclaredEntries(parseApplicationLog(lines, stub), crossThread)).toEqual([other]);
    }
  });

  test('an entry that is accounted for, but not a traceback behind it', () => {
    const entries = parseApplicationLog([`${at} [-] is unreachable`], stub);
    expect(undeclaredEntries(entries, stub, new Set(entries))).toEqual([]);
    const withTraceback = parseApplicationLog([`${at} [-] is unreachable`, ...traceback], stub);
    expect(undeclaredEntries(withTraceback, stub, new Set(withTraceback))).toHaveLength(1);
  });

  test('a request’s line of a dead connection, where the broker dropped none', () => {
    const seen = recorded('event-8x25');
    const unreachable = seen.applicationLog.lines.filter((line) => line.includes('is unreachable: '));
    expect(evidenceOf({ ...seen, brokerLog: { lines: [''], endMark: 1 } }).undeclared).toEqual(unreachable);
  });

  test('Apache’s errors and lines without a level, less the expected ones', () => {
    const log = [
      '[Mon Jan 31 12:00:00.000000 2026] [mpm_prefork:notice] [pid 1:tid 1] AH00163: configured',
      '[Mon Jan 31 12:00:00.000000 2026] [mpm_prefork:error] [pid 1:tid 1] AH00161: server reached MaxRequestWorkers setting, consider raising it',
      '[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid 9] Traceback (most recent call last):',
      'greenlet.error: cannot switch to a different thread',
      '[Mon Jan 31 12:00:00.000000 2026] [core:notice] [pid 1:tid 1] AH00052: child pid 9 exit signal Segmentation fault (11)',
    ].join('\n');
    expect(undeclaredServerErrors(log, httpd, stub)).toEqual([
      '[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid 9] Traceback (most recent call last):',
      'greenlet.error: cannot switch to a different thread',
      '[Mon Jan 31 12:00:00.000000 2026] [core:notice] [pid 1:tid 1] AH00052: child pid 9 exit signal Segmentation fault (11)',
    ]);
  });

  test('a traceback is one, whatever other threads write between its lines', () => {
    const prefix = (tid: number) =>
      `[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid ${tid}] [client 10.0.0.1:5000] `;
    const log = [
      `${prefix(1)}Traceback (most recent call last):`,
      `${prefix(1)}  File "hub.py", line 471, in fire_timers`,
      `${prefix(2)}Traceback (most recent call last):`,
      `${prefix(1)}greenlet.error: cannot switch to a different thread`,
      `${prefix(2)}ValueError: something else`,
    ].join('\n');
    const expectedErrors = [/cannot switch to a different thread/];
    expect(undeclaredServerErrors(log, httpd, { expectedErrors })).toEqual([
      `${prefix(2)}Traceback (most recent call last):\n${prefix(2)}ValueError: something else`,
    ]);
  });

  test('a traceback ends with the exception that it tells of, whatever that is called', () => {
    const traceback = ['Traceback (most recent call last):', '  File "x.py", line 1, in <module>'];
    for (const end of [
      'pika.exceptions.ChannelClosedByBroker: (406, "no")',
      'amqp.exceptions.ConnectionForced',
    ]) {
      const log = [...traceback, end, 'the next line'].join('\n');
      expect(lastException(log)).toBe(end);
      expect(undeclaredServerErrors(log, { isTrouble: () => true, expectedErrors: [] }, {})).toHaveLength(2);
    }
  });

  test('of tracebacks that were begun in each other, where no line names its thread, each has its end', () => {
    const log = [
      'Traceback (most recent call last):',
      'Traceback (most recent call last):',
      '  File "hub.py", line 471, in fire_timers',
      'greenlet.error: cannot switch to a different thread',
      '  File "x.py", line 1, in <module>',
      'ValueError: something else',
    ].join('\n');
    const expectedErrors = [/cannot switch to a different thread/];
    expect(undeclaredServerErrors(log, uwsgi, { expectedErrors })).toEqual([
      [
        'Traceback (most recent call last):',
        '  File "x.py", line 1, in <module>',
        'ValueError: something else',
      ].join('\n'),
    ]);
  });

  test('uWSGI has no levels: what speaks of an error', () => {
    const log = ['*** Starting uWSGI 2.0.28 ***', 'mapped 145808 bytes', 'DAMN ! worker 1 died :('].join(
      '\n',
    );
    expect(undeclaredServerErrors(log, uwsgi, stub)).toEqual(['DAMN ! worker 1 died :(']);
  });
});
