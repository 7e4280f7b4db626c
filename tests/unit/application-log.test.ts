import { describe, expect, test } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { stub } from '../../helpers/applications/stub.ts';
import {
  countCrossThreadErrors,
  entriesNotAllowed,
  lastException,
  parseApplicationLog,
  serverErrorsNotAllowed,
  unreadMarker,
} from '../../helpers/evidence/application-log.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { httpd } from '../../helpers/servers/httpd.ts';
import type { Server } from '../../helpers/servers/server.ts';
import { uwsgi } from '../../helpers/servers/uwsgi.ts';
import { recorded } from './recorded/index.ts';

const TRACEBACK = 'Traceback (most recent call last):';
const FRAME = '  File "x.py", line 1, in <module>';
const CROSS_THREAD = 'greenlet.error: cannot switch to a different thread';
const crossThread = { allowedErrors: [/[Cc]annot switch to a different thread/] };

describe('an entry of the application’s log is read in the application’s own form', () => {
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
    const entries = parseApplicationLog([line], { logEntry });
    expect(entries).toMatchObject([{ at, pid: 9, level: 'ERROR', message: 'lost it' }]);
  });

  const simple = { logEntry: /^(?<time>\S+) (?<pid>\d+) (?<level>\w+) (?<message>.*)$/ };

  test('a time that is none is refused', () => {
    expect(() => parseApplicationLog(['noon 9 ERROR x'], simple)).toThrow(/time.*: noon$/);
  });

  const marker = '2026-01-31T12:00:00Z 9 INFO marker a-b of process 9';

  test.for([
    ['is accepted if it is read whole', marker, undefined],
    ['is refused if the line is no entry', marker.replace('Z 9', 'Z [9]'), 'it'],
    ['is refused if the process is another', marker.replace('Z 9', 'Z 7'), 'it'],
    ['is refused if the level is another', marker.replace('INFO', 'info'), 'it'],
    ['is refused if the message has more', `${marker}"}`, 'it'],
  ] as const)('a marker %s', ([, line, refused]) => {
    expect(unreadMarker(['before', line], 'a-b', simple)).toBe(refused && line);
  });
});

describe('entries of the application’s log that nobody allowed', () => {
  const entry = '2026-01-31 12:00:02.000 9 ERROR some.logger';
  const bad = `${entry} [-] bad`;
  /** As oslo.log writes it: one entry for each line. */
  const traceback = [TRACEBACK, FRAME, CROSS_THREAD].map((line) => `${entry} ${line}`);
  const notAllowed = (lines: readonly string[], by: Parameters<typeof entriesNotAllowed>[1] = {}) =>
    entriesNotAllowed(parseApplicationLog(lines, stub), by);

  test('are errors, and entries of any level with a traceback below them', () => {
    const warning = '2026-01-31 12:00:01.000 9 WARNING some.logger [-] odd';
    const fine = '2026-01-31 12:00:00.000 9 INFO nova.api.openstack.requestlog [-] fine';
    expect(notAllowed([fine, warning, TRACEBACK, FRAME, bad], stub)).toEqual([
      [warning, TRACEBACK, FRAME].join('\n'),
      bad,
    ]);
  });

  test('have oslo.log’s traceback, one entry for each line, with the entry above it', () => {
    expect(notAllowed([bad, ...traceback])).toEqual([[bad, ...traceback].join('\n')]);
    expect(notAllowed([bad, ...traceback], crossThread)).toEqual([]);
  });

  const other = `${entry} [-] something else is broken`;

  test.for([
    ['behind it', [bad, ...traceback, other]],
    ['before it', [other, `${entry} [-] bad: cannot switch to a different thread`]],
  ] as const)('leave out an allowed error, and keep another entry of the same process and millisecond %s', ([
    ,
    lines,
  ]) => {
    expect(notAllowed(lines, crossThread)).toEqual([other]);
  });

  test.for([
    ['an entry that is accounted for', [], 0],
    ['no traceback behind an entry that is accounted for', traceback, 1],
  ] as const)('leave out %s', ([, more, left]) => {
    const entries = parseApplicationLog([`${entry} [-] is unreachable`, ...more], stub);
    expect(entriesNotAllowed(entries, stub, new Set(entries))).toHaveLength(left);
  });

  test('include a request’s line of a dead connection if the broker dropped none', () => {
    const seen = recorded('event-8x25');
    const unreachable = seen.applicationLog.lines.filter((line) => line.includes('is unreachable: '));
    expect(evidenceOf({ ...seen, brokerLog: { lines: [''], endMarker: 1 } }).notAllowed).toEqual(unreachable);
  });
});

describe('lines of the server’s error log that nobody allowed', () => {
  const apache = (from: string, text: string, tid = 9) =>
    `[Mon Jan 31 12:00:00.000000 2026] [${from}] [pid 9:tid ${tid}] ${text}`;
  const configured = apache('mpm_prefork:notice', 'AH00163: configured');
  const full = apache('mpm_prefork:error', 'AH00161: server reached MaxRequestWorkers setting');
  const started = apache('wsgi:error', TRACEBACK);
  const segmentationFault = apache('core:notice', 'AH00052: child pid 9 exit signal Segmentation fault (11)');
  const ofThread = (tid: number, text: string) => apache('wsgi:error', `[client 10.0.0.1:5000] ${text}`, tid);
  const ofOther = [TRACEBACK, 'ValueError: something else'].map((text) => ofThread(2, text));
  const anything = { isTrouble: () => true, allowedErrors: [] };

  test.for<
    [
      string,
      Pick<Server, 'isTrouble' | 'allowedErrors'>,
      Pick<Application, 'allowedErrors'>,
      string[],
      string[],
    ]
  >([
    [
      'are Apache’s errors and lines without a level, except allowed ones',
      httpd,
      stub,
      [configured, full, started, CROSS_THREAD, segmentationFault],
      [started, CROSS_THREAD, segmentationFault],
    ],
    [
      'keep a traceback together, even if other threads write between its lines',
      httpd,
      crossThread,
      [
        ofThread(1, TRACEBACK),
        ofThread(1, FRAME),
        ofOther[0] as string,
        ofThread(1, CROSS_THREAD),
        ofOther[1] as string,
      ],
      [ofOther.join('\n')],
    ],
    [
      'have interleaved tracebacks with an end each, even if no line names its thread',
      uwsgi,
      crossThread,
      [
        TRACEBACK,
        TRACEBACK,
        '  File "hub.py", line 471, in fire_timers',
        CROSS_THREAD,
        FRAME,
        'ValueError: x',
      ],
      [[TRACEBACK, FRAME, 'ValueError: x'].join('\n')],
    ],
    [
      'keep the lines of an exception together, as greenlet writes them from 3.1.1 on',
      httpd,
      crossThread,
      [
        TRACEBACK,
        'greenlet.error: Cannot switch to a different thread',
        '\tCurrent:  <greenlet.greenlet object>',
        '\tExpected: <greenlet.greenlet object>',
        'ValueError of something else',
      ].map((text) => ofThread(1, text)),
      [ofThread(1, 'ValueError of something else')],
    ],
    [
      'are uWSGI’s lines that mention an error, because uWSGI has no levels',
      uwsgi,
      stub,
      ['*** Starting uWSGI 2.0.28 ***', 'mapped 145808 bytes', 'DAMN ! worker 1 died :('],
      ['DAMN ! worker 1 died :('],
    ],
  ])('%s', ([, server, application, lines, expected]) => {
    expect(serverErrorsNotAllowed(lines.join('\n'), server, application)).toEqual(expected);
  });

  test.for([
    'pika.exceptions.ChannelClosedByBroker: (406, "no")',
    'amqp.exceptions.ConnectionForced',
  ])('have a traceback that ends with its exception: %s', (exception) => {
    const log = [TRACEBACK, FRAME, exception, 'the next line'].join('\n');
    expect(lastException(log)).toBe(exception);
    expect(serverErrorsNotAllowed(log, anything, {})).toHaveLength(2);
  });
});

test('an import error is the last line of the last traceback of its process', () => {
  const line = (pid: number, text: string) =>
    `[Wed Nov 25 22:35:32.4 2026] [wsgi:error] [pid ${pid}:tid ${pid}] ${text}`;
  const missing = "ModuleNotFoundError: No module named 'six'";
  const log = [
    ...[TRACEBACK, FRAME, "KeyError: 'first'", TRACEBACK].map((text) => line(18, text)),
    line(19, 'something of another process'),
    ...[FRAME, missing].map((text) => line(18, text)),
  ];
  expect(lastException(log.join('\n'))).toBe(missing);
  expect(lastException('[Wed] [mpm_event:notice] resuming normal operations')).toBeUndefined();
});

test('threads that could not be woken are counted', () => {
  const line = `[wsgi:error] [pid 9:tid 9] ${CROSS_THREAD}`;
  expect(countCrossThreadErrors(`${line}\nsomething else\n${line}`)).toBe(2);
});
