import { describe, expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import {
  connectionsOf,
  droppedLines,
  listensByLog,
  parseBrokerLog,
} from '../../helpers/evidence/broker-log.ts';

const name = 'mod_wsgi:12:fd4a2916-4092-4e5c-b393-b8efa95fd122';
const ends = `10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}`;
const granted = "user 'u' authenticated and granted access to vhost 'v'";
const openedAt = '2026-01-31 12:00:00.100000+00:00 [info] <0.23.0>';
const endedAt = '2026-01-31 12:00:03.896722+00:00';
const at = Date.parse('2026-01-31T12:00:03.896Z');

describe('RabbitMQ’s log', () => {
  const reason = 'missed heartbeats from client, timeout: 1s';

  test.for<[string, string[], object]>([
    [
      'has the connection and the reason of a drop in two entries in 4.x',
      [
        `${openedAt} connection ${ends}: ${granted}`,
        `${endedAt} [error] <0.23.0> closing AMQP connection <0.23.0> (${ends}, duration: '3s'):`,
        `${endedAt} [error] <0.23.0> ${reason}`,
      ],
      { process: '<0.23.0>', user: 'u', name, droppedAt: at },
    ],
    [
      'has the reason on a line of its own in 3.10',
      [
        `${openedAt} connection <0.23.0> (${ends}): ${granted}`,
        `${endedAt} [error] <0.23.0> closing AMQP connection <0.23.0> (${ends}):`,
        reason,
      ],
      { user: 'u', name, droppedAt: at },
    ],
    [
      'is in UTC in 3.8, which names no zone',
      [`2026-01-31 12:00:03.896 [info] <0.23.0> connection <0.23.0> (${ends}): ${granted}`],
      { user: 'u', name, openedAt: at },
    ],
    [
      'has no drop if the client closed the connection',
      [
        `${openedAt} connection ${ends}: ${granted}`,
        `${endedAt} [warning] <0.23.0> closing AMQP connection <0.23.0> (${ends}, vhost: 'v', user: 'u'):`,
        `${endedAt} [warning] <0.23.0> client unexpectedly closed TCP connection`,
      ],
      { droppedAt: undefined },
    ],
  ])('%s', ([, lines, expected]) => {
    const found = parseBrokerLog(lines);
    expect(found).toHaveLength(1);
    expect({ droppedAt: undefined, ...found[0] }).toMatchObject(expected);
  });

  const orders = { connectionName: /^orders-(?<pid>\d+)$/ };

  test.for([
    ['the application’s own form', ` - ${name}`, 'u', stub, [{ pid: 12 }]],
    ['another application’s form', ' - orders-12', 'u', orders, [{ pid: 12 }]],
    ['an unknown form', ' - orders-12', 'u', stub, [{ pid: undefined }]],
    ['no name', '', 'u', stub, [{ pid: undefined }]],
    ['the suite’s own name', ' - suite:messageSink', 'u', stub, []],
    ['another user', ` - ${name}`, 'another', stub, []],
  ] as const)('a connection of %s has its process, or none', ([, given, user, application, expected]) => {
    const opened = `${openedAt} connection 10.0.0.3:35256 -> 10.0.0.2:5672${given}: ${granted}`;
    const found = connectionsOf([opened], user, application);
    expect(found.map(({ pid }) => ({ pid }))).toEqual(expected);
  });

  test('says when the broker listened', () => {
    const entry = (seconds: number, message: string) =>
      `2026-01-31 12:00:${seconds.toFixed(3).padStart(6, '0')}000+00:00 [info] <0.512.0> ${message}`;
    const second = (seconds: number) => Date.UTC(2026, 0, 31, 12, 0, seconds);
    expect(
      listensByLog([
        entry(1, 'started TCP listener on [::]:5672'),
        entry(2, 'accepting AMQP connection <0.700.0> (10.0.0.3:40000 -> 10.0.0.2:5672)'),
        entry(3, 'stopped TCP listener on [::]:5672'),
        'a line without a time',
        entry(10, 'started TCP listener on [::]:5672'),
      ]),
    ).toEqual([
      { at: second(1), listens: true },
      { at: second(3), listens: false },
      { at: second(10), listens: true },
    ]);
  });
});

test('the line in which RabbitMQ says that it left lines out is found', () => {
  const line =
    '2026-11-26 12:00:00.123456+00:00 [warning] <0.1.0> Handler rmq_1_stdout switched to drop mode';
  expect(droppedLines([`${openedAt} x`, line])).toBe(line);
  expect(droppedLines([`${openedAt} x`])).toBeUndefined();
});
