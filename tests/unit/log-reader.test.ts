import { describe, expect, test } from 'vitest';
import { type ApplicationEvent, LogReader, type RequestEvent } from '../../helpers/logs/log-reader.ts';
import { fileKind } from '../../helpers/logs/recognise.ts';
import {
  type ApplicationForm,
  applicationForms,
  type MadeUpRecord,
  madeUpRecords,
} from './fixtures/printed-application-logs.ts';
import { collectors } from './fixtures/printed-logs.ts';

const LATEST = Date.parse('2026-12-01T00:00:00Z');

function read(...lines: readonly string[]) {
  const events: ApplicationEvent[] = [];
  const requests: RequestEvent[] = [];
  const sink = {
    broker() {},
    application: (event: ApplicationEvent) => events.push(event),
    request: (event: RequestEvent) => requests.push(event),
  };
  const reader = new LogReader(sink, LATEST);
  for (const [index, line] of lines.entries()) reader.line(line, index + 1);
  reader.end();
  return { events, requests, reader };
}

const AT = Date.parse('2026-11-26T12:35:50.807Z');
const LOST =
  'A recoverable connection/channel error occurred, trying to reconnect: Server unexpectedly closed connection';
const REQUEST = 'req-d911b821-bb84-4924-a9df-ae156bf372b0';
const lost = { kind: 'heartbeat lost it', reason: 'Server unexpectedly closed connection' };
const DRIVER = 'oslo.messaging._drivers.impl_rabbit';

/** A line as oslo.log writes it by default. */
const byDefault = (message: string, context = '-', level = 'INFO') =>
  `2026-11-26 12:35:50.807 22 ${level} ${DRIVER} [${context}] ${message}`;
const withoutTime = `INFO ${DRIVER} [-] ${LOST}`;
const template = {
  msg: 'A recoverable connection/channel error occurred, trying to reconnect: %s',
  args: ['Server unexpectedly closed connection'],
  name: DRIVER,
  levelname: 'INFO',
  created: AT / 1000,
  process: 22,
};
const ofHost = { host: 'host-1', program: 'nova-api' };

test.for<[string, line: string, facts: object]>([
  ['by default', byDefault(LOST), {}],
  [
    'with request ids',
    byDefault(LOST, `${REQUEST} ${REQUEST} - - - - - -`),
    { requestIds: [REQUEST, REQUEST] },
  ],
  ['with a new context', byDefault(LOST, `None ${REQUEST} nova admin - - - -`), { requestIds: [REQUEST] }],
  ['in journald', `Nov 26 12:35:50 host-1 nova-api[22]: ${withoutTime}`, ofHost],
  ['in journald, with the time', `Nov 26 12:35:50 host-1 uwsgi[1]: ${byDefault(LOST)}`, { host: 'host-1' }],
  [
    'in journald twice',
    `Nov 26 12:35:51 collector fwd[1]: Nov 26 12:35:50 host-1 nova-api[22]: ${withoutTime}`,
    ofHost,
  ],
  [
    'in Apache’s error log',
    `[Thu Nov 26 12:35:50.807123 2026] [wsgi:error] [pid 22:tid 140249087604480] [remote 10.0.0.1:4711] ${byDefault(LOST)}`,
    {},
  ],
  [
    'in Apache’s error log, without a time',
    `[Thu Nov 26 12:35:50.807123 2026] [wsgi:error] [pid 22:tid 7] ${withoutTime}`,
    {},
  ],
  [
    'in oslo.log’s JSON',
    JSON.stringify({
      message: LOST,
      asctime: '2026-11-26 12:35:50',
      ...template,
      hostname: 'host-1',
      traceback: null,
      context: { request_id: REQUEST },
    }),
    { host: 'host-1', requestIds: [REQUEST] },
  ],
  ['in JSON that has a template only', JSON.stringify(template), {}],
  [
    'in oslo.log’s fluent form',
    `2026-11-26T12:35:51+00:00\tnova.api\t${JSON.stringify({ message: LOST, time: '2026-11-26T12:35:50.807', name: DRIVER, level: 'INFO', process: 22, hostname: 'host-1', context: {} })}`,
    { host: 'host-1' },
  ],
])('the heartbeat’s line is read %s', ([, line, facts]) => {
  const { events, reader } = read(line);
  expect(events).toMatchObject([{ ...lost, pid: 22, ...facts }]);
  expect(Math.abs((events[0]?.time?.ms ?? 0) - AT)).toBeLessThan(1000);
  expect(fileKind(reader.counts)).toBe('application');
});

const ID = '9528639f-aaaa-4bbb-accc-0123456789ab';

test.for<[string, message: string, facts?: object]>([
  [
    'unreachable',
    `[${ID}] AMQP server on broker:5672 is unreachable: [Errno 104] Connection reset by peer. Trying again in 1 seconds.`,
    { connectionId: ID, reason: '[Errno 104] Connection reset by peer' },
  ],
  [
    'unreachable',
    `[${ID}] AMQP server broker:5672 closed the connection. Check login credentials: Socket closed`,
    { connectionId: ID, reason: 'Socket closed' },
  ],
  [
    'reconnected',
    `[${ID}] Reconnected to AMQP server on broker:5672 via [amqp] client with port 43060.`,
    { clientPort: 43060 },
  ],
  [
    'heartbeat lost it',
    'Unexpected error during heartbeart thread processing, retrying...: OSError: Server unexpectedly closed connection',
  ],
  ['heartbeat lost it', 'Unexpected error during heartbeat thread processing, retrying...'],
  ['forked', 'Process forked after connection established! This can result in unpredictable behavior.'],
  ...[
    'The reply 1 failed to send after 60 seconds due to a missing queue (reply_1). Abandoning...: oslo_messaging.exceptions.MessageUndeliverable',
    "reply_1 doesn't exist, drop reply to 2",
    "reply_1 doesn't exists, drop reply to 2",
    'oslo_messaging.exceptions.MessageUndeliverable: (312) NO_ROUTE: no queue for reply_1',
  ].map((line) => ['reply undeliverable', line] as [string, string]),
  [
    'cross thread',
    'greenlet.error: Cannot switch to a different thread\n\tCurrent: <g 1>\n\tExpected: <g 2>',
  ],
])('%s: %s', ([kind, message, facts]) => {
  const { events } = read(byDefault(message, '-', 'ERROR'));
  expect(events).toMatchObject([{ kind, pid: 22, ...facts }]);
});

test.for([
  [
    'cross thread',
    '2026-11-26 12:35:50.807 22 ERROR nova.api.openstack [-] greenlet.error: cannot switch to a different thread',
  ],
  [
    'unexpected frame',
    '2026-11-26 12:35:50.807 22 ERROR nova.rpc [-] amqp.exceptions.UnexpectedFrame: Received 0x01 while expecting 0xce',
  ],
  [
    'unexpected frame',
    '2026-11-26 12:35:50,807 WARNING [kombu.connection] UnexpectedFrame: Received 0x01 while expecting 0xce',
  ],
])('%s: %s', ([kind, line]) => {
  expect(read(line as string).events).toMatchObject([{ kind }]);
});

test.for([
  '2026-11-26 12:35:50.807 22 INFO nova.compute.manager [-] AMQP server on a page of documentation',
  '2026-11-26 12:35:50.807 22 WARNING nova.servicegroup [-] Lost connection to the heartbeat service',
  '[2026-11-26 12:35:50,807: INFO/MainProcess] missed heartbeat from celery@worker-2',
  '2026-11-26 12:35:50.807 1 ERROR ceph.osd [-] heartbeat_check: no reply from 10.0.0.1:6804 osd.3',
  'Nov 26 12:35:50 host-1 corosync[1]: [TOTEM ] Token has not been received in 2737 ms',
  'Nov 26 12:35:50 host-1 haproxy[1]: 10.0.0.1:4711 [26/Nov/2026:12:35:50.807] rabbit rabbit/host-1 1/0/3600000 100 cD 1/1/1/1/0 0/0',
])('%s says nothing about messaging', (line) => {
  expect(read(line).events).toEqual([]);
});

test('the end of a traceback is its entry’s', () => {
  const { events } = read(
    '2026-11-26 12:35:50.807 22 ERROR nova.api [-] Unexpected exception in API method',
    'Traceback (most recent call last):',
    '  File "/usr/lib/python3/dist-packages/eventlet/hubs/hub.py", line 471, in fire_timers',
    'greenlet.error: cannot switch to a different thread',
  );
  expect(events).toMatchObject([{ kind: 'cross thread', pid: 22, line: 4 }]);
});

describe.for(Object.entries(applicationForms))('%s', ([, { print, precisionMs, has }]) => {
  const written = (records: readonly MadeUpRecord[]) =>
    records.flatMap(({ at, pid, kind, connectionId, clientPort, requestIds }) =>
      kind === undefined
        ? []
        : {
            at: Math.floor(at / precisionMs) * precisionMs,
            kind,
            connectionId,
            clientPort,
            ...(has.pid ? { pid } : {}),
            ...(has.requestIds ? { requestIds } : {}),
          },
    );
  const found = (events: readonly ApplicationEvent[]) =>
    events.map(({ time, pid, kind, connectionId, clientPort, requestIds }) => ({
      at: time?.ms,
      kind,
      connectionId,
      clientPort,
      ...(has.pid ? { pid } : {}),
      ...(has.requestIds ? { requestIds } : {}),
    }));

  test.for([1, 2, 3, 4, 5])('is read as it was written, seed %d', (seed) => {
    const records = madeUpRecords(seed);
    const { events, reader } = read(...records.map(print));
    expect(found(events)).toEqual(written(records));
    expect(reader.counts.unknown).toBe(0);
  });

  test.for(Object.entries(collectors))('is read behind the prefix of %s', ([, collect]) => {
    const records = madeUpRecords(7, 30);
    const { events, reader } = read(...records.map((record) => collect(print(record), record.at)));
    expect(found(events)).toEqual(written(records));
    expect(reader.examples).toEqual([]);
  });
});

test('a traceback repeats what its entry says, and is the same event', () => {
  const at = `2026-11-26 12:35:50.807 22 ERROR nova.api`;
  const what = 'greenlet.error: cannot switch to a different thread';
  const { events } = read(
    `${at} [${REQUEST} - - - - -] Unexpected exception in API method: ${what}`,
    `${at} Traceback (most recent call last):`,
    `${at} ${what}`,
    `${at} [${REQUEST} - - - - -] Unexpected exception in API method: ${what}`,
  );
  expect(events.map(({ line }) => line)).toEqual([1, 4]);
});

test('two lines of one moment are two events, where each has a context or the form has none', () => {
  const line = byDefault(LOST);
  const json = (applicationForms['oslo.log, JSON'] as ApplicationForm).print({
    ...(madeUpRecords(1).find(({ kind }) => kind === 'heartbeat lost it') as MadeUpRecord),
    requestIds: [],
  });
  expect([read(line, line), read(json, json)].map(({ events }) => events.length)).toEqual([2, 2]);
});

test('the heartbeat’s line is read in a format without the logger’s name', () => {
  expect(read(`2026-11-26 12:35:50.807 22 INFO ${LOST}`).events).toMatchObject([{ ...lost, pid: 22 }]);
});

describe('requests', () => {
  test.for([
    [
      'uWSGI',
      '[pid: 18|app: 0|req: 1/1] 10.0.0.1 () {28 vars in 330 bytes} [Thu Nov 26 12:35:50 2026] GET /v2.1/ => generated 12 bytes in 1300 msecs (HTTP/1.1 200) 4 headers in 120 bytes (1 switches on core 0)',
      { pid: 18, status: 200, durationMs: 1300 },
    ],
    [
      'Apache, combined',
      '10.0.0.1 - - [26/Nov/2026:12:35:50 +0000] "GET /v2.1/ HTTP/1.1" 503 731 "-" "curl/8"',
      { status: 503 },
    ],
    [
      'nova',
      '2026-11-26 12:35:50.003 18 INFO nova.api.openstack.requestlog [req-5f2c0145-ca84-400f-ae71-ee9c97453bfd - - - - -] 10.0.0.1 "GET /v2.1/os-services" status: 200 len: 731 microversion: - time: 0.125257',
      { pid: 18, status: 200, durationMs: 125.257 },
    ],
  ] as const)('of %s are read', ([, line, facts]) => {
    const { requests } = read(line);
    expect(requests).toMatchObject([facts]);
    expect(Math.abs((requests[0]?.time?.ms ?? 0) - AT)).toBeLessThan(1000);
  });
});

test('what could not be read is counted, with examples', () => {
  const { reader } = read('hello', 'world', '', 'and more', 'of it');
  expect(reader.counts.unknown).toBe(4);
  expect(reader.examples.map(({ number }) => number)).toEqual([1, 2, 4]);
  expect(fileKind(reader.counts)).toBe('unknown');
});

test('each line of a journal of a whole host is read by the form of its own program', () => {
  const { events, reader } = read(
    'Nov 26 12:35:49 host-1 sshd[9]: Accepted publickey for root',
    'Nov 26 12:35:49 host-1 rabbitmq-server[812]: 2026-11-26 12:35:49.863 [error] <0.186.0> closing AMQP connection <0.186.0> (10.0.0.1:55200 -> 10.0.0.2:5672 - mod_wsgi:22:e60abe53-21c7-423e-b282-f2cafe0ab387):',
    'Nov 26 12:35:49 host-1 sshd[9]: pam_unix(sshd:session): session opened',
    'Nov 26 12:35:49 host-1 rabbitmq-server[812]: missed heartbeats from client, timeout: 60s',
    `Nov 26 12:35:50 host-1 nova-api[22]: ${withoutTime}`,
  );
  expect(events).toHaveLength(1);
  expect(fileKind(reader.counts)).toBe('mixed');
  expect(reader.counts).toMatchObject({ broker: 1, python: 1, server: 2, continuation: 1, unknown: 0 });
});
