import { describe, expect, test } from 'vitest';
import type { BrokerConnection } from '../../helpers/evidence/broker-log.ts';
import { connectionFacts } from '../../helpers/evidence/connection-facts.ts';
import { parseCapture } from '../../helpers/evidence/frames.ts';
import { mechanismContradictions } from '../../helpers/verdict/mechanism.ts';

const BROKER = '10.0.0.2';
const CLIENT = '10.0.0.3';
const name = 'mod_wsgi:12:fd4a2916-4092-4e5c-b393-b8efa95fd122';

/** A line as tshark prints it, `at` milliseconds after 1000 s. */
function line(at: number, from: 'client' | 'broker', types: string, text: string, port = 40000, stream = 7) {
  const time = (1000 + at / 1000).toFixed(9);
  const [client, broker] = [`${CLIENT}\t${port}`, `${BROKER}\t5672`];
  const ends = from === 'client' ? `${client}\t${broker}` : `${broker}\t${client}`;
  return `${time}\t${ends}\t${stream}\t${types}\t${text}`;
}

const at = (ms: number) => 1_000_000 + ms;
const connection = (change: Partial<BrokerConnection> = {}): BrokerConnection => ({
  process: '<0.1.0>',
  user: 'u',
  name,
  peer: `${CLIENT}:40000`,
  openedAt: at(20),
  ...change,
});
const handshake = [
  line(0, 'client', '', 'AMQP'),
  line(5, 'broker', '1', 'Connection.Start'),
  line(10, 'client', '1', 'Connection.Start-Ok'),
  line(15, 'client', '1,1', 'Connection.Tune-Ok  Connection.Open vhost=u'),
];
const publish = (ms: number) => line(ms, 'client', '1,2,3', 'Basic.Publish x=nova rk=conductor');
const beat = (ms: number) => line(ms, 'client', '8', 'Heartbeat');

describe('tshark’s lines', () => {
  test('are read', () => {
    expect(parseCapture([publish(500), line(600, 'broker', '8', 'Heartbeat'), ''])).toEqual([
      {
        at: at(500),
        from: 'client',
        peer: '10.0.0.3:40000',
        stream: 7,
        types: [1, 2, 3],
        text: 'Basic.Publish x=nova rk=conductor',
      },
      { at: at(600), from: 'broker', peer: '10.0.0.3:40000', stream: 7, types: [8], text: 'Heartbeat' },
    ]);
  });

  test('of another form are refused', () => {
    expect(() => parseCapture(['tshark: something'])).toThrow(/capture.*: tshark: something$/);
  });
});

describe('a connection’s frames', () => {
  const facts = (lines: readonly string[], change: Partial<BrokerConnection> = {}, end = 4000) => {
    const [only] = connectionFacts([connection(change)], parseCapture(lines), at(end));
    if (!only) throw new Error('one connection has one record');
    return only;
  };

  test('give the silence between frames from the client, and up to the end', () => {
    const lines = [...handshake, publish(500), beat(1500), line(1600, 'broker', '8', 'Heartbeat')];
    expect(facts(lines)).toMatchObject({ heartbeats: 1, longestSilenceMs: 2500, silenceAtEndMs: 2500 });
  });

  test('are heartbeats or others', () => {
    expect(facts([...handshake, beat(1000)]).packets.map(({ heartbeat }) => heartbeat)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test('do not include those of an earlier or later connection on the same port', () => {
    const earlier = line(-60_000, 'client', '', 'AMQP', 40000, 3);
    const later = line(3000, 'client', '', 'AMQP', 40000, 9);
    expect(facts([earlier, ...handshake, later], { endedAt: at(2500) })).toMatchObject({
      packets: { length: 4 },
      longestSilenceMs: 2485,
    });
  });

  test('give silence since the connection was opened if none was captured', () => {
    const silence = at(4000) - connection({}).openedAt;
    const facts_ = { longestSilenceMs: silence, silenceAtEndMs: silence };
    expect(facts([])).toMatchObject({ packets: [], ...facts_ });
    const ofBroker = handshake.filter((it) => facts([it]).packets.every(({ from }) => from === 'broker'));
    expect(facts(ofBroker)).toMatchObject(facts_);
  });
});

describe('the frames and the broker’s log', () => {
  const contradictions = (lines: readonly string[], change: Partial<BrokerConnection> = {}, end = 2000) =>
    mechanismContradictions(
      {
        connections: {
          opened: 1,
          all: connectionFacts([connection(change)], parseCapture(lines), at(end)),
        },
      },
      1,
    );
  const dropped = (ms: number) => ({ endedAt: at(ms), ended: 'dropped by the broker' }) as const;

  test('agree on a drop after two to three heartbeats without a frame', () => {
    expect(contradictions([...handshake, publish(100)], dropped(2300))).toEqual([]);
  });

  test('contradict each other on a drop of a connection that was heard', () => {
    expect(contradictions([...handshake, publish(1500)], dropped(2300))).toEqual([
      expect.stringMatching(`^${name}: dropped after 800 ms .* 2000 ms$`),
    ]);
  });

  test('agree on a connection that lived and was heard', () => {
    expect(contradictions([...handshake, publish(1000), publish(3500)], {}, 4000)).toEqual([]);
  });

  test('contradict each other on a connection that outlived the broker’s patience', () => {
    expect(contradictions([...handshake, publish(4000)], {}, 4100)).toEqual([
      expect.stringMatching(`^${name}: .* 3985 ms .* 3000 ms$`),
    ]);
  });

  test('contradict each other on a connection without a frame from its client', () => {
    const none = [`${name}: no frame from its client was captured`];
    expect(contradictions([])).toEqual(none);
    expect(contradictions([line(100, 'broker', '8', 'Heartbeat')])).toEqual(none);
  });
});
