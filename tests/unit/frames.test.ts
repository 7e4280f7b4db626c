import { describe, expect, test } from 'vitest';
import type { BrokerConnection } from '../../helpers/evidence/broker-log.ts';
import { connectionFacts } from '../../helpers/evidence/connection-facts.ts';
import { parseCapture } from '../../helpers/evidence/frames.ts';
import { mechanismContradictions } from '../../helpers/verdict/frame-contradictions.ts';

const name = 'mod_wsgi:12:fd4a2916-4092-4e5c-b393-b8efa95fd122';
const peer = '10.0.0.3:40000';
const at = (ms: number) => 1_000_000 + ms;

/** A line as tshark prints it, `ms` milliseconds after 1000 s. */
function line(ms: number, from: 'client' | 'broker', types: string, text: string, stream = 7) {
  const time = (1000 + ms / 1000).toFixed(9);
  const [client, broker] = ['10.0.0.3\t40000', '10.0.0.2\t5672'];
  const ends = from === 'client' ? `${client}\t${broker}` : `${broker}\t${client}`;
  return `${time}\t${ends}\t${stream}\t${types}\t${text}`;
}

const ofBroker = [line(5, 'broker', '1', 'Connection.Start')];
const handshake = [
  line(0, 'client', '', 'AMQP'),
  ...ofBroker,
  line(10, 'client', '1', 'Connection.Start-Ok'),
  line(15, 'client', '1,1', 'Connection.Tune-Ok  Connection.Open vhost=u'),
];
const publish = (ms: number) => line(ms, 'client', '1,2,3', 'Basic.Publish x=nova rk=conductor');
const beat = (ms: number, from: 'client' | 'broker' = 'client') => line(ms, from, '8', 'Heartbeat');

/** The facts of one connection, opened at 20, from these lines, when the window ends at `end`. */
function factsOf(lines: readonly string[], change: Partial<BrokerConnection> = {}, end = 4000) {
  const connection = { process: '<0.1.0>', user: 'u', name, peer, openedAt: at(20), ...change };
  return connectionFacts([connection], parseCapture(lines), at(end));
}

test('tshark’s lines are read', () => {
  expect(parseCapture([publish(500), beat(600, 'broker'), ''])).toEqual([
    {
      at: at(500),
      from: 'client',
      peer,
      stream: 7,
      types: [1, 2, 3],
      text: 'Basic.Publish x=nova rk=conductor',
    },
    { at: at(600), from: 'broker', peer, stream: 7, types: [8], text: 'Heartbeat' },
  ]);
});

test('a line of another form is refused', () => {
  expect(() => parseCapture(['tshark: something'])).toThrow(/: tshark: something$/);
});

describe('a connection’s frames', () => {
  test('are heartbeats or others', () => {
    const [connection] = factsOf([...handshake, beat(1000)]);
    expect(connection?.packets?.map(({ heartbeat }) => heartbeat)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test.for<[string, string[], Partial<BrokerConnection>, object]>([
    [
      'give the silence between frames from the client, and up to the end',
      [...handshake, publish(500), beat(1500), beat(1600, 'broker')],
      {},
      { heartbeats: 1, longestSilenceMs: 2500, silenceAtEndMs: 2500 },
    ],
    [
      'do not include those of an earlier or later connection on the same port',
      [line(-60_000, 'client', '', 'AMQP', 3), ...handshake, line(3000, 'client', '', 'AMQP', 9)],
      { endedAt: at(2500) },
      { packets: { length: 4 }, longestSilenceMs: 2485 },
    ],
    [
      'give silence since the connection was opened if none was captured',
      [],
      {},
      { packets: [], longestSilenceMs: 3980, silenceAtEndMs: 3980 },
    ],
    [
      'give silence since the connection was opened if none is from the client',
      ofBroker,
      {},
      { longestSilenceMs: 3980, silenceAtEndMs: 3980 },
    ],
  ])('%s', ([, lines, change, facts]) => {
    expect(factsOf(lines, change)).toMatchObject([facts]);
  });
});

describe('the frames and the broker’s log', () => {
  const dropped = { endedAt: at(2300), ended: 'dropped by the broker' } as const;

  test.for<[string, string[], Partial<BrokerConnection>, end: number, RegExp | undefined]>([
    [
      'agree on a drop after two to three heartbeats without a frame',
      [...handshake, publish(100)],
      dropped,
      2000,
      undefined,
    ],
    [
      'contradict each other on a drop of a connection that was heard',
      [...handshake, publish(1500)],
      dropped,
      2000,
      / 800 ms .* at least 2000 ms$/,
    ],
    [
      'contradict each other on a drop of a connection that had outlived the broker’s patience',
      [...handshake, publish(4000)],
      { ...dropped, endedAt: at(8500) },
      9000,
      / 3985 ms .* at most 3000 ms$/,
    ],
    [
      'agree on a drop that came late',
      [...handshake, publish(100)],
      { ...dropped, endedAt: at(8500) },
      9000,
      undefined,
    ],
    [
      'agree on a connection that lived and was heard',
      [...handshake, publish(1000), publish(3500)],
      {},
      4000,
      undefined,
    ],
    [
      'contradict each other on a connection that outlived the broker’s patience',
      [...handshake, publish(4000)],
      {},
      4100,
      / 3985 ms .* at most 3000 ms$/,
    ],
    ['contradict each other if no frame was captured', [], {}, 2000, /no frame from its client/],
    ['contradict each other if only the broker’s were', ofBroker, {}, 2000, /no frame from its client/],
  ])('%s', ([, lines, change, end, fact]) => {
    const all = factsOf(lines, change, end);
    const found = mechanismContradictions({ connections: { opened: 1, all } }, 1);
    expect(found).toEqual(fact ? [expect.stringMatching(new RegExp(`^${name}: .*${fact.source}`))] : []);
  });
});
