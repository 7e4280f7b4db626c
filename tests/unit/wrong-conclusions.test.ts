import { describe, expect, test } from 'vitest';
import { details } from '../../helpers/diagnosis/diagnosis-words.ts';
import type { TroubleKind } from '../../helpers/diagnosis/troubles.ts';
import {
  authenticatedLine,
  connectionId,
  diagnosisOf,
  dropLines,
  endLines,
  heartbeatLine,
  kindsOf,
  openLine,
  reconnectedLine,
  serviceLine,
  unreachableLine,
} from './fixtures/made-up-lines.ts';

/** Histories that look like the article's, and others that are taken for something that they are not. */

const nameOf = (program: string, pid: number, number: number) => `${program}:${pid}:${connectionId(number)}`;
const NAME = nameOf('mod_wsgi', 18, 1);
const found = (kind: TroubleKind, { programs, troubles }: ReturnType<typeof diagnosisOf>) =>
  [...programs.flatMap((it) => it.troubles), ...troubles].find((it) => it.kind === kind);
const dropped = ({ programs }: ReturnType<typeof diagnosisOf>) => programs.find(({ drops }) => drops > 0);

/** A process that was silent for forty minutes. */
const night = [
  ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
  openLine('03:40:00.100000', 'mod_wsgi', 18, 1),
];

describe('the next connection of a client', () => {
  const first = [
    authenticatedLine('02:20:00.000000', NAME, '10.0.0.1:40001'),
    ...endLines('03:00:00.000000', NAME, '10.0.0.1:40001'),
    authenticatedLine('05:00:00.000000', NAME, '10.0.0.1:40004'),
  ];
  const second = [
    authenticatedLine('01:00:00.000000', NAME, '10.0.0.1:40002'),
    `2026-11-26 02:00:00.000000+00:00 [info] <0.40002.0> closing AMQP connection <0.40002.0> (10.0.0.1:40002 -> 10.0.0.9:5672 - ${NAME}, vhost: '/', user: 'nova')`,
    authenticatedLine('03:00:04.000000', NAME, '10.0.0.1:40003'),
  ];

  test.for([
    ['first', { 'rabbit-a.log': first, 'rabbit-b.log': second }],
    ['last', { 'rabbit-b.log': second, 'rabbit-a.log': first }],
  ] as const)('may be at another broker, whose log is read %s', ([, logs]) => {
    const diagnosis = diagnosisOf(logs);
    expect(dropped(diagnosis)?.reconnected).toEqual({ count: 1, medianMs: 4000, maxMs: 4000 });
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
  });

  test('that was opened before the drop shows that the client had left the dropped one', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        authenticatedLine('02:00:00.000000', NAME, '10.0.0.1:40001'),
        authenticatedLine('02:58:30.000000', NAME, '10.0.0.1:40002'),
        ...endLines('03:00:00.000000', NAME, '10.0.0.1:40001'),
        ...endLines('07:00:00.000000', NAME, '10.0.0.1:40002', { reason: '{inet_error,etimedout}' }),
        authenticatedLine('07:00:30.000000', NAME, '10.0.0.1:40003'),
      ],
    });
    expect(kindsOf(diagnosis)).toEqual(['network']);
    expect(dropped(diagnosis)?.reconnected).toEqual({ count: 0 });
  });

  test('at a broker whose clock is behind is not taken for an earlier one', () => {
    const diagnosis = diagnosisOf({
      'rabbit-a.log': [
        authenticatedLine('02:00:00.000000', NAME, '10.0.0.1:40001'),
        ...endLines('03:00:02.000000', NAME, '10.0.0.1:40001'),
      ],
      'rabbit-b.log': [authenticatedLine('03:00:01.000000', NAME, '10.0.0.1:40002')],
    });
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
  });

  test('that was opened before the drop may be another process’s if processes share a socket', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        authenticatedLine('02:00:00.000000', NAME, '10.0.0.1:40001'),
        authenticatedLine('02:58:30.000000', NAME, '10.0.0.1:40002'),
        ...endLines('03:00:00.000000', NAME, '10.0.0.1:40001'),
      ],
      'nova.log': [
        serviceLine('02:00:00.000', 18, 'Process forked after connection established!', 'WARNING'),
      ],
    });
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop', 'shared socket']);
  });

  test('that was opened after the clock was set back did not come before the drop', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        authenticatedLine('01:00:00.000', NAME, '10.0.0.1:40001', ''),
        ...endLines('02:50:00.000', NAME, '10.0.0.1:40001', { zone: '' }),
        authenticatedLine('02:10:00.000', NAME, '10.0.0.1:40002', ''),
        ...endLines('07:00:00.000', NAME, '10.0.0.1:40002', { zone: '' }),
        authenticatedLine('07:00:04.000', NAME, '10.0.0.1:40003', ''),
      ],
    });
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
    expect(dropped(diagnosis)?.reconnected).toMatchObject({ count: 1, maxMs: 4000 });
  });

  test('that the log has lost is not taken for a later one', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        authenticatedLine('02:00:00.000000', NAME, '10.0.0.1:40001'),
        ...endLines('03:00:00.000000', NAME, '10.0.0.1:40001'),
        `2026-11-26 05:00:00.000000+00:00 [info] <0.40002.0> closing AMQP connection <0.40002.0> (10.0.0.1:40002 -> 10.0.0.9:5672 - ${NAME}, vhost: '/', user: 'nova')`,
        authenticatedLine('07:00:00.000000', NAME, '10.0.0.1:40003'),
      ],
    });
    expect(dropped(diagnosis)?.reconnected).toEqual({ count: 0 });
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
  });

  test('may have the same port', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        authenticatedLine('02:00:00.000000', NAME, '10.0.0.1:40001'),
        ...endLines('03:00:00.000000', NAME, '10.0.0.1:40001'),
        authenticatedLine('03:00:04.000000', NAME, '10.0.0.1:40001'),
        ...endLines('04:00:00.000000', NAME, '10.0.0.1:40001'),
        authenticatedLine('04:00:06.000000', NAME, '10.0.0.1:40001'),
      ],
    });
    expect(dropped(diagnosis)?.reconnected).toEqual({ count: 2, medianMs: 5000, maxMs: 6000 });
  });
});

describe('a program', () => {
  test.for([
    ['no name', ''],
    ['a name that its owner chose', 'billing (prod)'],
    ['the interpreter’s name', nameOf('python3', 18, 1)],
  ])('with %s is not known to be no API', ([, name = '']) => {
    const diagnosis = diagnosisOf({ 'rabbit.log': endLines('03:00:00.000000', name, '10.0.0.1:40001') });
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
  });

  test('with many free-form names is still one program', () => {
    const names = ['rabbitConnectionFactory#1a:0', 'rabbitConnectionFactory#2b:0', 'consumer 7'];
    const diagnosis = diagnosisOf({
      'rabbit.log': names.flatMap((name, index) =>
        endLines('03:00:00.000000', name, `10.0.0.1:4000${index}`),
      ),
    });
    expect(kindsOf(diagnosis)).not.toContain('standstill');
  });

  test('that tried to reach the broker at once, and could not, was cut off, whatever it is', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': [
          ...dropLines('03:00:00.100000', 'nova-compute', 7, 1),
          openLine('03:05:00.100000', 'nova-compute', 7, 1),
        ],
        'compute.log': [
          serviceLine('02:00:00.000', 7),
          unreachableLine('03:00:30.000', 7, 1, 'timed out'),
          serviceLine('04:00:00.000', 7),
        ],
      },
      0,
    );
    expect(kindsOf(diagnosis)).toEqual(['network']);
  });
});

describe('one moment', () => {
  test('at which one program of several hosts is dropped is a standstill', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [1, 2, 3].flatMap((host) =>
        dropLines(`03:00:00.${host}00000`, 'nova-compute', 7, host, `10.0.0.${host}`),
      ),
    });
    expect(kindsOf(diagnosis)).toEqual(['standstill']);
  });

  test('at which one agent is dropped beside idle APIs is none', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        ...dropLines('03:00:00.100000', 'uwsgi', 18, 1),
        ...dropLines('03:00:09.100000', 'nova-compute', 7, 2),
        ...dropLines('03:00:20.100000', 'uwsgi', 19, 3),
        openLine('03:40:00.100000', 'uwsgi', 18, 1),
        openLine('03:41:00.100000', 'uwsgi', 19, 3),
      ],
    });
    expect(kindsOf(diagnosis).sort()).toEqual(['green heartbeat', 'independent service']);
  });

  test('at which all processes come back that were lost together may be the end of a break', () => {
    const processes = [18, 19, 20, 21];
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        ...processes.flatMap((pid) => dropLines(`03:00:${pid}.100000`, 'mod_wsgi', pid, pid)),
        ...processes.map((pid) => openLine(`03:05:00.${pid}0000`, 'mod_wsgi', pid, pid)),
      ],
    });
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
    expect(found('unexplained drop', diagnosis)?.because.join()).toContain('came back together');
  });
});

describe('a request', () => {
  test('that meets a dead connection at once does not show that the heartbeat stood still', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': [
          ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
          openLine('03:00:05.100000', 'mod_wsgi', 18, 1),
        ],
        'nova.log': [
          serviceLine('02:00:00.000', 18),
          unreachableLine('03:00:04.000', 18, 1),
          serviceLine('04:00:00.000', 18),
        ],
      },
      0,
    );
    expect(dropped(diagnosis)?.loggedBy.request).toBe(1);
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
  });

  test('that runs while the connection is dropped shows that the process was not idle', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': night,
        'nova.log': [
          serviceLine('02:00:00.000', 18),
          heartbeatLine('03:40:00.090', 18),
          serviceLine('03:41:00.000', 18, '10.0.0.1 "POST /servers" status: 202 len: 10 time: 2520.5'),
        ],
      },
      0,
    );
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop']);
    expect(found('unexplained drop', diagnosis)?.because.join()).toContain(
      'while their process served a request',
    );
  });

  test('that finds the broker away hours later does not make the drop the network’s', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': [
          ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
          openLine('05:01:00.100000', 'mod_wsgi', 18, 1),
        ],
        'nova.log': [
          serviceLine('02:00:00.000', 18),
          unreachableLine('05:00:30.000', 18, 1, '[Errno 111] ECONNREFUSED'),
          serviceLine('05:10:00.000', 18),
        ],
      },
      0,
    );
    expect(kindsOf(diagnosis)).toEqual(['green heartbeat']);
  });

  test('names the connection that it met, of several', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': [
          ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
          ...dropLines('03:00:00.200000', 'mod_wsgi', 18, 2),
          openLine('03:40:01.100000', 'mod_wsgi', 18, 2),
          openLine('05:00:00.100000', 'mod_wsgi', 18, 1),
        ],
        'nova.log': [
          serviceLine('02:00:00.000', 18),
          unreachableLine('03:40:00.000', 18, 2),
          heartbeatLine('05:00:00.090', 18),
          serviceLine('05:00:01.000', 18),
        ],
      },
      0,
    );
    expect(dropped(diagnosis)).toMatchObject({ loggedBy: { heartbeat: 1, request: 1, nobody: 0 } });
  });
});

describe('heartbeat_in_pthread', () => {
  const option = (time: string, value: string) =>
    serviceLine(time, 18, `oslo_messaging_rabbit.heartbeat_in_pthread = ${value}`, 'DEBUG');

  test('that is on contradicts a green heartbeat', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': night,
        'nova.log': [option('02:00:00.000', 'True'), heartbeatLine('03:40:00.090', 18)],
      },
      0,
    );
    expect(kindsOf(diagnosis)).toEqual(['unexplained drop', 'option that will go']);
    expect(found('unexplained drop', diagnosis)?.because.join()).toMatch(/is on/);
  });

  test('counts as it was when the connection was dropped', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': night,
        'nova.log': [
          option('02:00:00.000', 'False'),
          heartbeatLine('03:40:00.090', 18),
          option('09:00:00.000', 'True'),
        ],
      },
      0,
    );
    expect(kindsOf(diagnosis)).toContain('green heartbeat');
  });
});

describe('nobody', () => {
  const drop = [
    authenticatedLine('02:55:00.100000', NAME, '10.0.0.1:40001'),
    ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
  ];
  const other = [
    ...dropLines('02:30:00.100000', 'mod_wsgi', 18, 2),
    openLine('02:40:00.100000', 'mod_wsgi', 18, 2),
  ];
  const around = (level: string) => [
    serviceLine('02:00:00.000', 18, 'x', level),
    unreachableLine('02:39:59.000', 18, 2),
    serviceLine('03:10:00.000', 18, 'x', level),
  ];

  test('is said of a log that has the level of the heartbeat’s line', () => {
    const diagnosis = diagnosisOf({ 'rabbit.log': [...other, ...drop], 'nova.log': around('INFO') }, 0);
    expect(dropped(diagnosis)).toMatchObject({ loggedBy: { request: 1, nobody: 1 } });
  });

  test('is not said of a log without that level', () => {
    const diagnosis = diagnosisOf({ 'rabbit.log': [...other, ...drop], 'nova.log': around('WARNING') }, 0);
    expect(dropped(diagnosis)).toMatchObject({
      loggedBy: { request: 0, nobody: 0 },
      loggedByUnknown: { 'log has no level INFO': 2 },
    });
  });
});

// kolla: all services of a host have one address, one user and one program, and each container numbers its processes.
describe('of services whose processes have the same ids', () => {
  const logs = {
    'rabbit.log': [
      ...dropLines('02:59:00.100000', 'uwsgi', 20, 2),
      ...dropLines('03:00:00.100000', 'uwsgi', 20, 1),
      openLine('03:40:00.100000', 'uwsgi', 20, 1),
      openLine('04:10:00.100000', 'uwsgi', 20, 2),
      authenticatedLine('04:15:00.100000', nameOf('uwsgi', 20, 3), '10.0.0.1:40003'),
      ...dropLines('04:20:00.100000', 'uwsgi', 20, 3),
    ],
    'nova-api.log': [
      serviceLine('02:00:00.000', 20),
      heartbeatLine('03:40:00.090', 20),
      serviceLine('04:30:00.000', 20),
    ],
  };

  test('a line belongs to the drop whose reconnect it is', () => {
    const [program] = diagnosisOf(logs, 0).programs;
    expect(program).toMatchObject({
      loggedBy: { heartbeat: 1, request: 0, nobody: 0 },
      loggedByUnknown: { 'line missing': 2 },
    });
  });

  test('each log tells about its own', () => {
    const cinder = [
      serviceLine('02:00:00.000', 20),
      heartbeatLine('04:10:00.090', 20),
      serviceLine('04:30:00.000', 20),
    ];
    expect(diagnosisOf({ ...logs, 'cinder-api.log': cinder }, 0).programs[0]).toMatchObject({
      loggedBy: { heartbeat: 2, request: 0, nobody: 0 },
    });
  });
});

test('a process that was started again under the same id has other connections', () => {
  const diagnosis = diagnosisOf(
    {
      'rabbit.log': [
        authenticatedLine('02:55:00.100000', NAME, '10.0.0.1:40001'),
        ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
        openLine('04:00:00.000000', 'mod_wsgi', 18, 2),
        ...endLines('05:30:00.000000', nameOf('mod_wsgi', 18, 2), '10.0.0.1:50002', {
          duration: '1H, 30M, 0s',
        }),
        authenticatedLine('05:30:10.100000', nameOf('mod_wsgi', 18, 2), '10.0.0.1:50003'),
      ],
      'nova.log': [
        serviceLine('02:00:00.000', 18),
        heartbeatLine('05:30:10.090', 18),
        serviceLine('06:00:00.000', 18),
      ],
    },
    0,
  );
  // The line is ten seconds after the second drop, not hours after the first.
  expect(found('unexplained drop', diagnosis) ?? found('green heartbeat', diagnosis)).toMatchObject({
    count: 2,
  });
  expect(JSON.stringify(diagnosis.programs[0]?.troubles)).not.toContain('came back later');
});

describe('the clocks', () => {
  test('a connection’s id and port show an offset that the given zone hides', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': night,
        'nova.log': [
          serviceLine('04:00:00.000', 18),
          unreachableLine('05:39:59.000', 18, 1),
          reconnectedLine('05:40:00.110', 18, 1, 50_001),
          serviceLine('05:41:00.000', 18),
        ],
      },
      0,
    );
    expect(diagnosis.sources[0]?.offset).toMatchObject({ by: 'ports' });
    expect(dropped(diagnosis)?.loggedBy.request).toBe(1);
    expect(kindsOf(diagnosis)).toEqual(['green heartbeat']);
  });

  test('a broker’s log without a zone is not taken for UTC beside a log that has one', () => {
    const unzoned = [
      ...endLines('05:00:00.100', NAME, '10.0.0.1:40001', { zone: '' }),
      authenticatedLine('05:40:00.100', NAME, '10.0.0.1:40002', ''),
    ];
    const docker = [
      serviceLine('03:00:00.000', 18),
      unreachableLine('03:39:59.000', 18, 1),
      reconnectedLine('03:40:00.110', 18, 1, 40_002),
      serviceLine('03:41:00.000', 18),
    ].map((line) =>
      JSON.stringify({ '@timestamp': `${line.slice(0, 23).replace(' ', 'T')}Z`, message: line }),
    );
    const zoned = docker.map((line) =>
      line
        .replace('"message":"2026-11-26 ', '"message":"2026-11-26T')
        .replace(/(T\d\d:\d\d:\d\d\.\d{3}) /, '$1+00:00 '),
    );
    const diagnosis = diagnosisOf({ 'rabbit.log': unzoned, 'nova.log': zoned });
    expect(dropped(diagnosis)?.loggedBy).toMatchObject({ request: 1 });
  });

  test('one coincidence of two process ids is no offset', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        ...dropLines('03:00:00.100000', 'uwsgi', 7, 1),
        openLine('03:40:00.100000', 'uwsgi', 7, 1),
      ],
      'cinder.log': [
        serviceLine('02:00:00.000', 7),
        heartbeatLine('05:07:13.000', 7),
        serviceLine('06:00:00.000', 7),
      ],
    });
    expect(dropped(diagnosis)?.loggedBy).toEqual({ heartbeat: 0, request: 0, nobody: 0 });
    expect(diagnosis.sources[0]?.offset).toBeUndefined();
  });
});

describe('what cannot be told', () => {
  test('is not said to be nothing where RabbitMQ left lines out', () => {
    const diagnosis = diagnosisOf({
      'rabbit.log': [
        openLine('03:00:00.000000', 'nova-compute', 7, 1),
        '2026-11-26 03:10:00.000 [warning] <0.99.0> lager_error_logger_h dropped 3 messages in the last second that exceeded the limit of 1000 messages/sec',
      ],
    });
    expect(diagnosis.outcome).toBe('could not tell');
  });
});

test('the same log in two files counts once', () => {
  const lines = [authenticatedLine('02:55:00.000000', NAME, '10.0.0.1:40001'), ...night];
  const twice = diagnosisOf({ 'rabbit.log': lines, 'copy.txt': lines });
  const { brokers, programs, troubles } = diagnosisOf({ 'rabbit.log': lines });
  expect({ ...twice }).toMatchObject({ brokers, programs, troubles });
});

describe('of the brokers', () => {
  const node = (time: string, words: string) => `2026-11-26 ${time}.000000+00:00 [info] <0.9.0> ${words}`;

  test('a crash is between the last line and the start', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': [
          openLine('02:00:00.000000', 'uwsgi', 22, 1),
          node('03:00:15', 'Starting RabbitMQ 4.0.5 on Erlang 27 [jit]'),
          node('03:00:20', 'started TCP listener on [::]:5672'),
          openLine('03:00:21.000000', 'uwsgi', 22, 2),
        ],
        'nova.log': [heartbeatLine('03:00:00.400', 22)],
      },
      0,
    );
    expect(kindsOf(diagnosis)).toEqual(['broker restart']);
  });

  test('one whose log is missing went down, as another says', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit-a.log': [
          openLine('02:00:00.000000', 'uwsgi', 30, 1),
          node('03:00:05', 'rabbit on node rabbit@b down'),
          node('03:02:05', 'rabbit on node rabbit@b up'),
        ],
        'nova.log': [heartbeatLine('03:00:00.400', 22)],
      },
      0,
    );
    expect(kindsOf(diagnosis)).toEqual(['cluster']);
    expect(diagnosis.troubles[0]?.because.join()).toContain('rabbit@b');
  });

  test('a partition is told beside the drops that follow it, and what speaks against it', () => {
    const partition = node(
      '02:59:30',
      'Mnesia(rabbit@a): ** ERROR ** mnesia_event got {inconsistent_database, running_partitioned_network, rabbit@b}',
    );
    const diagnosis = diagnosisOf({
      'rabbit-a.log': [
        partition,
        ...dropLines('03:00:00.100000', 'nova-compute', 7, 1),
        ...dropLines('13:00:00.100000', 'nova-compute', 8, 2),
      ],
    });
    expect(found('cluster', diagnosis)).toMatchObject({
      count: 1,
      because: expect.arrayContaining([expect.stringContaining('partition')]),
      against: [expect.stringContaining('1 drop')],
    });
  });

  test('a cluster’s event with nothing lost beside it is no finding', () => {
    const diagnosis = diagnosisOf({
      'rabbit-a.log': [
        openLine('02:00:00.000000', 'uwsgi', 30, 1),
        node('03:00:05', 'rabbit on node rabbit@b down'),
      ],
    });
    expect(diagnosis).toMatchObject({ outcome: 'nothing found', troubles: [] });
  });
});

describe('of what both sides or several lines tell', () => {
  const frame =
    'UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead';

  test('a socket’s unexpected frame counts once', () => {
    const diagnosis = diagnosisOf(
      {
        'rabbit.log': [
          `2026-11-26 03:00:00.000000+00:00 [error] <0.5.0> Error on AMQP connection <0.5.0> (10.0.0.1:40001 -> 10.0.0.9:5672 - ${NAME}, vhost: '/', user: 'nova', state: running), channel 1:`,
          '2026-11-26 03:00:00.000000+00:00 [error] <0.5.0>  operation none caused a connection exception unexpected_frame: "expected content header"',
        ],
        'nova.log': [
          serviceLine('03:00:00.010', 18, `(505) ${frame}`, 'ERROR'),
          serviceLine('03:00:00.010', 18, `amqp.exceptions.UnexpectedFrame: (505) ${frame}`, 'ERROR'),
        ],
      },
      0,
    );
    expect(found('shared socket', diagnosis)?.count).toBe(1);
  });

  test('an error and its traceback count once', () => {
    const error = 'greenlet.error: cannot switch to a different thread';
    const diagnosis = diagnosisOf({
      'nova.log': [
        serviceLine('03:00:00.010', 18, error, 'ERROR'),
        serviceLine('03:00:00.010', 18, error, 'ERROR'),
        serviceLine('04:00:00.010', 18, error, 'ERROR'),
      ],
    });
    expect(found('cross thread', diagnosis)?.count).toBe(2);
  });
});

test('a client that comes back under the same id had not gone', () => {
  const diagnosis = diagnosisOf({
    'rabbit.log': [
      authenticatedLine('02:00:00.000000', NAME, '10.0.0.1:40001'),
      ...endLines('03:00:00.000000', NAME, '10.0.0.1:40001', {
        reason: 'client unexpectedly closed TCP connection',
      }),
      authenticatedLine('03:00:01.000000', NAME, '10.0.0.1:40002'),
    ],
  });
  expect(found('client gone', diagnosis)?.against.join()).toContain('1 of 1');
});

describe('an access log in another file', () => {
  const request = (pid: number) =>
    `[pid: ${pid}|app: 0|req: 1/1] 10.0.0.1 () {28 vars in 330 bytes} [Thu Nov 26 03:39:59 2026] POST /servers => generated 12 bytes in 1500 msecs (HTTP/1.1 202) 1 headers`;
  const service = [
    serviceLine('02:00:00.000', 18),
    unreachableLine('03:39:59.500', 18, 1),
    serviceLine('03:41:00.000', 18),
  ];
  const impactOfFile = (file: string, logs: Record<string, readonly string[]>) =>
    diagnosisOf({ 'rabbit.log': night, ...logs }, 0).sources.find(({ source }) => source === file);

  test('belongs to the only service with these processes', () => {
    expect(
      impactOfFile('uwsgi.log', { 'nova.log': service, 'uwsgi.log': [request(18), request(18)] }),
    ).toMatchObject({ tiedTo: 'nova.log', requests: 2, slow: 2, slowedByReconnect: 1 });
  });

  test.for([
    ['two services have these processes', { 'nova.log': service, 'cinder.log': service }],
    ['no service has', { 'nova.log': service.map((line) => line.replace(' 18 ', ' 99 ')) }],
  ] as const)('is not joined if %s', ([, services]) => {
    const impact = impactOfFile('uwsgi.log', { ...services, 'uwsgi.log': [request(18)] });
    expect(impact).toMatchObject({ slow: 1, slowedByReconnect: 0 });
    expect(impact?.tiedTo).toBeUndefined();
    const diagnosis = diagnosisOf({ 'rabbit.log': night, ...services, 'uwsgi.log': [request(18)] }, 0);
    expect(details(diagnosis, []).join('\n')).toContain('could not tell whether they met a dead connection');
  });

  test('without durations does not show that no request was slow', () => {
    const line = '10.0.0.1 - - [26/Nov/2026:03:39:59 +0000] "GET / HTTP/1.1" 200 12';
    const logs = { 'rabbit.log': night, 'access.log': [line] };
    expect(diagnosisOf(logs, 0).sources[0]).toMatchObject({ requests: 1, timed: 0 });
    expect(details(diagnosisOf(logs, 0), []).join('\n')).toContain('the log does not say how long they took');
  });
});

test('a machine that stood still brings its processes back without a request, and its log shows that', () => {
  const pids = [18, 19, 20, 21];
  const request = (time: string, pid: number) =>
    serviceLine(time, pid, '10.0.0.7 "GET /v2.1/servers HTTP/1.1" status: 200 len: 10 time: 0.1000000');
  const logs = (afterwards: readonly string[]) => ({
    'rabbit.log': [
      ...pids.map((pid) => openLine('02:50:00.000000', 'mod_wsgi', pid, pid)),
      ...pids.flatMap((pid) => dropLines(`03:00:0${pid - 15}.000000`, 'mod_wsgi', pid, pid)),
      ...pids.map((pid) => openLine(`03:02:00.2${pid}000`, 'mod_wsgi', pid, pid)),
    ],
    'nova.log': [
      ...pids.map((pid) => request('02:59:00.000', pid)),
      ...pids.map((pid) => heartbeatLine(`03:02:00.1${pid}`, pid)),
      ...afterwards,
      ...pids.map((pid) => request('03:09:00.000', pid)),
    ],
  });
  expect(kindsOf(diagnosisOf(logs([]), 0))).toEqual(['unexplained drop']);
  const burst = pids.map((pid) => request('03:02:00.300', pid));
  expect(kindsOf(diagnosisOf(logs(burst), 0))).toEqual(['green heartbeat']);
});
