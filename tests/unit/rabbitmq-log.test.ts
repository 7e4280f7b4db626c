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

  test.for(Object.keys(collectors))('is read behind the prefix of %s', (collector) => {
    const history = madeUpHistory(7, 20);
    const prefixed = history.flatMap((event) =>
      form
        .print(event)
        .map((line) => (collectors[collector] as (line: string, at: number) => string)(line, event.at)),
    );
    const { events, reader } = read(prefixed);
    const seen = events.flatMap((event) => found(event, form));
    const written = history.map((event) => shown(event, form));
    // Where RabbitMQ writes a T, its own time cannot be told from docker's; they are the same.
    expect(seen).toEqual(written);
    expect(reader.examples).toEqual([]);
  });

  test('says of an excerpt that begins with a closing line whose connection it was', () => {
    const dropped = madeUpHistory(11).filter(
      ({ kind, connection }) => kind === 'ended' && connection.how === 'missed heartbeats',
    );
    expect(dropped.length).toBeGreaterThan(3);
    for (const event of dropped) {
      const { events } = read(form.print(event));
      expect(events.flatMap((it) => found(it, form))).toEqual([shown(event, form)]);
    }
  });
});

test('two brokers whose lines are mixed are told apart', () => {
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
  ['2026-11-26 12:00:00.123456+00:00 [info] <0.1.0> started TCP listener on [::]:5672', 'listener started'],
  ['2026-11-26 12:00:00.123456+00:00 [info] <0.1.0> stopped TCP listener on [::]:5672', 'listener stopped'],
  ['2019-11-26 12:00:00.123 [info] <0.1.0> started TCP Listener on [::]:5672', 'listener started'],
  [
    '2026-11-26 12:00:00.123456+00:00 [info] <0.1.0>  Starting RabbitMQ 4.0.5 on Erlang 27.3.4.1 [jit]',
    'node starting',
  ],
  [
    '2026-11-26 12:00:00.123456+00:00 [info] <0.1.0> Server startup complete; 3 plugins started.',
    'node started',
  ],
  ['2026-11-26 12:00:00.123456+00:00 [info] <0.1.0> rabbit on node rabbit@two down', 'other node down'],
  [
    '2026-11-26 12:00:00.123456+00:00 [info] <0.1.0> node rabbit@two down: connection_closed',
    'other node down',
  ],
  ['2026-11-26 12:00:00.123456+00:00 [info] <0.1.0> rabbit on node rabbit@two up', 'other node up'],
  [
    '2021-10-11 10:13:02.519 [warning] <0.99.0> lager_file_backend dropped 12 messages in the last second that exceeded the limit of 50 messages/sec',
    'log lines dropped',
  ],
  [
    '2021-10-11 10:13:02.519 [warning] <0.99.0> lager_error_logger_h dropped 3 messages in the last second that exceeded the limit of 1000 messages/sec',
    'log lines dropped',
  ],
])('%s', ([line, kind]) => {
  expect(read([line as string]).events).toMatchObject([{ kind }]);
});

// rabbit_reader.erl pauses the heartbeat monitor of a connection that it blocks.
test('an alarm is no event, because a blocked connection is not dropped for missed heartbeats', () => {
  const alarm = 'memory resource limit alarm set on node rabbit@one.';
  expect(read([`2026-11-26 12:00:00.123456+00:00 [warning] <0.1.0> ${alarm}`]).events).toEqual([]);
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
