import { describe, expect, test } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { stub } from '../../helpers/applications/stub.ts';
import {
  entriesNotAllowed,
  lastException,
  parseApplicationLog,
  serverErrorsNotAllowed,
  unreadMarker,
} from '../../helpers/evidence/application-log.ts';
import { type BrokerConnection, connectionsOf, parseBrokerLog } from '../../helpers/evidence/broker-log.ts';
import { dropsOf, matchDrops, reconnectedRequests } from '../../helpers/evidence/drops.ts';
import { evidenceOf, parts } from '../../helpers/evidence/evidence-of.ts';
import { httpd } from '../../helpers/servers/httpd.ts';
import { uwsgi } from '../../helpers/servers/uwsgi.ts';
import { countLoggedBy } from '../../helpers/verdict/logged-by.ts';
import { recorded } from './recorded/index.ts';

describe('evidence of a recorded run', () => {
  const summary = (name: Parameters<typeof recorded>[0]) => {
    const { heartbeatErrors, brokerDrops, unreachableLines, connections, requests, messages, notAllowed } =
      evidenceOf(recorded(name));
    return {
      errors: heartbeatErrors.length,
      matched: [...heartbeatErrors, ...unreachableLines].filter(({ drop }) => drop).length,
      drops: brokerDrops.length,
      loggers: countLoggedBy(brokerDrops),
      unreachable: unreachableLines.length,
      opened: connections.opened,
      slowed: requests.slowedMs.length,
      slowOtherwise: requests.slowOtherwiseMs.length,
      processes: Object.keys(requests.perProcess).length,
      lost: messages.lost.length,
      notAllowed,
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

  test('prefork 8: every heartbeat error has its drop, and no request is slowed', () => {
    expect(summary('prefork-8')).toMatchInlineSnapshot(`
      {
        "drops": 18,
        "errors": 16,
        "loggers": {
          "heartbeat": 16,
          "nobody": 2,
          "request": 0,
        },
        "lost": 0,
        "matched": 16,
        "notAllowed": [],
        "opened": 24,
        "processes": 8,
        "slowOtherwise": 0,
        "slowed": 0,
        "unreachable": 0,
      }
    `);
  });

  test('prefork 8 with the loop of 2019: the heartbeat logs drops first, and requests are slowed as well', () => {
    expect(summary('prefork-8-2019')).toMatchInlineSnapshot(`
      {
        "drops": 16,
        "errors": 10,
        "loggers": {
          "heartbeat": 10,
          "nobody": 6,
          "request": 0,
        },
        "lost": 0,
        "matched": 20,
        "notAllowed": [],
        "opened": 18,
        "processes": 8,
        "slowOtherwise": 0,
        "slowed": 10,
        "unreachable": 10,
      }
    `);
  });

  test('event 8 × 25: a request or nobody logs the drops', () => {
    expect(summary('event-8x25')).toMatchInlineSnapshot(`
      {
        "drops": 7,
        "errors": 0,
        "loggers": {
          "heartbeat": 0,
          "nobody": 5,
          "request": 2,
        },
        "lost": 0,
        "matched": 2,
        "notAllowed": [],
        "opened": 10,
        "processes": 7,
        "slowOtherwise": 0,
        "slowed": 2,
        "unreachable": 2,
      }
    `);
  });

  test('a slow request counts as slow otherwise if its process logged no reconnect', () => {
    const seen = recorded('event-8x25');
    const { applicationLog } = seen;
    // Each line is replaced, so that the marks stay where they are.
    const lines = applicationLog.lines.map((line) => line.replace('is unreachable: ', 'is slow: '));
    const { requests, brokerDrops } = evidenceOf({ ...seen, applicationLog: { ...applicationLog, lines } });
    expect(requests.slowedMs).toEqual([]);
    expect(requests.slowOtherwiseMs).toEqual(evidenceOf(seen).requests.slowedMs);
    expect(requests.all.filter(({ reconnected }) => reconnected)).toEqual([]);
    expect(countLoggedBy(brokerDrops)).toEqual({ heartbeat: 0, request: 0, nobody: 7 });
  });
});

describe('messages', () => {
  const seen = recorded('prefork-8');
  const [first = ''] = seen.arrived.keys();
  const routes = { ...stub.routes, amqp: { ...stub.routes.amqp, messages: 2 } };
  const twice = new Map([...seen.arrived.keys()].map((id) => [id, 2]));
  const messages = (arrived: ReadonlyMap<string, number>, application: Application = stub) =>
    evidenceOf({ ...seen, application, arrived }).messages;

  test('are expected once for each request by default', () => {
    expect(messages(seen.arrived)).toEqual({ expected: 24, arrived: 24, lost: [] });
    expect(messages(new Map(seen.arrived).set(first, 0))).toEqual({
      expected: 24,
      arrived: 23,
      lost: [first],
    });
  });

  test('are expected as often as the application’s record says', () => {
    const application = { ...stub, routes };
    expect(messages(twice, application)).toEqual({ expected: 48, arrived: 48, lost: [] });
    expect(messages(new Map(twice).set(first, 1), application)).toEqual({
      expected: 48,
      arrived: 47,
      lost: [`${first} (1 of 2 messages)`],
    });
  });
});

test('the median of a route counts only its answered requests', () => {
  const seen = recorded('prefork-8');
  const { plain, amqp } = stub.routes;
  const requests = seen.requests.slice(0, 4).map((it, index) => ({
    ...it,
    path: index === 0 ? plain.path : amqp.path,
    endedAt: it.sentAt + ([5, 20, 900, 30][index] ?? 0),
    status: index === 2 ? 500 : 200,
  }));
  expect(evidenceOf({ ...seen, requests }).requests.medianMsOf).toEqual({ plain: 5, amqp: 25 });
});

describe('a drop', () => {
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
  const logged = (
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
    }).map(({ loggedBy, loggedAt }) => (loggedAt === undefined ? loggedBy : `${loggedBy} at ${loggedAt}`));
  };
  const once = [connection(9, 0, 3000)];

  test('is logged by nobody if no line follows it', () => {
    expect(logged(once, {})).toEqual(['nobody']);
    expect(logged(once, { heartbeat: [2000] })).toEqual(['nobody']);
  });

  test('is logged by the heartbeat or a request, whichever logs it first', () => {
    expect(logged(once, { heartbeat: [3500] })).toEqual(['heartbeat at 3500']);
    expect(logged(once, { request: [3500] })).toEqual(['request at 3500']);
    expect(logged(once, { heartbeat: [3500], request: [3510] })).toEqual(['heartbeat at 3500']);
    expect(logged(once, { heartbeat: [3510], request: [3500] })).toEqual(['request at 3500']);
  });

  test('is matched by a line that comes a moment before the broker’s own', () => {
    expect(logged(once, { heartbeat: [2900] })).toEqual(['heartbeat at 2900']);
  });

  test('is matched only by lines of its own process', () => {
    expect(logged([connection(10, 0, 3000)], { heartbeat: [3500] })).toEqual(['nobody']);
  });

  test('has its own line, even if the same connection is lost several times', () => {
    const twice = [connection(9, 0, 3000), connection(9, 3600, 7000)];
    expect(logged(twice, { heartbeat: [3500, 7500] })).toEqual(['heartbeat at 3500', 'heartbeat at 7500']);
    expect(logged(twice, { heartbeat: [7500] })).toEqual(['nobody', 'heartbeat at 7500']);
    expect(logged(twice, { request: [3500], heartbeat: [7500] })).toEqual([
      'request at 3500',
      'heartbeat at 7500',
    ]);
  });

  test('is matched by every warning of the loop of 2019 until a request reconnects', () => {
    const repeated = matchDrops(
      [3500, 4000].map((at) => line(at)),
      once,
    );
    expect(repeated.map(({ drop }) => drop?.at)).toEqual([3000, 3000]);
    const [later] = matchDrops([line(8000)], [connection(9, 0, 3000), connection(9, 4000)]);
    expect(later?.drop).toBeUndefined();
  });
});

describe('a reconnect slows', () => {
  const request = (id: string, pid: number, sentAt: number) => ({ id, pid, sentAt, endedAt: sentAt + 1030 });
  const all = [request('req-a', 9, 1000), request('req-b', 9, 1500), request('req-c', 10, 1000)];
  const reconnected = (...lines: { at: number; pid: number; line: string }[]) => [
    ...reconnectedRequests(all, lines),
  ];

  test('the request that the line names', () => {
    expect(reconnected({ at: 1600, pid: 9, line: '[req-b] unreachable' })).toEqual(['req-b']);
  });

  test('a request that its process was serving at the time, if the line names none', () => {
    const line = { at: 1600, pid: 9, line: '[-] unreachable' };
    expect(reconnected(line)).toEqual(['req-a']);
    expect(reconnected(line, line)).toEqual(['req-a', 'req-b']);
    expect(reconnected(line, line, line)).toEqual(['req-a', 'req-b']);
  });

  test('no request of another process or of another time', () => {
    expect(reconnected({ at: 1600, pid: 11, line: '[-] unreachable' })).toEqual([]);
    expect(reconnected({ at: 9000, pid: 9, line: '[-] unreachable' })).toEqual([]);
  });
});

test('the window begins after the last marker of the first round and ends at the second round', () => {
  const lines = ['early', 'mark', 'late', 'mark', 'window', 'mark', 'after', 'mark'];
  const before = { pids: [1, 2], first: 1, last: 3 };
  const after = { pids: [1, 2], first: 5, last: 7 };
  expect(parts({ lines, before, after })).toEqual([['early', 'mark', 'late', 'mark'], ['window']]);
  expect(parts({ lines, before: { pids: [] }, after: { pids: [] } })).toEqual([[], lines]);
});

describe('RabbitMQ’s log', () => {
  const name = 'mod_wsgi:12:fd4a2916-4092-4e5c-b393-b8efa95fd122';
  const at = Date.parse('2026-01-31T12:00:03.896Z');

  test('has the connection and the reason in two entries in 4.x', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}: user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}, duration: '3s'):`,
        '2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> missed heartbeats from client, timeout: 1s',
      ]),
    ).toMatchObject([{ process: '<0.23.0>', user: 'u', name, droppedAt: at }]);
  });

  test('has the reason on a line of its own in 3.10', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}): user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}):`,
        'missed heartbeats from client, timeout: 1s',
      ]),
    ).toMatchObject([{ user: 'u', name, droppedAt: at }]);
  });

  test('is in UTC in 3.8, which names no zone', () => {
    const [connection] = parseBrokerLog([
      `2026-01-31 12:00:03.896 [info] <0.23.0> connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}): user 'u' authenticated and granted access to vhost 'v'`,
    ]);
    expect(connection).toMatchObject({ user: 'u', name, openedAt: at });
  });

  test('does not count a connection that the client closed as a drop', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}: user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [warning] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}, vhost: 'v', user: 'u'):`,
        '2026-01-31 12:00:03.896722+00:00 [warning] <0.23.0> client unexpectedly closed TCP connection',
      ])[0]?.droppedAt,
    ).toBeUndefined();
  });

  test('names the process of a connection in the application’s own form', () => {
    const opened = (given: string) =>
      `2026-01-31 12:00:00.100000+00:00 [info] <0.9.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672${given}: user 'u' authenticated and granted access to vhost 'v'`;
    const pids = (...given: string[]) =>
      given.map((it) => connectionsOf([opened(it)], 'u', stub).map(({ pid }) => pid));
    expect(pids(` - ${name}`, ' - orders-12', '', ' - suite:messageSink')).toEqual([
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

  test('is refused if its marker cannot be read correctly', () => {
    const unread = (line: string) =>
      unreadMarker(['before', line], 'a-b', {
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

  test('is refused if its time is not a time', () => {
    expect(() => read('noon 9 ERROR x', /^(?<time>\w+) (?<pid>\d+) (?<level>\w+) (?<message>.*)$/)).toThrow(
      /application’s log.*: noon$/,
    );
  });
});

describe('lines that nobody allowed', () => {
  test('include a traceback, with or without an entry of its own', () => {
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
    expect(entriesNotAllowed(entries, stub)).toEqual([
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
  const crossThread = { allowedErrors: [/cannot switch to a different thread/] };

  test('have oslo.log’s traceback, one entry for each line, with the entry above it', () => {
    const lines = [`${at} [-] bad`, ...traceback];
    expect(entriesNotAllowed(parseApplicationLog(lines, stub), {})).toEqual([lines.join('\n')]);
    expect(entriesNotAllowed(parseApplicationLog(lines, stub), crossThread)).toEqual([]);
  });

  test('leave out an allowed error, but no other entry of its process and millisecond', () => {
    const other = `${at} [-] something else is broken`;
    for (const lines of [
      [`${at} [-] bad`, ...traceback, other],
      [other, `${at} [-] bad: cannot switch to a different thread`],
    ]) {
      expect(entriesNotAllowed(parseApplicationLog(lines, stub), crossThread)).toEqual([other]);
    }
  });

  test('leave out an entry that is accounted for, but not a traceback behind it', () => {
    const entries = parseApplicationLog([`${at} [-] is unreachable`], stub);
    expect(entriesNotAllowed(entries, stub, new Set(entries))).toEqual([]);
    const withTraceback = parseApplicationLog([`${at} [-] is unreachable`, ...traceback], stub);
    expect(entriesNotAllowed(withTraceback, stub, new Set(withTraceback))).toHaveLength(1);
  });

  test('include a request’s line of a dead connection if the broker dropped none', () => {
    const seen = recorded('event-8x25');
    const unreachable = seen.applicationLog.lines.filter((line) => line.includes('is unreachable: '));
    expect(evidenceOf({ ...seen, brokerLog: { lines: [''], endMark: 1 } }).notAllowed).toEqual(unreachable);
  });

  test('include Apache’s errors and its lines without a level, except allowed ones', () => {
    const log = [
      '[Mon Jan 31 12:00:00.000000 2026] [mpm_prefork:notice] [pid 1:tid 1] AH00163: configured',
      '[Mon Jan 31 12:00:00.000000 2026] [mpm_prefork:error] [pid 1:tid 1] AH00161: server reached MaxRequestWorkers setting, consider raising it',
      '[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid 9] Traceback (most recent call last):',
      'greenlet.error: cannot switch to a different thread',
      '[Mon Jan 31 12:00:00.000000 2026] [core:notice] [pid 1:tid 1] AH00052: child pid 9 exit signal Segmentation fault (11)',
    ].join('\n');
    expect(serverErrorsNotAllowed(log, httpd, stub)).toEqual([
      '[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid 9] Traceback (most recent call last):',
      'greenlet.error: cannot switch to a different thread',
      '[Mon Jan 31 12:00:00.000000 2026] [core:notice] [pid 1:tid 1] AH00052: child pid 9 exit signal Segmentation fault (11)',
    ]);
  });

  test('keep a traceback together, even if other threads write between its lines', () => {
    const prefix = (tid: number) =>
      `[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid ${tid}] [client 10.0.0.1:5000] `;
    const log = [
      `${prefix(1)}Traceback (most recent call last):`,
      `${prefix(1)}  File "hub.py", line 471, in fire_timers`,
      `${prefix(2)}Traceback (most recent call last):`,
      `${prefix(1)}greenlet.error: cannot switch to a different thread`,
      `${prefix(2)}ValueError: something else`,
    ].join('\n');
    const allowedErrors = [/cannot switch to a different thread/];
    expect(serverErrorsNotAllowed(log, httpd, { allowedErrors })).toEqual([
      `${prefix(2)}Traceback (most recent call last):\n${prefix(2)}ValueError: something else`,
    ]);
  });

  test('end a traceback with its exception, whatever the exception is called', () => {
    const traceback = ['Traceback (most recent call last):', '  File "x.py", line 1, in <module>'];
    for (const end of [
      'pika.exceptions.ChannelClosedByBroker: (406, "no")',
      'amqp.exceptions.ConnectionForced',
    ]) {
      const log = [...traceback, end, 'the next line'].join('\n');
      expect(lastException(log)).toBe(end);
      expect(serverErrorsNotAllowed(log, { isTrouble: () => true, allowedErrors: [] }, {})).toHaveLength(2);
    }
  });

  test('give interleaved tracebacks an end each, even if no line names its thread', () => {
    const log = [
      'Traceback (most recent call last):',
      'Traceback (most recent call last):',
      '  File "hub.py", line 471, in fire_timers',
      'greenlet.error: cannot switch to a different thread',
      '  File "x.py", line 1, in <module>',
      'ValueError: something else',
    ].join('\n');
    const allowedErrors = [/cannot switch to a different thread/];
    expect(serverErrorsNotAllowed(log, uwsgi, { allowedErrors })).toEqual([
      [
        'Traceback (most recent call last):',
        '  File "x.py", line 1, in <module>',
        'ValueError: something else',
      ].join('\n'),
    ]);
  });

  test('include uWSGI’s lines that mention an error, because uWSGI has no levels', () => {
    const log = ['*** Starting uWSGI 2.0.28 ***', 'mapped 145808 bytes', 'DAMN ! worker 1 died :('].join(
      '\n',
    );
    expect(serverErrorsNotAllowed(log, uwsgi, stub)).toEqual(['DAMN ! worker 1 died :(']);
  });
});
