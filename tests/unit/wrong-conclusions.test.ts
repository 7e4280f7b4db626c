import { describe, expect, test } from 'vitest';
import type { TroubleKind } from '../../helpers/diagnosis/causes/troubles.ts';
import { details, firstScreen } from '../../helpers/diagnosis/diagnosis-words.ts';
import {
  absence,
  authenticatedLine,
  closedLine,
  diagnosisOf,
  dropLines,
  endLines,
  heartbeatLine,
  kindsOf,
  linesLeftOut,
  logLine,
  nameOf,
  nodeLine,
  openLine,
  reconnectedLine,
  requestLine,
  serviceLine,
  unreachableLine,
} from './fixtures/made-up-lines.ts';

/** Histories that look like the article's, and others that are taken for something that they are not. */

type Diagnosis = ReturnType<typeof diagnosisOf>;
/** Lines, and lists of lines. */
type Lines = readonly (string | readonly string[])[];

/** The diagnosis of a broker's log, and of a service's if there is one. */
const logsOf = (broker: Lines, service?: Lines, zoneMs?: number) =>
  diagnosisOf({ 'rabbit.log': broker.flat(), ...(service && { 'nova.log': service.flat() }) }, zoneMs ?? 0);
const found = (kind: TroubleKind, { programs, troubles }: Diagnosis) =>
  [...programs.flatMap((program) => program.troubles), ...troubles].find((trouble) => trouble.kind === kind);
const dropped = ({ programs }: Diagnosis) => programs.find(({ drops }) => drops > 0);

const NAME = nameOf('mod_wsgi', 18, 1);
/** Connections of {@link NAME}, by their ports. */
const peer = (port: number) => `10.0.0.1:${port}`;
const opened = (time: string, port: number, zone?: string) => authenticatedLine(time, NAME, peer(port), zone);
const ended = (time: string, port: number, how?: Parameters<typeof endLines>[3]) =>
  endLines(time, NAME, peer(port), how);
const closed = (time: string, port: number) => closedLine(time, NAME, peer(port));

/** A log of a process that was there all day. */
const lived = (pid: number, ...lines: readonly string[]) => [
  serviceLine('02:00:00', pid),
  ...lines,
  serviceLine('09:00:00', pid),
];
/** A process that was silent for forty minutes. */
const night = absence('03:00:00.1', '03:40:00.1', 'mod_wsgi', 18, 1);
/** With what oslo.log adds at DEBUG. */
const option = (time: string, value: string) =>
  serviceLine(
    time,
    18,
    `oslo_messaging_rabbit.heartbeat_in_pthread = ${value} log_opt_values /usr/lib/python3/dist-packages/oslo_config/cfg.py:2613`,
    'DEBUG',
  );
const deprecated = serviceLine(
  '02:00:00',
  18,
  'Deprecated: Option "heartbeat_in_pthread" from group "oslo_messaging_rabbit" is deprecated for removal',
  'WARNING',
);
const partition = nodeLine(
  '02:59:30',
  'Mnesia(rabbit@a): ** ERROR ** mnesia_event got {inconsistent_database, running_partitioned_network, rabbit@b}',
);
const CONNECTED =
  '[9528639f-aaaa-4bbb-accc-0123456789ab] Connected to AMQP server on broker:5672 via [amqp] client.';
const starting = 'Starting RabbitMQ 4.0.5 on Erlang 27 [jit]';
const listening = 'started TCP listener on [::]:5672';
const pids = [18, 19, 20, 21];

test.for<[string, TroubleKind[], broker: Lines, service?: Lines]>([
  [
    'different programs that are dropped at one moment had something in common',
    ['standstill'],
    [
      dropLines('03:00:00.1', 'mod_wsgi', 18, 1),
      dropLines('03:00:00.3', 'nova-compute', 7, 2, '10.0.0.2'),
      dropLines('03:00:00.9', 'neutron-server', 9, 3, '10.0.0.3'),
    ],
  ],
  [
    'one program of several hosts that is dropped at one moment stood still',
    ['standstill'],
    [1, 2, 3].map((host) => dropLines(`03:00:00.${host}`, 'nova-compute', 7, host, `10.0.0.${host}`)),
  ],
  [
    'processes of WSGI servers that are dropped together may all have been idle',
    ['green heartbeat', 'green heartbeat'],
    [
      absence('03:00:00.1', '03:40:00.1', 'mod_wsgi', 18, 1),
      absence('03:00:00.3', '03:41:00.1', 'mod_wsgi', 19, 2),
      absence('03:00:00.9', '03:42:00.1', 'uwsgi', 20, 3),
    ],
  ],
  [
    'gunicorn waits for requests in Python, where a heartbeat runs on',
    ['unexplained drop'],
    [absence('03:00:00.1', '03:40:00.1', 'gunicorn', 18, 1)],
  ],
  [
    'an agent that is dropped beside idle APIs does not make it a standstill',
    ['independent service', 'green heartbeat'],
    [
      dropLines('03:00:09.1', 'nova-compute', 7, 2),
      absence('03:00:00.1', '03:40:00.1', 'uwsgi', 18, 1),
      absence('03:00:20.1', '03:41:00.1', 'uwsgi', 19, 3),
    ],
  ],
  [
    'a connection that came back at once was not lost to a heartbeat that stood still',
    ['unexplained drop'],
    [absence('03:00:00.1', '03:00:04.1', 'mod_wsgi', 18, 1)],
  ],
  [
    'an agent’s heartbeat does not depend on requests',
    ['independent service'],
    [absence('03:00:00.1', '03:20:00.1', 'nova-compute', 7, 1)],
  ],
  [
    'processes that could not reach the broker either were cut off',
    ['network'],
    [absence('03:00:00.1', '03:20:00.1', 'mod_wsgi', 18, 1)],
    lived(18, unreachableLine('03:01:00', 18, 1, '[Errno 113] EHOSTUNREACH')),
  ],
  [
    'an agent that tried to reach the broker at once, and could not, was cut off',
    ['network'],
    [absence('03:00:00.1', '03:05:00.1', 'nova-compute', 7, 1)],
    lived(7, unreachableLine('03:00:30', 7, 1, 'timed out')),
  ],
  [
    'a request that finds the broker away hours later does not make the drop the network’s',
    ['green heartbeat'],
    [absence('03:00:00.1', '05:01:00.1', 'mod_wsgi', 18, 1)],
    lived(18, unreachableLine('05:00:30', 18, 1, '[Errno 111] ECONNREFUSED')),
  ],
  [
    'another connection that finds another broker away does not make the drop the network’s',
    ['green heartbeat', 'unexplained loss'],
    night,
    lived(
      18,
      unreachableLine('02:57:30', 18, 77, '[Errno 111] ECONNREFUSED'),
      unreachableLine('03:39:59', 18, 1),
    ),
  ],
  [
    'a request that was cut off by the drop, and then finds a broker away, does not make the drop the network’s',
    ['green heartbeat'],
    [absence('03:00:00.1', '03:00:43.1', 'mod_wsgi', 18, 1)],
    lived(
      18,
      unreachableLine('03:00:40', 18, 1),
      unreachableLine('03:00:41', 18, 1, '[Errno 111] ECONNREFUSED'),
    ),
  ],
  [
    'a request that loses its connection before the drop, and then finds the broker away, shows that the network failed',
    ['network', 'unexplained loss'],
    [absence('03:00:00.1', '03:05:00.1', 'mod_wsgi', 18, 1)],
    lived(
      18,
      unreachableLine('02:59:00', 18, 1),
      unreachableLine('02:59:31', 18, 1, '[Errno 113] EHOSTUNREACH'),
    ),
  ],
  [
    'a heartbeat that the broker could not send points to the network',
    ['network'],
    [ended('03:00:00.1', 40_001, { reason: '{inet_error,{heartbeat_send_error,timeout}}' })],
  ],
  [
    'a line that names a connection is explained by how that connection ended, hours before',
    ['client gone'],
    [
      opened('02:00:00', 40_001),
      ended('03:00:00', 40_001, { reason: 'client unexpectedly closed TCP connection' }),
      opened('07:00:01', 40_002),
    ],
    lived(18, unreachableLine('07:00:00', 18, 1)),
  ],
  [
    'a line that names a connection is not explained by how it ended before it was opened again',
    ['client gone', 'unexplained loss'],
    [
      opened('02:00:00', 40_001),
      ended('03:00:00', 40_001, { reason: 'client unexpectedly closed TCP connection' }),
      opened('04:00:01', 40_002),
    ],
    lived(18, unreachableLine('07:00:00', 18, 1)),
  ],
  [
    'connections that a restart of the broker ended are the restart’s',
    ['broker restart'],
    [
      openLine('02:00:00', 'uwsgi', 22, 1),
      nodeLine('03:00:00', 'stopped TCP listener on [::]:5672'),
      nodeLine('03:00:20', listening),
      openLine('03:00:21', 'uwsgi', 22, 2),
    ],
    [heartbeatLine('03:00:00.4', 22), reconnectedLine('03:00:21.01', 22, 2, 50_002)],
  ],
  [
    'a crash of the broker is between its last line and its start',
    ['broker restart'],
    [
      openLine('02:00:00', 'uwsgi', 22, 1),
      nodeLine('03:00:15', starting),
      nodeLine('03:00:20', listening),
      openLine('03:00:21', 'uwsgi', 22, 2),
    ],
    [heartbeatLine('03:00:00.4', 22)],
  ],
  [
    'a broker that starts for the first time does not restart',
    [],
    [nodeLine('03:00:00', starting), nodeLine('03:00:20', listening), openLine('03:01:00', 'uwsgi', 22, 1)],
  ],
  [
    'a cluster’s event with nothing lost beside it is no finding',
    [],
    [openLine('02:00:00', 'uwsgi', 30, 1), nodeLine('03:00:05', 'rabbit on node rabbit@b down')],
  ],
  [
    'heartbeat_in_pthread counts as it was when the connection was dropped',
    ['green heartbeat', 'option that will go'],
    night,
    [option('02:00:00', 'False'), heartbeatLine('03:40:00.09', 18), option('09:00:00', 'True')],
  ],
  [
    'a connection that was opened before the drop may be another process’s if processes share a socket',
    ['unexplained drop', 'shared socket'],
    [opened('02:00:00', 40_001), opened('02:58:30', 40_002), ended('03:00:00', 40_001)],
    [serviceLine('02:00:00', 18, 'Process forked after connection established!', 'WARNING')],
  ],
])('%s', ([, kinds, broker, service]) => {
  const diagnosis = logsOf(broker, service);
  expect(kindsOf(diagnosis)).toEqual(kinds);
  expect(diagnosis.outcome).toBe(kinds.length > 0 ? 'found' : 'nothing found');
});

describe('the next connection of a client', () => {
  const first = [opened('02:20:00', 40_001), ...ended('03:00:00', 40_001), opened('05:00:00', 40_004)];
  const second = [opened('01:00:00', 40_002), closed('02:00:00', 40_002), opened('03:00:04', 40_003)];
  const afterFourSeconds = { count: 1, medianMs: 4000, maxMs: 4000 };
  const zone = '';

  test.for<[string, reconnected: object, TroubleKind, ...logs: Lines[]]>([
    [
      'that was opened before the drop shows that the client had left the dropped one',
      { count: 0 },
      'network',
      [
        opened('02:00:00', 40_001),
        opened('02:58:30', 40_002),
        ended('03:00:00', 40_001),
        ended('07:00:00', 40_002, { reason: '{inet_error,etimedout}' }),
        opened('07:00:30', 40_003),
      ],
    ],
    ['may be at another broker, whose log is read last', afterFourSeconds, 'unexplained drop', first, second],
    [
      'may be at another broker, whose log is read first',
      afterFourSeconds,
      'unexplained drop',
      second,
      first,
    ],
    [
      'at a broker whose clock is behind is not taken for an earlier one',
      { count: 0 },
      'unexplained drop',
      [opened('02:00:00', 40_001), ended('03:00:02', 40_001)],
      [opened('03:00:01', 40_002)],
    ],
    [
      'that was opened after the clock was set back did not come before the drop',
      afterFourSeconds,
      'unexplained drop',
      [
        opened('01:00:00', 40_001, zone),
        ended('02:50:00', 40_001, { zone }),
        opened('02:10:00', 40_002, zone),
        ended('07:00:00', 40_002, { zone }),
        opened('07:00:04', 40_003, zone),
      ],
    ],
    [
      'that the log has lost is not taken for a later one',
      { count: 0 },
      'unexplained drop',
      [
        opened('02:00:00', 40_001),
        ended('03:00:00', 40_001),
        closed('05:00:00', 40_002),
        opened('07:00:00', 40_003),
      ],
    ],
    [
      'may have the same port',
      { count: 2, medianMs: 5000, maxMs: 6000 },
      'unexplained drop',
      [
        opened('02:00:00', 40_001),
        ended('03:00:00', 40_001),
        opened('03:00:04', 40_001),
        ended('04:00:00', 40_001),
        opened('04:00:06', 40_001),
      ],
    ],
  ])('%s', ([, reconnected, kind, ...logs]) => {
    const files = logs.map((lines, index) => [`rabbit-${index}.log`, lines.flat()] as const);
    const diagnosis = diagnosisOf(Object.fromEntries(files));
    expect(dropped(diagnosis)?.reconnected).toEqual(reconnected);
    expect(kindsOf(diagnosis)).toEqual([kind]);
  });
});

test('a broker that cannot send may have a client that does not read', () => {
  const diagnosis = logsOf([ended('03:00:00', 40_001, { reason: '{writer,send_failed,{error,timeout}}' })]);
  expect(firstScreen(diagnosis, []).join('\n')).toMatch(
    /the network failed, or the client did not read its socket\..*do .*firewalls.*the client/s,
  );
});

test.for([
  ['no name', ''],
  ['a name that its owner chose', 'billing (prod)'],
  ['the interpreter’s name', nameOf('python3', 18, 1)],
] as const)('a program with %s may be an API', ([, name]) => {
  expect(kindsOf(logsOf([endLines('03:00:00', name, peer(40_001))]))).toEqual(['unexplained drop']);
});

test('a program with many free-form names is still one program', () => {
  const names = ['rabbitConnectionFactory#1a:0', 'rabbitConnectionFactory#2b:0', 'consumer 7'];
  const diagnosis = logsOf(names.map((name, index) => endLines('03:00:00', name, peer(40_000 + index))));
  expect(kindsOf(diagnosis)).not.toContain('standstill');
});

test('all programs of one host that are dropped within half a timeout had their host in common', () => {
  const { troubles } = logsOf([
    dropLines('03:00:00.1', 'mod_wsgi', 18, 1),
    dropLines('03:00:14.3', 'nova-compute', 7, 2),
    dropLines('03:00:25.9', 'neutron-server', 9, 3),
  ]);
  expect(troubles).toMatchObject([
    { kind: 'standstill', count: 3, because: [expect.stringContaining('10.0.0.1')] },
  ]);
});

test('a process of a WSGI server that comes back later than the programs of its host was idle', () => {
  const diagnosis = logsOf([
    absence('03:00:00.1', '03:02:00.1', 'nova-compute', 7, 1),
    absence('03:00:05.1', '03:02:01.1', 'neutron-server', 8, 2),
    absence('03:00:10.1', '03:02:10.1', 'uwsgi', 18, 3),
    absence('03:00:15.1', '06:00:00.1', 'uwsgi', 19, 4),
  ]);
  expect(found('standstill', diagnosis)?.count).toBe(3);
  expect(found('green heartbeat', diagnosis)).toMatchObject({ count: 1 });
});

test('processes that lose their connections together and reconnect together may only show the end of a break', () => {
  const diagnosis = logsOf([
    ...pids.map((pid) => dropLines(`03:00:${pid}.1`, 'mod_wsgi', pid, pid)),
    ...pids.map((pid) => openLine(`03:05:00.${pid}`, 'mod_wsgi', pid, pid)),
  ]);
  expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
  expect(found('unexplained drop', diagnosis)?.because.join()).toContain('came back together');
});

describe('processes that come back together, and log it,', () => {
  const kindsWith = (before: readonly string[], ...afterwards: readonly string[]) =>
    kindsOf(
      logsOf(
        [
          ...pids.map((pid) => openLine('02:50:00', 'mod_wsgi', pid, pid)),
          ...pids.map((pid) => dropLines(`03:00:0${pid - 15}`, 'mod_wsgi', pid, pid)),
          ...pids.map((pid) => openLine(`03:02:00.2${pid}`, 'mod_wsgi', pid, pid)),
        ],
        [
          ...before,
          ...pids.map((pid) => heartbeatLine(`03:02:00.1${pid}`, pid)),
          ...afterwards,
          ...pids.map((pid) => requestLine('03:09:00', pid, 0.1)),
        ],
      ),
    );
  const answered = (time: string, seconds = 0.1) => pids.map((pid) => requestLine(time, pid, seconds));

  test.for<[string, TroubleKind, afterwards: readonly string[]]>([
    ['without a request stood still', 'unexplained drop', []],
    ['for requests were idle', 'green heartbeat', answered('03:02:00.3')],
    ['for slow requests were idle', 'green heartbeat', answered('03:02:03.3', 3.3)],
    ['before slow requests stood still', 'unexplained drop', answered('03:02:06.3', 3.3)],
  ])('%s', ([, kind, afterwards]) => {
    expect(kindsWith(answered('02:59:00'), ...afterwards)).toEqual([kind]);
  });

  test.for([
    ['without a request speak against a green heartbeat', [], true],
    ['for a request do not', [requestLine('03:06:00.2', 18, 0.1), requestLine('03:06:00.2', 19, 0.1)], false],
  ] as const)('even if they are two, %s', ([, requests, isAgainst]) => {
    const diagnosis = logsOf(
      [18, 19].flatMap((pid) => absence('03:00:00.1', `03:06:00.1${pid}`, 'mod_wsgi', pid, pid)),
      [
        ...[18, 19].map((pid) => requestLine('02:50:00', pid, 0.1)),
        ...[18, 19].map((pid) => heartbeatLine('03:06:00.09', pid)),
        ...requests,
        serviceLine('09:00:00', 18),
      ],
    );
    const { against = [] } = found('green heartbeat', diagnosis) ?? {};
    expect(against.join().includes('came back together')).toBe(isAgainst);
  });

  test('are not known to have been idle if the requests are too many to be kept', () => {
    const many = Array.from({ length: 10_001 }, () => answered('02:59:00')).flat();
    expect(kindsWith(many, ...answered('03:02:00.3'))).toEqual(['unexplained drop']);
  });

  test.for<[string, TroubleKind, afterwards: readonly string[]]>([
    ['hours later without a request stood still', 'unexplained drop', []],
    ['hours later for requests were idle', 'green heartbeat', answered('05:00:00.3')],
  ])('%s', ([, kind, afterwards]) => {
    const diagnosis = logsOf(
      pids.flatMap((pid) => absence(`03:00:0${pid - 15}`, `05:00:00.2${pid}`, 'mod_wsgi', pid, pid)),
      [
        ...answered('02:59:00'),
        ...pids.map((pid) => heartbeatLine(`05:00:00.1${pid}`, pid)),
        ...afterwards,
        ...answered('05:09:00'),
      ],
    );
    expect(kindsOf(diagnosis)).toEqual([kind]);
  });

  test('are not known to have been idle if the log has no requests', () => {
    const diagnosis = logsOf(
      pids.flatMap((pid) => absence(`03:00:0${pid - 15}`, `03:02:00.2${pid}`, 'mod_wsgi', pid, pid)),
      [
        ...pids.map((pid) => serviceLine('02:50:00', pid)),
        ...pids.map((pid) => heartbeatLine(`03:02:00.1${pid}`, pid)),
        ...pids.map((pid) => serviceLine('03:09:00', pid)),
      ],
    );
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
  });
});

describe('a request', () => {
  test('that meets a dead connection at once does not show that the heartbeat stood still', () => {
    const diagnosis = logsOf(
      [absence('03:00:00.1', '03:00:05.1', 'mod_wsgi', 18, 1)],
      lived(18, unreachableLine('03:00:04', 18, 1)),
    );
    expect(dropped(diagnosis)?.loggedBy.request).toBe(1);
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
  });

  test('that runs while the connection is dropped shows that the process was not idle', () => {
    const lines = lived(18, heartbeatLine('03:40:00.09', 18), requestLine('03:41:00', 18, 2520.5));
    const diagnosis = logsOf(night, lines);
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
    expect(found('unexplained drop', diagnosis)?.because.join()).toContain(
      'while their process served a request',
    );
  });

  test('names the connection that it met, of several', () => {
    const diagnosis = logsOf(
      [
        dropLines('03:00:00.1', 'mod_wsgi', 18, 1),
        absence('03:00:00.2', '03:40:01.1', 'mod_wsgi', 18, 2),
        openLine('05:00:00.1', 'mod_wsgi', 18, 1),
      ],
      lived(18, unreachableLine('03:40:00', 18, 2), heartbeatLine('05:00:00.09', 18)),
    );
    expect(dropped(diagnosis)).toMatchObject({ loggedBy: { heartbeat: 1, request: 1, nobody: 0 } });
  });
});

describe('heartbeat_in_pthread', () => {
  const heartbeat = heartbeatLine('03:40:00.09', 18);

  test('that is off speaks for a green heartbeat', () => {
    const diagnosis = logsOf(night, [option('02:00:00', 'False'), heartbeat]);
    expect(found('green heartbeat', diagnosis)?.because).toContain(
      'heartbeat_in_pthread is off (nova.log:1)',
    );
  });

  test('that is on contradicts a green heartbeat', () => {
    const diagnosis = logsOf(night, [option('02:00:00', 'True'), heartbeat]);
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop', 'option that will go']);
    expect(found('unexplained drop', diagnosis)?.because.join()).toMatch(/is on/);
  });

  test('whose value is not known speaks against a green heartbeat, and is an option that will go', () => {
    const diagnosis = logsOf(night, [deprecated, heartbeat]);
    expect(found('green heartbeat', diagnosis)?.against.join()).toMatch(
      /heartbeat_in_pthread is set.*\(nova\.log:1\)/,
    );
    expect(kindsOf(diagnosis)).toContain('option that will go');
  });

  test('is no finding by itself', () => {
    const diagnosis = logsOf([openLine('02:00:00', 'uwsgi', 18, 1)], [deprecated]);
    expect(diagnosis.outcome).toBe('nothing found');
    expect(kindsOf(diagnosis)).toEqual(['option that will go']);
  });
});

test.for([
  ['is said of a log that has the level of the heartbeat’s line', 'INFO', 1, {}],
  ['is not said of a log without that level', 'WARNING', 0, { 'log has no level INFO': 2 }],
] as const)('“nobody” %s', ([, level, logged, loggedByUnknown]) => {
  const diagnosis = logsOf(
    [
      absence('02:30:00.1', '02:40:00.1', 'mod_wsgi', 18, 2),
      opened('02:55:00.1', 40_001),
      dropLines('03:00:00.1', 'mod_wsgi', 18, 1),
    ],
    [
      serviceLine('02:00:00', 18, 'x', level),
      unreachableLine('02:39:59', 18, 2),
      serviceLine('03:10:00', 18, 'x', level),
    ],
  );
  const found = dropped(diagnosis);
  expect(found).toMatchObject({ loggedBy: { request: logged, nobody: logged } });
  expect(found?.loggedByUnknown).toEqual(loggedByUnknown);
});

// kolla: all services of a host have one address, one user and one program, and each container numbers its processes.
describe('of services whose processes have the same ids', () => {
  const logs = {
    'rabbit.log': [
      ...dropLines('02:59:00.1', 'uwsgi', 20, 2),
      ...absence('03:00:00.1', '03:40:00.1', 'uwsgi', 20, 1),
      openLine('04:10:00.1', 'uwsgi', 20, 2),
      authenticatedLine('04:15:00.1', nameOf('uwsgi', 20, 3), peer(40_003)),
      ...dropLines('04:20:00.1', 'uwsgi', 20, 3),
    ],
    'nova-api.log': lived(20, heartbeatLine('03:40:00.09', 20)),
  };

  test('a line belongs to the drop that was reconnected at its moment', () => {
    expect(dropped(diagnosisOf(logs, 0))).toMatchObject({
      loggedBy: { heartbeat: 1, request: 0, nobody: 0 },
      loggedByUnknown: { 'line missing': 2 },
    });
  });

  test('each log explains only drops of its own service', () => {
    const cinder = lived(20, heartbeatLine('04:10:00.09', 20));
    expect(dropped(diagnosisOf({ ...logs, 'cinder-api.log': cinder }, 0))).toMatchObject({
      loggedBy: { heartbeat: 2, request: 0, nobody: 0 },
    });
  });
});

test('the same process id in another container is another process', () => {
  const cinder = ['02:00:00', '04:00:00'].map((time) => serviceLine(time, 18));
  expect(dropped(diagnosisOf({ 'rabbit.log': night, 'cinder.log': cinder }, 0))).toMatchObject({
    loggedBy: { nobody: 0 },
    loggedByUnknown: { 'no log of the application': 1 },
  });
});

test('a process that was started again under the same id has other connections', () => {
  const again = nameOf('mod_wsgi', 18, 2);
  const diagnosis = logsOf(
    [
      opened('02:55:00.1', 40_001),
      dropLines('03:00:00.1', 'mod_wsgi', 18, 1),
      openLine('04:00:00', 'mod_wsgi', 18, 2),
      endLines('05:30:00', again, peer(50_002), { duration: '1H, 30M, 0s' }),
      authenticatedLine('05:30:10.1', again, peer(50_003)),
    ],
    lived(18, heartbeatLine('05:30:10.09', 18)),
  );
  // The line is ten seconds after the second drop, not hours after the first.
  expect(found('unexplained drop', diagnosis) ?? found('green heartbeat', diagnosis)).toMatchObject({
    count: 2,
  });
  expect(JSON.stringify(diagnosis.programs[0]?.troubles)).not.toContain('came back later');
});

describe('the clocks', () => {
  test('a connection’s id and port show an offset that the given zone hides', () => {
    const diagnosis = logsOf(night, [
      serviceLine('04:00:00', 18),
      unreachableLine('05:39:59', 18, 1),
      reconnectedLine('05:40:00.11', 18, 1, 50_001),
      serviceLine('05:41:00', 18),
    ]);
    expect(diagnosis.sources[0]?.offset).toMatchObject({ by: 'ports' });
    expect(dropped(diagnosis)?.loggedBy.request).toBe(1);
    expect(kindsOf(diagnosis)).toEqual(['green heartbeat']);
  });

  test('a broker’s log without a zone is not taken for UTC beside a log that has one', () => {
    const zone = '';
    const unzoned = [...ended('05:00:00.1', 40_001, { zone }), opened('05:40:00.1', 40_002, zone)];
    const zoned = [
      serviceLine('03:00:00', 18),
      unreachableLine('03:39:59', 18, 1),
      reconnectedLine('03:40:00.11', 18, 1, 40_002),
      serviceLine('03:41:00', 18),
    ].map((line) => {
      const [time, rest] = [line.slice(0, 23).replace(' ', 'T'), line.slice(23)];
      return JSON.stringify({ '@timestamp': `${time}Z`, message: `${time}+00:00${rest}` });
    });
    const diagnosis = diagnosisOf({ 'rabbit.log': unzoned, 'nova.log': zoned });
    expect(dropped(diagnosis)?.loggedBy).toMatchObject({ request: 1 });
  });

  test('one coincidence of two process ids is no offset', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': absence('03:00:00.1', '03:40:00.1', 'uwsgi', 7, 1),
      'cinder.log': lived(7, heartbeatLine('05:07:13', 7)),
    });
    expect(dropped(diagnosis)?.loggedBy).toEqual({ heartbeat: 0, request: 0, nobody: 0 });
    expect(diagnosis.sources[0]?.offset).toBeUndefined();
  });
});

describe('lines that RabbitMQ left out', () => {
  test('may have been about drops, so the outcome is “could not tell”', () => {
    const diagnosis = logsOf([openLine('03:00:00', 'nova-compute', 7, 1), linesLeftOut]);
    expect(diagnosis.outcome).toBe('could not tell');
  });

  test.for<[outcome: string, program: string, words: string, host?: string]>([
    ['could not tell', 'systemd-journald[3]', 'Suppressed 5678 messages from rabbitmq-server.service'],
    ['could not tell', 'systemd-journald[3]', 'Forwarding to syslog missed 120 messages.'],
    ['could not tell', 'rsyslogd[7]', 'imjournal: 4321 messages lost due to rate-limiting (20000 allowed)'],
    ['could not tell', 'rsyslogd-2177', 'imuxsock lost 123 messages from pid 812 due to rate-limiting'],
    ['nothing found', 'systemd-journald[3]', 'Suppressed 9 messages from cron.service'],
    ['nothing found', 'rsyslogd[7]', 'imjournal: 4321 messages lost due to rate-limiting', 'ctl2'],
    ['nothing found', 'sudo[7]', 'COMMAND=/bin/grep Suppressed 5678 messages from rabbitmq-server.service'],
  ])('that a collector lost may have been about drops: %s, %s: %s', ([
    outcome,
    program,
    words,
    host = 'ctl1',
  ]) => {
    const diagnosis = logsOf([
      `Nov 26 03:00:01 ${host} ${program}: ${words}`,
      `Nov 26 03:00:02 ctl1 rabbitmq-server[812]: ${openLine('03:00:02', 'nova-compute', 7, 1)}`,
    ]);
    expect(diagnosis.outcome).toBe(outcome);
    expect(diagnosis.lowerBounds).toHaveLength(outcome === 'could not tell' ? 1 : 0);
  });

  test('make all counts lower bounds', () => {
    const diagnosis = logsOf([dropLines('03:00:00.1', 'mod_wsgi', 18, 1), linesLeftOut]);
    expect(diagnosis.lowerBounds).toEqual([{ file: 'rabbit.log', line: 3 }]);
    expect(firstScreen(diagnosis, []).join('\n')).toContain('lower bounds');
  });
});

describe('the brokers', () => {
  test.for([
    ['stopped at 2026-11-26 03:00:00 UTC', 'stopped TCP listener on [::]:5672'],
    [
      'did not say that it stopped, was last seen at 2026-11-26 02:00:01 UTC, started at 2026-11-26 03:00:00 UTC',
      starting,
    ],
  ] as const)('a restart shows in the broker’s log alone: it %s', ([stop, line]) => {
    const { troubles } = logsOf([
      openLine('02:00:00', 'uwsgi', 22, 1),
      openLine('02:00:01', 'uwsgi', 23, 2),
      nodeLine('03:00:00', line),
      nodeLine('03:00:02', starting),
      nodeLine('03:00:20', listening),
    ]);
    expect(troubles).toMatchObject([{ kind: 'broker restart', count: 1 }]);
    expect(troubles[0]?.because).toEqual([
      `rabbit.log ${stop}, and was back after 20 s; 2 connections ended with it, as far as its log shows`,
    ]);
  });

  test('a broker without a log went down if another broker’s log says so', () => {
    const diagnosis = logsOf(
      [
        openLine('02:00:00', 'uwsgi', 30, 1),
        nodeLine('03:00:05', 'rabbit on node rabbit@b down'),
        nodeLine('03:02:05', 'rabbit on node rabbit@b up'),
      ],
      [heartbeatLine('03:00:00.4', 22)],
    );
    expect(kindsOf(diagnosis)).toEqual(['cluster']);
    expect(diagnosis.troubles[0]?.because.join()).toContain('rabbit@b');
  });

  test('a node that is away for hours is beside the drops at the beginning and at the end', () => {
    const diagnosis = logsOf([
      nodeLine('03:00:05', 'rabbit on node rabbit@b down'),
      ...['03:00:10', '06:00:00', '09:00:10'].map((time, index) => dropLines(time, 'nova-compute', 7, index)),
      nodeLine('09:00:05', 'rabbit on node rabbit@b up'),
    ]);
    expect(found('cluster', diagnosis)).toMatchObject({
      count: 2,
      against: [expect.stringContaining('1 drop')],
    });
  });

  test('a partition is reported beside the drops that follow it, with what speaks against it', () => {
    const diagnosis = logsOf([
      partition,
      dropLines('03:00:00.1', 'nova-compute', 7, 1),
      dropLines('13:00:00.1', 'nova-compute', 8, 2),
    ]);
    expect(found('cluster', diagnosis)).toMatchObject({
      count: 1,
      because: expect.arrayContaining([expect.stringContaining('partition')]),
      against: [expect.stringContaining('1 drop')],
    });
  });
});

test.for([
  [
    'is named if a line names it',
    'Process forked after connection established!',
    ['1 line about a fork after'],
  ],
  ['is not named because of a frame alone', '(505) UNEXPECTED_FRAME - expected content header', []],
] as const)('a fork before which a connection was opened %s', ([, words, because]) => {
  const diagnosis = diagnosisOf({ 'nova.log': [serviceLine('02:00:00', 18, words, 'ERROR')] });
  expect(found('shared socket', diagnosis)?.because).toEqual(
    because.map((sentence) => expect.stringContaining(sentence)),
  );
  expect(firstScreen(diagnosis, [])).toContain('Processes or threads share one connection.');
});

describe('an error that both sides or several lines report counts once', () => {
  const frame =
    'UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead';

  test('an unexpected frame', () => {
    const diagnosis = logsOf(
      [
        `2026-11-26 03:00:00.000000+00:00 [error] <0.5.0> Error on AMQP connection <0.5.0> (10.0.0.1:40001 -> 10.0.0.9:5672 - ${NAME}, vhost: '/', user: 'nova', state: running), channel 1:`,
        '2026-11-26 03:00:00.000000+00:00 [error] <0.5.0>  operation none caused a connection exception unexpected_frame: "expected content header"',
      ],
      [
        serviceLine('03:00:00.01', 18, `(505) ${frame}`, 'ERROR'),
        serviceLine('03:00:00.01', 18, `amqp.exceptions.UnexpectedFrame: (505) ${frame}`, 'ERROR'),
      ],
    );
    expect(found('shared socket', diagnosis)?.count).toBe(1);
  });

  test('an error and its traceback', () => {
    const error = 'greenlet.error: cannot switch to a different thread';
    const lines = ['03:00:00.01', '03:00:00.01', '04:00:00.01'];
    const diagnosis = diagnosisOf({ 'nova.log': lines.map((time) => serviceLine(time, 18, error, 'ERROR')) });
    expect(found('cross thread', diagnosis)?.count).toBe(2);
  });
});

test('connections that the client closed are counted, and are no trouble', () => {
  const diagnosis = logsOf([opened('02:00:00', 50_001), closed('03:00:00', 50_001)]);
  expect(diagnosis).toMatchObject({
    outcome: 'nothing found',
    programs: [{ ended: { 'closed by the client': 1, 'missed heartbeats': 0 } }],
  });
  expect(details(diagnosis, []).join('\n')).toContain('1 opened, 1 closed by the client');
});

describe('a connection that the broker closed because of an exception', () => {
  const head = '2026-11-26 03:00:00.000000+00:00 [error] <0.40001.0>';
  const diagnosis = logsOf(
    [
      opened('02:00:00', 40_001),
      `${head} Error on AMQP connection <0.40001.0> (${peer(40_001)} -> 10.0.0.9:5672 - ${NAME}, vhost: '/', user: 'nova', state: running), channel 0:`,
      `${head}  operation none caused a connection exception connection_forced: "Closed via management plugin"`,
      closed('03:00:00.1', 40_001),
      opened('06:00:01', 40_002),
    ],
    lived(18, unreachableLine('06:00:00', 18, 1)),
  );

  test('was not closed by the client', () => {
    expect(diagnosis.programs).toMatchObject([{ ended: { 'closed by the client': 0, other: 1 } }]);
    expect(details(diagnosis, []).join('\n')).toContain('1 ended otherwise (connection_forced)');
  });

  test('explains the line of whoever met it hours later', () => {
    expect(kindsOf(diagnosis)).toEqual([]);
    expect(diagnosis.outcome).toBe('nothing found');
  });
});

test('a client that comes back under the same id had not gone', () => {
  const reason = 'client unexpectedly closed TCP connection';
  const diagnosis = logsOf([
    opened('02:00:00', 40_001),
    ended('03:00:00', 40_001, { reason }),
    opened('03:00:01', 40_002),
  ]);
  expect(found('client gone', diagnosis)?.against.join()).toContain('1 of 1');
});

test('of services that share a name and a host, a log has only the drops of processes that it names', () => {
  const others = [30, 31, 32, 33];
  const diagnosis = logsOf(
    [
      ...pids.flatMap((pid) => absence('03:00:00.1', `03:40:0${pid - 15}.2`, 'uwsgi', pid, pid)),
      ...others.flatMap((pid) => absence('03:00:01.1', '08:00:00', 'uwsgi', pid, pid)),
    ],
    [
      ...pids.map((pid) => serviceLine('02:50:00', pid)),
      ...pids.map((pid) => unreachableLine(`03:40:0${pid - 15}`, pid, pid)),
      ...pids.map((pid) => serviceLine('09:00:01', pid)),
    ],
  );
  expect(dropped(diagnosis)).toMatchObject({
    drops: 8,
    dropsOfLog: { 'nova.log': 4 },
    loggedBy: { request: 4, nobody: 0 },
    loggedByUnknown: { 'no log of the application': 4 },
  });
});

test.for<[string, drops: Lines, processes: readonly number[]]>([
  ['it names none of the processes', pids.map((pid) => dropLines('03:00:00.1', 'uwsgi', pid, pid)), [55]],
  [
    'RabbitMQ’s log has another program',
    [
      ...pids.map((pid) => dropLines('03:00:00.1', 'uwsgi', pid, pid)),
      closedLine('04:00:00', nameOf('nova-compute', 7, 9), '10.0.0.3:40009'),
    ],
    pids,
  ],
])('process ids alone do not make a log the program’s if %s', ([, drops, processes]) => {
  const lines = processes.map((pid) => heartbeatLine('02:00:00', pid));
  const later = processes.map((pid) => serviceLine('09:00:00', pid));
  expect(dropped(logsOf(drops, [...lines, ...later]))?.dropsOfLog).toEqual({});
});

test('a log with more lines about messaging than are kept does not show that nothing happened', () => {
  const quiet = [openLine('02:00:00', 'mod_wsgi', 18, 1)];
  const many = Array.from({ length: 10_000 }, () =>
    logLine('02:00:00', 18, 'INFO', 'oslo.messaging._drivers.impl_rabbit', CONNECTED),
  );
  const { outcome } = logsOf(quiet, many);
  expect(outcome).toBe('nothing found');
  const cut = logsOf(quiet, [...many, option('02:00:01', 'True'), heartbeatLine('03:00:00', 18)]);
  expect(cut).toMatchObject({ outcome: 'could not tell', incomplete: ['nova.log'] });
});

test('the log of a service that sends no messages may only have the same process ids', () => {
  const drops = pids.flatMap((pid) => absence('03:00:00.1', '03:40:00.1', 'uwsgi', pid, pid));
  const lines = ['02:50:00', '09:00:00'].flatMap((time) => pids.map((pid) => serviceLine(time, pid)));
  expect(dropped(logsOf(drops, lines))?.dropsOfLog).toEqual({});
});

test('a line of the application without the broker’s log is a loss that nobody explains', () => {
  const diagnosis = diagnosisOf({ 'nova.log': [heartbeatLine('03:00:00.4', 22)] });
  expect(diagnosis.outcome).toBe('could not tell');
  expect(kindsOf(diagnosis)).toEqual(['unexplained loss']);
});

test('celery’s gossip between workers is no missed heartbeat', () => {
  const line = '[2026-11-26 12:35:50,807: INFO/MainProcess] missed heartbeat from celery@worker-2';
  expect(diagnosisOf({ 'celery.log': [line] })).toMatchObject({
    outcome: 'could not tell',
    programs: [],
    troubles: [],
  });
});

describe('an access log in another file', () => {
  const request = (pid: number) =>
    `[pid: ${pid}|app: 0|req: 1/1] 10.0.0.1 () {28 vars in 330 bytes} [Thu Nov 26 03:39:59 2026] POST /servers => generated 12 bytes in 1500 msecs (HTTP/1.1 202) 1 headers`;
  const service = lived(18, unreachableLine('03:39:59.5', 18, 1));

  test('belongs to the only service with these processes', () => {
    const logs = { 'rabbit.log': night, 'nova.log': service, 'uwsgi.log': [request(18), request(18)] };
    const impact = diagnosisOf(logs, 0).sources.find(({ source }) => source === 'uwsgi.log');
    expect(impact).toMatchObject({ tiedTo: 'nova.log', requests: 2, slow: 2, slowedByReconnect: 1 });
  });

  test.for([
    ['two services have these processes', { 'nova.log': service, 'cinder.log': service }],
    ['no service has', { 'nova.log': service.map((line) => line.replace(' 18 ', ' 99 ')) }],
  ] as const)('is not joined if %s', ([, services]) => {
    const diagnosis = diagnosisOf({ 'rabbit.log': night, ...services, 'uwsgi.log': [request(18)] }, 0);
    const impact = diagnosis.sources.find(({ source }) => source === 'uwsgi.log');
    expect(impact).toMatchObject({ slow: 1, slowedByReconnect: 0 });
    expect(impact?.tiedTo).toBeUndefined();
    expect(details(diagnosis, []).join('\n')).toContain('could not tell whether they met a dead connection');
  });

  test('without durations does not show that no request was slow', () => {
    const line = '10.0.0.1 - - [26/Nov/2026:03:39:59 +0000] "GET / HTTP/1.1" 200 12';
    const diagnosis = diagnosisOf({ 'rabbit.log': night, 'access.log': [line] }, 0);
    expect(diagnosis.sources[0]).toMatchObject({ requests: 1, timed: 0 });
    expect(details(diagnosis, []).join('\n')).toContain('the log does not say how long they took');
  });
});
