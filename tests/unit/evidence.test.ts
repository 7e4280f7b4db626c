import { describe, expect, test } from 'vitest';
import { stubApi } from '../../helpers/config/application.ts';
import {
  parseApplicationLog,
  undeclaredEntries,
  undeclaredServerErrors,
} from '../../helpers/evidence/application-log.ts';
import { parseBrokerLog, pidOfConnection } from '../../helpers/evidence/broker-log.ts';
import { evidenceOf } from '../../helpers/evidence/evidence.ts';
import { recorded } from './recorded/index.ts';

describe('evidence of what was recorded', () => {
  const summary = (name: Parameters<typeof recorded>[0]) => {
    const { heartbeatErrors, brokerDrops, unreachableLines, connections, requests, messages, undeclared } =
      evidenceOf(recorded(name));
    return {
      errors: heartbeatErrors.length,
      matched: heartbeatErrors.filter(({ drop }) => drop).length,
      drops: brokerDrops.length,
      unreachable: unreachableLines.length,
      opened: connections.opened,
      slowed: requests.slowedMs.length,
      processes: Object.keys(requests.perProcess).length,
      lost: messages.lost.length,
      undeclared,
    };
  };

  test('prefork 8: every error has its drop, and no request is slowed', () => {
    expect(summary('prefork-8')).toMatchInlineSnapshot(`
      {
        "drops": 18,
        "errors": 16,
        "lost": 0,
        "matched": 16,
        "opened": 24,
        "processes": 8,
        "slowed": 0,
        "undeclared": [],
        "unreachable": 0,
      }
    `);
  });

  test('prefork 8 with the loop of 2019: the requests pay as well', () => {
    expect(summary('prefork-8-2019')).toMatchInlineSnapshot(`
      {
        "drops": 16,
        "errors": 10,
        "lost": 0,
        "matched": 10,
        "opened": 18,
        "processes": 8,
        "slowed": 10,
        "undeclared": [],
        "unreachable": 10,
      }
    `);
  });

  test('event 8 × 25: drops without errors', () => {
    expect(summary('event-8x25')).toMatchInlineSnapshot(`
      {
        "drops": 7,
        "errors": 0,
        "lost": 0,
        "matched": 0,
        "opened": 10,
        "processes": 7,
        "slowed": 2,
        "undeclared": [],
        "unreachable": 2,
      }
    `);
  });
});

describe('RabbitMQ’s log', () => {
  const name = 'mod_wsgi:12:fd4a2916-4092-4e5c-b393-b8efa95fd122';
  const at = Date.parse('2026-01-31T12:00:03.896Z');

  test('4.x names the connection and the reason in two entries', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}: user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}, duration: '3s'):`,
        '2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> missed heartbeats from client, timeout: 1s',
      ]),
    ).toMatchObject([{ process: '<0.23.0>', user: 'u', name, droppedAt: at }]);
  });

  test('3.10 puts the reason on a line of its own', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}): user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [error] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}):`,
        'missed heartbeats from client, timeout: 1s',
      ]),
    ).toMatchObject([{ user: 'u', name, droppedAt: at }]);
  });

  test('3.8 names no zone: it is UTC', () => {
    const [connection] = parseBrokerLog([
      `2026-01-31 12:00:03.896 [info] <0.23.0> connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}): user 'u' authenticated and granted access to vhost 'v'`,
    ]);
    expect(connection).toMatchObject({ user: 'u', name, openedAt: at });
  });

  test('a connection that the client closed is no drop', () => {
    expect(
      parseBrokerLog([
        `2026-01-31 12:00:00.100000+00:00 [info] <0.23.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}: user 'u' authenticated and granted access to vhost 'v'`,
        `2026-01-31 12:00:03.896722+00:00 [warning] <0.23.0> closing AMQP connection <0.23.0> (10.0.0.3:35256 -> 10.0.0.2:5672 - ${name}, vhost: 'v', user: 'u'):`,
        '2026-01-31 12:00:03.896722+00:00 [warning] <0.23.0> client unexpectedly closed TCP connection',
      ])[0]?.droppedAt,
    ).toBeUndefined();
  });

  test('a client that gives no name has no process id', () => {
    const [connection] = parseBrokerLog([
      "2026-01-31 12:00:00.100000+00:00 [info] <0.9.0> connection 10.0.0.3:35256 -> 10.0.0.2:5672: user 'u' authenticated and granted access to vhost 'v'",
    ]);
    expect(connection).toMatchObject({ user: 'u', name: '' });
    expect(pidOfConnection({ name: '' })).toBeUndefined();
  });
});

describe('lines that nobody declared', () => {
  test('a traceback, with or without an entry of its own', () => {
    const entries = parseApplicationLog([
      '2026-01-31 12:00:00.000 9 INFO nova.api.openstack.requestlog [-] fine',
      '2026-01-31 12:00:01.000 9 WARNING some.logger [-] odd',
      'Traceback (most recent call last):',
      '  File "x.py", line 1, in <module>',
      '2026-01-31 12:00:02.000 9 ERROR some.logger [-] bad',
    ]);
    expect(undeclaredEntries(entries, stubApi)).toEqual([
      [
        '2026-01-31 12:00:01.000 9 WARNING some.logger [-] odd',
        'Traceback (most recent call last):',
        '  File "x.py", line 1, in <module>',
      ].join('\n'),
      '2026-01-31 12:00:02.000 9 ERROR some.logger [-] bad',
    ]);
  });

  test('Apache’s errors and lines without a level, less the expected ones', () => {
    const log = [
      '[Mon Jan 31 12:00:00.000000 2026] [mpm_prefork:notice] [pid 1:tid 1] AH00163: configured',
      '[Mon Jan 31 12:00:00.000000 2026] [mpm_prefork:error] [pid 1:tid 1] AH00161: server reached MaxRequestWorkers setting, consider raising it',
      '[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid 9] Traceback (most recent call last):',
      'greenlet.error: cannot switch to a different thread',
    ].join('\n');
    expect(undeclaredServerErrors(log, stubApi)).toEqual([
      '[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid 9] Traceback (most recent call last):',
      'greenlet.error: cannot switch to a different thread',
    ]);
  });

  test('a traceback is one, whatever other threads write between its lines', () => {
    const prefix = (tid: number) =>
      `[Mon Jan 31 12:00:00.000000 2026] [wsgi:error] [pid 9:tid ${tid}] [client 10.0.0.1:5000] `;
    const log = [
      `${prefix(1)}Traceback (most recent call last):`,
      `${prefix(1)}  File "hub.py", line 471, in fire_timers`,
      `${prefix(2)}Traceback (most recent call last):`,
      `${prefix(1)}greenlet.error: cannot switch to a different thread`,
      `${prefix(2)}ValueError: something else`,
    ].join('\n');
    const expectedErrors = [/cannot switch to a different thread/];
    expect(undeclaredServerErrors(log, { ...stubApi, expectedErrors })).toEqual([
      `${prefix(2)}Traceback (most recent call last):\n${prefix(2)}ValueError: something else`,
    ]);
  });

  test('uWSGI has no levels: what speaks of an error', () => {
    const log = ['*** Starting uWSGI 2.0.28 ***', 'mapped 145808 bytes', 'DAMN ! worker 1 died :('].join(
      '\n',
    );
    expect(undeclaredServerErrors(log, stubApi, 'uwsgi')).toEqual(['DAMN ! worker 1 died :(']);
  });
});
