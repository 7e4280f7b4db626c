import { describe, expect, test } from 'vitest';
import { LogReader } from '../../helpers/logs/log-reader.ts';
import type { BrokerEvent } from '../../helpers/logs/rabbitmq-log.ts';
import { durationOf } from '../../helpers/logs/rabbitmq-mention.ts';
import {
  type BrokerForm,
  brokerForms,
  collectors,
  type MadeUpEvent,
  madeUpHistory,
  printedDuration,
} from './fixtures/printed-logs.ts';

const LATEST = Date.parse('2026-11-01T00:00:00Z');
const SEEDS = [1, 2, 3, 4, 5];

function read(lines: readonly string[]) {
  const events: BrokerEvent[] = [];
  const reader = new LogReader(
    { broker: (event) => events.push(event), application() {}, request() {} },
    LATEST,
  );
  for (const [index, line] of lines.entries()) reader.line(line, index + 1);
  reader.end();
  return { events, reader };
}

/** What a form can show of an event. */
function shown({ kind, connection }: MadeUpEvent, { names, precisionMs, zoned }: BrokerForm) {
  const { peer, name, user, vhost, openedAt, endedAt, how, timeoutSeconds } = connection;
  const at = Math.floor((kind === 'opened' ? openedAt : endedAt) / precisionMs) * precisionMs;
  const common = { at, zoned, peer, ...(names ? { name } : {}) };
  if (kind === 'opened') return { kind, ...common, ...(names ? { user, vhost } : {}) };
  const hasTimeout = names && how === 'missed heartbeats';
  return { kind, ...common, how, ...(hasTimeout ? { timeoutSeconds } : {}) };
}

function found(event: BrokerEvent, { names }: BrokerForm) {
  if (event.kind !== 'ended' && event.kind !== (names ? 'authenticated' : 'accepted')) return [];
  if (!('connection' in event) || !event.connection || !event.time)
    throw new Error(`no connection or time: ${JSON.stringify(event)}`);
  const { peer, name, user, vhost } = event.connection;
  const common = {
    at: event.time.ms,
    zoned: event.time.isZoned,
    peer,
    ...(name === undefined ? {} : { name }),
  };
  if (event.kind !== 'ended') return [{ kind: 'opened', ...common, ...(names ? { user, vhost } : {}) }];
  const { how, timeoutSeconds } = event;
  return [{ kind: 'ended', ...common, how, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) }];
}

describe.for(Object.entries(brokerForms))('RabbitMQ %s', ([, form]) => {
  test.for(SEEDS)('is read as it was written, seed %d', (seed) => {
    const history = madeUpHistory(seed);
    const { events, reader } = read(history.flatMap(form.print));
    expect(events.flatMap((event) => found(event, form))).toEqual(history.map((event) => shown(event, form)));
    expect(reader.counts.unknown).toBe(0);
  });

  test.for(Object.entries(collectors))('is read behind the prefix of %s', ([, collect]) => {
    const history = madeUpHistory(7, 20);
    const prefixed = history.flatMap((event) => form.print(event).map((line) => collect(line, event.at)));
    const { events, reader } = read(prefixed);
    // Where RabbitMQ writes a T, its own time looks like docker's; they are the same.
    expect(events.flatMap((event) => found(event, form))).toEqual(history.map((event) => shown(event, form)));
    expect(reader.examples).toEqual([]);
  });

  test('says of an excerpt that begins with a closing line whose connection it was', () => {
    const dropped = madeUpHistory(11).filter(
      ({ kind, connection }) => kind === 'ended' && connection.how === 'missed heartbeats',
    );
    expect(dropped.length).toBeGreaterThan(3);
    for (const event of dropped) {
      const { events } = read(form.print(event));
      expect(events.flatMap((line) => found(line, form))).toEqual([shown(event, form)]);
    }
  });
});

describe('RabbitMQ that logs without a head', () => {
  const form = brokerForms['3.9'] as BrokerForm;
  const headless = (event: MadeUpEvent) => form.print(event).map((line) => line.replace(/^.*?> /, ''));
  const prefix = (at: number) => (collectors.journald as (line: string, at: number) => string)('', at);
  const inSeconds = { ...form, precisionMs: 1000, zoned: false };

  test.for<[collector: string, print: (lines: readonly string[], at: number) => string[]]>([
    ['journald, a line each', (lines, at) => lines.map((line) => prefix(at) + line)],
    [
      'journald, indented',
      ([first, ...rest], at) => [
        prefix(at) + first,
        ...rest.map((line) => ' '.repeat(prefix(at).length) + line),
      ],
    ],
    ['rsyslog', (lines, at) => [prefix(at) + lines.join('#012')]],
    [
      'JSON',
      (lines, at) => [JSON.stringify({ __REALTIME_TIMESTAMP: `${at}000`, MESSAGE: lines.join('\n') })],
    ],
  ])('to %s is read', ([collector, print]) => {
    const history = madeUpHistory(31, 20);
    const { events, reader } = read(
      history.flatMap((event) => {
        const lines = headless(event);
        return event.kind === 'opened'
          ? lines.flatMap((line) => print([line], event.at))
          : print(lines, event.at);
      }),
    );
    const of = collector === 'JSON' ? form : inSeconds;
    expect(events.flatMap((event) => found(event, of))).toEqual(history.map((event) => shown(event, of)));
    expect(reader.examples).toEqual([]);
  });
});

test('a reason is joined with its closing line even if a store of logs has swapped the two', () => {
  const form = brokerForms['3.9'] as BrokerForm;
  const history = madeUpHistory(41);
  const { events } = read(history.flatMap((event) => form.print(event).reverse()));
  const ends = (all: readonly { kind: string }[]) => all.filter(({ kind }) => kind === 'ended');
  const seen = ends(events.flatMap((event) => found(event, form)));
  const dropped = (all: readonly object[]) =>
    all.filter((event) => 'how' in event && event.how === 'missed heartbeats');
  expect(dropped(seen)).toEqual(dropped(ends(history.map((event) => shown(event, form)))));
});

/** A line about the node, as 3.9 and later write it. */
const nodeLine = (words: string, level = 'info') =>
  `2026-11-26 12:00:00.123456+00:00 [${level}] <0.1.0> ${words}`;

test('each level of rabbit_logger_fmt_helpers is read', () => {
  const levels =
    'debug info notice warning error critical alert emergency dbg inf ntc wrn err crt alt emg dbug noti warn erro crit alrt emgc';
  for (const level of levels.split(' ').flatMap((name) => [name, name.toUpperCase()])) {
    expect(read([nodeLine('Server startup complete', level)]).events, level).toMatchObject([
      { kind: 'node started' },
    ]);
  }
});

test.for([
  'Nov 26 03:00:00 host sudo: op : COMMAND=/bin/grep missed heartbeats from client, timeout: 60s /var/log/rabbit.log',
  'missed heartbeats from client, timeout: 60s',
  '2026-11-26 03:00:00 error: closing AMQP connection of a form to come',
  `{"lines":["2026-11-26 03:00:00 [info] <0.1.0> Server startup complete","${'x'.repeat(60)} closing AMQP connection <0.1.0>"]}`,
  'Nov 26 03:00:00 host rabbitmq-server[9]: [203B blob data]',
])('%s is reported as not read, and not as an end', (line) => {
  expect(read([line]).events).toMatchObject([{ kind: 'not read' }]);
  const head =
    'Nov 26 02:00:00 host rabbitmq-server[9]: 2026-11-26 02:00:00.1+00:00 [info] <0.1.0> Server startup complete';
  expect(read([head, line]).events).toMatchObject([{ kind: 'node started' }, { kind: 'not read' }]);
});

test('two brokers whose lines are mixed are read as two brokers', () => {
  const form = brokerForms['3.9'] as BrokerForm;
  const [one, other] = [madeUpHistory(21), madeUpHistory(22)];
  const lines = [...one, ...other]
    .flatMap((event) => form.print(event).map((line, index) => ({ line, at: event.at + index })))
    .sort((a, b) => a.at - b.at || a.line.length - b.line.length);
  const { events } = read(lines.map(({ line }) => line));
  const ended = events.filter(({ kind }) => kind === 'ended');
  expect(ended).toHaveLength(80);
});

test.for([
  0, 1, 999, 1000, 59_000, 60_000, 3_600_000, 86_400_000, 90_061_000,
])('a duration of %d ms is read', (ms) => {
  expect(durationOf(printedDuration(ms))).toBe(ms);
});

test.for(['', '5', '5 minutes', '1H 2M', '-3s'])('%j is no duration', (text) => {
  expect(durationOf(text)).toBeUndefined();
});

test.for([
  ['listener started', nodeLine('started TCP listener on [::]:5672')],
  ['listener stopped', nodeLine('stopped TCP listener on [::]:5672')],
  ['listener started', '2019-11-26 12:00:00.123 [info] <0.1.0> started TCP Listener on [::]:5672'],
  ['node starting', nodeLine(' Starting RabbitMQ 4.0.5 on Erlang 27.3.4.1 [jit]')],
  ['node started', nodeLine('Server startup complete; 3 plugins started.')],
  ['other node down', nodeLine('rabbit on node rabbit@two down')],
  ['other node down', nodeLine('node rabbit@two down: connection_closed')],
  ['other node up', nodeLine('rabbit on node rabbit@two up')],
  [
    'log lines dropped',
    '2021-10-11 10:13:02.519 [warning] <0.99.0> lager_file_backend dropped 12 messages in the last second that exceeded the limit of 50 messages/sec',
  ],
  [
    'log lines dropped',
    '2021-10-11 10:13:02.519 [warning] <0.99.0> lager_error_logger_h dropped 3 messages in the last second that exceeded the limit of 1000 messages/sec',
  ],
] as const)('%s: %s', ([kind, line]) => {
  expect(read([line]).events).toMatchObject([{ kind }]);
});

// rabbit_reader.erl pauses the heartbeat monitor of a connection that it blocks.
test('an alarm is no event, because a blocked connection is not dropped for missed heartbeats', () => {
  const alarm = 'memory resource limit alarm set on node rabbit@one.';
  expect(read([nodeLine(alarm, 'warning')]).events).toEqual([]);
});

test('an unexpected frame is an error on its connection', () => {
  const at = '2026-11-26 12:00:00.123456+00:00 [error] <0.5.0>';
  const { events } = read([
    `${at} Error on AMQP connection <0.5.0> (10.0.0.1:4711 -> 10.0.0.2:5672 - uwsgi:7:9528639f-0000-4000-a000-000000000000, vhost: '/', user: 'nova', state: running), channel 0:`,
    `${at}  operation none caused a connection exception unexpected_frame: "expected content body, got non content body frame instead"`,
  ]);
  expect(events).toMatchObject([
    {
      kind: 'connection error',
      what: 'unexpected frame',
      connection: { name: 'uwsgi:7:9528639f-0000-4000-a000-000000000000', user: 'nova', vhost: '/' },
    },
  ]);
});

test('the first JSON record is read behind the banner', () => {
  const form = brokerForms.JSON as BrokerForm;
  const [event] = madeUpHistory(1) as [MadeUpEvent];
  const [first = '', ...rest] = form.print(event);
  const { events } = read([`  Starting broker...${first}`, ...rest]);
  expect(events.map(({ kind }) => kind)).toEqual(['accepted', 'named', 'authenticated']);
});
