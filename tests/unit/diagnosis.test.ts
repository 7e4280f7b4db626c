import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { anonymiser, formOf, mapTexts } from '../../helpers/diagnosis/anonymous.ts';
import { mostFrequent } from '../../helpers/diagnosis/clock-offset.ts';
import { details, FIRST_SCREEN, firstScreen } from '../../helpers/diagnosis/diagnosis-words.ts';
import { troubles } from '../../helpers/diagnosis/troubles.ts';
import { loggers } from '../../helpers/evidence/evidence.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { countLoggedBy } from '../../helpers/verdict/logged-by.ts';
import { table } from '../table/index.ts';
import type { Logs } from './fixtures/histories-of.ts';
import {
  connectionId,
  diagnosisOf,
  dropLines,
  endLines,
  kindsOf,
  openLine,
} from './fixtures/made-up-lines.ts';
import { collectors } from './fixtures/printed-logs.ts';
import { recorded } from './recorded/index.ts';

const random = xoroshiro128plus(29);
const SHARES = [0.2, 0.5, 0.9, ...Array.from({ length: 3 }, () => uniformInt(random, 1, 999) / 1000)];

const names = ['prefork-8', 'prefork-8-2019', 'event-8x25', 'event-1x25'] as const;

describe.for(names)('of the logs of a real run, %s,', (name) => {
  const seen = recorded(name);
  const { brokerDrops, connections } = evidenceOf(seen);
  const truth = countLoggedBy(brokerDrops);
  const logs = {
    'broker.log': seen.brokerLog.lines.slice(0, seen.brokerLog.endMarker),
    'application.log': seen.applicationLog.lines,
  };
  const programOf = (of: Logs, zoneMs?: number) =>
    diagnosisOf(of, zoneMs).programs.find(
      ({ user, program }) => user === seen.user && !program.startsWith('suite:'),
    );

  /** Whoever logged a drop is told rightly, or not at all. */
  const expectNeverWrong = (of: Logs, zoneMs?: number) => {
    const program = programOf(of, zoneMs);
    for (const logger of loggers)
      expect(program?.loggedBy[logger] ?? 0, logger).toBeLessThanOrEqual(truth[logger]);
    expect(program?.drops ?? 0).toBeLessThanOrEqual(brokerDrops.length);
  };

  test('drops and who logged them are as the suite found them', () => {
    const program = programOf(logs, 0);
    expect(program?.drops ?? 0).toBe(brokerDrops.length);
    const unknown = Object.values(program?.loggedByUnknown ?? {}).reduce((sum, it) => sum + it, 0);
    const told = loggers.reduce((sum, logger) => sum + (program?.loggedBy[logger] ?? 0), 0);
    expect(told + unknown).toBe(brokerDrops.length);
    expectNeverWrong(logs, 0);
    expect(program?.loggedBy.heartbeat ?? 0).toBe(truth.heartbeat);
    expect(connections.all.length).toBeGreaterThan(0);
  });

  test('the cause of any drop is the heartbeat that stood still', () => {
    const kinds = programOf(logs, 0)?.troubles.map(({ kind }) => kind) ?? [];
    if (brokerDrops.length > 0) expect(kinds).toContain('green heartbeat');
    else expect(kinds).not.toContain('green heartbeat');
  });

  test.for(Object.keys(collectors))('nothing wrong is said of them behind the prefix of %s', (collector) => {
    const prefixed = (lines: readonly string[]) =>
      lines.map((line) => {
        const at = Date.parse(`${line.slice(0, 23).replace(' ', 'T')}Z`);
        return Number.isNaN(at)
          ? line
          : (collectors[collector] as (line: string, at: number) => string)(line, at);
      });
    const of = {
      'broker.log': prefixed(logs['broker.log']),
      'application.log': prefixed(logs['application.log']),
    };
    expectNeverWrong(of);
    expect(programOf(of)?.drops ?? 0).toBe(brokerDrops.length);
  });

  test.for([-3000, 3000, 40_000])('nothing wrong is said if the clocks differ by %d ms', (ms) => {
    expectNeverWrong({ ...logs, 'application.log': shifted(logs['application.log'], ms) }, 0);
  });

  test('nothing wrong is said if the application logs in another zone', () => {
    const of = { ...logs, 'application.log': shifted(logs['application.log'], 5.5 * 3_600_000) };
    expectNeverWrong(of);
    expectNeverWrong(of, 5.5 * 3_600_000);
  });

  test.for([
    'broker.log',
    'application.log',
  ] as const)('nothing wrong is said if half of %s is missing', (file) => {
    const half = Math.floor(logs[file].length / 2);
    expectNeverWrong({ ...logs, [file]: logs[file].slice(half) }, 0);
    expectNeverWrong({ ...logs, [file]: logs[file].slice(0, half) }, 0);
    expectNeverWrong({ ...logs, [file]: [...logs[file].slice(0, half / 2), ...logs[file].slice(half)] }, 0);
  });

  test.for(SHARES)('rotation after a share of %d of the lines changes nothing', (share) => {
    const rotated = Object.fromEntries(
      Object.entries(logs).flatMap(([file, lines]) => {
        const at = Math.floor(lines.length * share);
        return [
          [`${file}.1`, lines.slice(0, at)],
          [file, lines.slice(at)],
        ];
      }),
    );
    const { loggedBy, loggedByUnknown, dropsOfProcess } = programOf(logs, 0) ?? {};
    expect(programOf(rotated, 0) ?? {}).toMatchObject({ loggedBy, loggedByUnknown, dropsOfProcess });
  });

  test.for([
    0, 0.25, 0.5, 0.75,
  ])('nothing wrong is said if a quarter of the time is lost, from a share of %d on', (share) => {
    for (const lossy of [['broker.log'], ['application.log'], ['broker.log', 'application.log']]) {
      const times = logs['broker.log'].flatMap((line) => timeOfLine(line) ?? []);
      const [first, last] = [Math.min(...times), Math.max(...times)];
      const from = first + (last - first) * share;
      const until = from + (last - first) / 4;
      const isLeft = (line: string) => {
        const at = timeOfLine(line);
        return at === undefined || at < from || at >= until;
      };
      const of = Object.fromEntries(
        Object.entries(logs).map(([file, lines]) => [
          file,
          lossy.includes(file) ? lines.filter(isLeft) : lines,
        ]),
      );
      expectNeverWrong(of, 0);
    }
  });

  test.for([
    ['broker.log'],
    ['application.log'],
    ['broker.log', 'application.log'],
  ])('nothing wrong is said if the newest line of %j is first', (turned) => {
    const of = Object.fromEntries(
      Object.entries(logs).map(([file, lines]) => [file, turned.includes(file) ? lines.toReversed() : lines]),
    );
    expectNeverWrong(of, 0);
    expect(programOf(of, 0)?.drops ?? 0).toBe(brokerDrops.length);
  });

  test('nothing wrong is said if each log is given twice', () => {
    const copies = Object.fromEntries(
      Object.entries(logs).map(([file, lines]) => [`copy-of-${file}`, lines]),
    );
    expectNeverWrong({ ...logs, ...copies }, 0);
    expect(programOf({ ...logs, ...copies }, 0)?.drops ?? 0).toBe(brokerDrops.length);
  });

  test('nothing wrong is said if another host’s lines are between the application’s', () => {
    const other = recorded(name === 'event-1x25' ? 'prefork-8' : 'event-1x25').applicationLog.lines;
    const lines = logs['application.log'];
    const hostOf = (host: string, line: string) => `[pod/${host}/nova-api] ${line}`;
    const mixed = Array.from({ length: Math.max(lines.length, other.length) }, (_, index) => [
      ...lines.slice(index, index + 1).map((line) => hostOf('host-1', line)),
      ...other.slice(index, index + 1).map((line) => hostOf('host-2', line)),
    ]).flat();
    const { loggedBy, dropsOfProcess } = programOf(logs, 0) ?? {};
    expect(programOf({ ...logs, 'application.log': mixed }, 0) ?? {}).toMatchObject({
      loggedBy,
      dropsOfProcess,
    });
  });

  test('nothing wrong is said of the broker’s log alone, or of the application’s alone', () => {
    expectNeverWrong({ 'broker.log': logs['broker.log'] }, 0);
    const { outcome, programs } = diagnosisOf({ 'application.log': logs['application.log'] }, 0);
    expect(programs.reduce((sum, it) => sum + it.drops, 0)).toBe(0);
    expect(outcome).not.toBe('nothing found');
  });

  test('the first screen has at most twenty lines', () => {
    expect(firstScreen(diagnosisOf(logs, 0), []).length).toBeLessThanOrEqual(FIRST_SCREEN);
  });
});

function shifted(lines: readonly string[], ms: number): string[] {
  return lines.map((line) => {
    const at = Date.parse(`${line.slice(0, 23).replace(' ', 'T')}Z`);
    return Number.isNaN(at)
      ? line
      : new Date(at + ms).toISOString().replace('T', ' ').replace('Z', '') + line.slice(23);
  });
}

function timeOfLine(line: string): number | undefined {
  const at = Date.parse(`${line.slice(0, 23).replace(' ', 'T')}Z`);
  return Number.isNaN(at) ? undefined : at;
}

describe('what is often taken for the article’s problem', () => {
  test('celery’s gossip between workers is no missed heartbeat', () => {
    const found = diagnosisOf({
      'celery.log': ['[2026-11-26 12:35:50,807: INFO/MainProcess] missed heartbeat from celery@worker-2'],
    });
    expect(found).toMatchObject({ outcome: 'could not tell', programs: [], troubles: [] });
  });

  test('different programs that are dropped at one moment had something in common', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
        ...dropLines('03:00:00.300000', 'nova-compute', 7, 2, '10.0.0.2'),
        ...dropLines('03:00:00.900000', 'neutron-server', 9, 3, '10.0.0.3'),
      ],
    });
    expect(kindsOf(found)).toEqual(['standstill']);
    expect(found.outcome).toBe('found');
  });

  test('all programs of one host that are dropped within a minute had their host in common', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
        ...dropLines('03:00:14.300000', 'nova-compute', 7, 2),
        ...dropLines('03:00:25.900000', 'neutron-server', 9, 3),
      ],
    });
    expect(found.troubles).toMatchObject([
      { kind: 'standstill', count: 3, because: [expect.stringContaining('10.0.0.1')] },
    ]);
  });

  test('processes of WSGI servers that are dropped together may all have been idle', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
        ...dropLines('03:00:00.300000', 'mod_wsgi', 19, 2),
        ...dropLines('03:00:00.900000', 'uwsgi', 20, 3),
        openLine('03:40:00.100000', 'mod_wsgi', 18, 1),
        openLine('03:41:00.100000', 'mod_wsgi', 19, 2),
        openLine('03:42:00.100000', 'uwsgi', 20, 3),
      ],
    });
    expect(new Set(kindsOf(found))).toEqual(new Set(['green heartbeat']));
  });

  test('a connection that came back at once was not lost to a heartbeat that stood still', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
        openLine('03:00:04.100000', 'mod_wsgi', 18, 1),
      ],
    });
    expect(kindsOf(found)).toEqual(['unexplained drop']);
  });

  test('an agent’s heartbeat does not depend on requests', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        ...dropLines('03:00:00.100000', 'nova-compute', 7, 1),
        openLine('03:20:00.100000', 'nova-compute', 7, 1),
      ],
    });
    expect(kindsOf(found)).toEqual(['independent service']);
  });

  test('connections that a restart of the broker ended are the restart’s', () => {
    const found = diagnosisOf(
      {
        'rabbit.log': [
          openLine('02:00:00.000000', 'uwsgi', 22, 1),
          '2026-11-26 03:00:00.000000+00:00 [info] <0.9.0> stopped TCP listener on [::]:5672',
          '2026-11-26 03:00:20.000000+00:00 [info] <0.9.0> started TCP listener on [::]:5672',
          openLine('03:00:21.000000', 'uwsgi', 22, 2),
        ],
        'nova.log': [
          '2026-11-26 03:00:00.400 22 INFO oslo.messaging._drivers.impl_rabbit [-] A recoverable connection/channel error occurred, trying to reconnect: (0, 0): (320) CONNECTION_FORCED',
          `2026-11-26 03:00:21.010 22 INFO oslo.messaging._drivers.impl_rabbit [-] [${connectionId(2)}] Reconnected to AMQP server on broker:5672 via [amqp] client with port 50002.`,
        ],
      },
      0,
    );
    expect(kindsOf(found)).toEqual(['broker restart']);
  });

  const node = (time: string, words: string) => `2026-11-26 ${time}.000000+00:00 [info] <0.9.0> ${words}`;

  test('a restart shows in the broker’s log alone', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        openLine('02:00:00.000000', 'uwsgi', 22, 1),
        openLine('02:00:01.000000', 'uwsgi', 23, 2),
        node('03:00:00', 'Starting RabbitMQ 4.0.5 on Erlang 27 [jit]'),
        node('03:00:20', 'started TCP listener on [::]:5672'),
      ],
    });
    expect(found.troubles).toMatchObject([{ kind: 'broker restart', count: 1 }]);
    expect(found.troubles[0]?.because).toEqual([
      'rabbit.log stopped at 2026-11-26 03:00:00 UTC, and was back after 20 s; 2 connections ended with it, as far as its log shows',
    ]);
  });

  test('a broker that starts for the first time does not restart', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        node('03:00:00', 'Starting RabbitMQ 4.0.5 on Erlang 27 [jit]'),
        node('03:00:20', 'started TCP listener on [::]:5672'),
        openLine('03:01:00.000000', 'uwsgi', 22, 1),
      ],
    });
    expect(found).toMatchObject({ outcome: 'nothing found', troubles: [] });
  });

  test('processes that could not reach the broker either were cut off', () => {
    const found = diagnosisOf(
      {
        'rabbit.log': [
          ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
          openLine('03:20:00.100000', 'mod_wsgi', 18, 1),
        ],
        'nova.log': [
          '2026-11-26 02:59:00.000 18 INFO nova.api [-] x',
          `2026-11-26 03:01:00.000 18 ERROR oslo.messaging._drivers.impl_rabbit [-] [${connectionId(1)}] AMQP server on broker:5672 is unreachable: [Errno 113] EHOSTUNREACH. Trying again in 1 seconds.: OSError: [Errno 113] EHOSTUNREACH`,
          '2026-11-26 03:21:00.000 18 INFO nova.api [-] x',
        ],
      },
      0,
    );
    expect(kindsOf(found)).toEqual(['network']);
  });

  test('connections that the client closed are counted, and are no trouble', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        openLine('02:00:00.000000', 'nova-compute', 22, 1),
        `2026-11-26 03:00:00.000000+00:00 [info] <0.50001.0> closing AMQP connection (10.0.0.1:50001 -> 10.0.0.9:5672 - nova-compute:22:${connectionId(1)}, vhost: '/', user: 'nova', duration: '1H, 0M, 0s')`,
      ],
    });
    expect(found).toMatchObject({
      outcome: 'nothing found',
      programs: [{ ended: { 'closed by the client': 1, 'missed heartbeats': 0 } }],
    });
    expect(details(found, []).join('\n')).toContain('1 opened, 1 closed by the client');
  });

  describe('heartbeat_in_pthread in the application’s log', () => {
    const night = [
      ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
      openLine('03:40:00.100000', 'mod_wsgi', 18, 1),
    ];
    const lost = `2026-11-26 03:40:00.090 18 INFO oslo.messaging._drivers.impl_rabbit [-] A recoverable connection/channel error occurred, trying to reconnect: x`;
    const withLine = (line: string) =>
      diagnosisOf({ 'rabbit.log': night, 'nova.log': [`2026-11-26 02:00:00.000 18 ${line}`, lost] }, 0);
    const heartbeatOf = ({ programs }: ReturnType<typeof diagnosisOf>) =>
      programs.flatMap((it) => it.troubles).find(({ kind }) => kind === 'green heartbeat');

    test('speaks for a green heartbeat if it is off', () => {
      const found = withLine('DEBUG nova.wsgi [-] oslo_messaging_rabbit.heartbeat_in_pthread = False');
      expect(heartbeatOf(found)?.because).toContain('heartbeat_in_pthread is off (nova.log:1)');
    });

    test('speaks against one if it may be on, and will go', () => {
      const found = withLine(
        'WARNING oslo_config.cfg [-] Deprecated: Option "heartbeat_in_pthread" from group "oslo_messaging_rabbit" is deprecated for removal',
      );
      expect(heartbeatOf(found)?.against.join()).toMatch(/heartbeat_in_pthread is set.*\(nova\.log:1\)/);
      expect(kindsOf(found)).toContain('option that will go');
    });

    test('is no finding by itself', () => {
      const line =
        'WARNING oslo_config.cfg [-] Deprecated: Option "heartbeat_in_pthread" from group "oslo_messaging_rabbit" is deprecated for removal';
      const found = diagnosisOf({
        'rabbit.log': [openLine('02:00:00.000000', 'uwsgi', 18, 1)],
        'nova.log': [`2026-11-26 02:00:00.000 18 ${line}`],
      });
      expect(found.outcome).toBe('nothing found');
      expect(kindsOf(found)).toEqual(['option that will go']);
    });
  });

  test('a broker’s heartbeat that could not be sent is the network’s', () => {
    const reason = '{inet_error,{heartbeat_send_error,timeout}}';
    const name = `mod_wsgi:18:${connectionId(1)}`;
    const found = diagnosisOf({
      'rabbit.log': endLines('03:00:00.100000', name, '10.0.0.1:40001', { reason }),
    });
    expect(kindsOf(found)).toEqual(['network']);
  });

  test('a line of the application without the broker’s log is a loss that nobody explains', () => {
    const found = diagnosisOf({
      'nova.log': [
        '2026-11-26 03:00:00.400 22 INFO oslo.messaging._drivers.impl_rabbit [-] A recoverable connection/channel error occurred, trying to reconnect: x',
      ],
    });
    expect(found.outcome).toBe('could not tell');
    expect(kindsOf(found)).toEqual(['unexplained loss']);
  });

  test('the same process id in another container is another process', () => {
    const drop = [
      ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
      openLine('03:40:00.100000', 'mod_wsgi', 18, 1),
    ];
    const found = diagnosisOf(
      {
        'rabbit.log': drop,
        'cinder.log': ['02:00', '04:00'].map((time) => `2026-11-26 ${time}:00.000 18 INFO cinder.api [-] x`),
      },
      0,
    );
    expect(found.programs.find(({ drops }) => drops > 0)).toMatchObject({
      loggedBy: { nobody: 0 },
      loggedByUnknown: { 'no log of the application': 1 },
    });
  });

  test('lines that RabbitMQ left out make all counts lower bounds', () => {
    const found = diagnosisOf({
      'rabbit.log': [
        ...dropLines('03:00:00.100000', 'mod_wsgi', 18, 1),
        '2021-10-11 10:13:02.519 [warning] <0.99.0> lager_error_logger_h dropped 3 messages in the last second that exceeded the limit of 1000 messages/sec',
      ],
    });
    expect(found.lowerBounds).toEqual([{ file: 'rabbit.log', line: 3 }]);
    expect(firstScreen(found, []).join('\n')).toContain('lower bounds');
  });
});

test.for([
  ['the zone of the broker’s log', '+02:00', undefined, 5, '5:00 to 6:00: 1 (+02:00)'],
  ['the zone that was given', '+00:00', 5.5 * 3_600_000, 8, '8:00 to 9:00: 1 (+05:30)'],
  ['no zone', '', undefined, 3, '3:00 to 4:00: 1 (as the log has them)'],
] as const)('hours are in %s', ([, zone, zoneMs, hour, words]) => {
  const lines = dropLines('03:00:00.100000', 'mod_wsgi', 18, 1).map((line) =>
    line.replace(
      '03:00:00.100000+00:00',
      zone === '+02:00' ? '05:00:00.100000+02:00' : `03:00:00.100000${zone}`,
    ),
  );
  const found = diagnosisOf({ 'rabbit.log': lines }, zoneMs);
  expect(found.programs[0]?.dropsByHour[hour]).toBe(1);
  expect(details(found, []).join('\n')).toContain(words);
});

test('ends of connections that are too many to be looked at are counted', () => {
  const many = Array.from({ length: 10_001 }, (_, number) =>
    dropLines('03:00:00.100000', 'nova-compute', 7, number),
  );
  const found = diagnosisOf({ 'rabbit.log': many.flat() });
  expect(found).toMatchObject({ onlyCounted: 1, programs: [{ drops: 10_001 }] });
  expect(details(found, []).join('\n')).toContain('1 end of connections only counted');
});

test('a log without trouble has none', () => {
  const found = diagnosisOf({ 'rabbit.log': [openLine('03:00:00.000000', 'nova-compute', 7, 1)] });
  expect(found).toMatchObject({ outcome: 'nothing found', troubles: [] });
});

test('each row that a trouble names is in the table', () => {
  const ids = Object.values(table).flatMap((groups) =>
    groups.flatMap(({ rows }) => rows.map(({ id }) => id)),
  );
  for (const { rows = {} } of Object.values(troubles))
    for (const row of Object.values(rows)) expect(ids).toContain(row);
});

test('the most frequent difference is found, and none where two are as frequent', () => {
  expect(mostFrequent([[100, 5000], [130, 9000], [90]], 500)).toMatchObject({
    at: expect.closeTo(106, -1),
    votes: 3,
  });
  expect(
    mostFrequent(
      [
        [100, 5000],
        [130, 5010],
      ],
      500,
    ),
  ).toBeUndefined();
  expect(mostFrequent([], 500)).toBeUndefined();
});

test('a line that could not be read is shown as its form, without what it says', () => {
  expect(formOf('10.0.0.1 node-Ä: failed (2)')).toBe('00.0.0.0 aaaa-a: aaaaaa (0)');
});

test('names are replaced, each always by the same word', () => {
  const replace = anonymiser({ address: ['10.0.0.1', '10.0.0.11'], host: ['node (1)'] });
  expect(mapTexts({ 'on node (1)': ['10.0.0.11', '10.0.0.1', 3] }, replace, { keys: true })).toEqual({
    'on host-1': ['address-2', 'address-1', 3],
  });
});
