import { expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { times, trafficWords } from '../../helpers/config/scenario.ts';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { listensByLog } from '../../helpers/evidence/broker-log.ts';
import type { DisturbanceSeen } from '../../helpers/evidence/disturbance-facts.ts';
import { disturbanceFactsOf } from '../../helpers/evidence/disturbance-facts-of.ts';
import type { RequestRecord } from '../../helpers/evidence/request-record.ts';

const { plain, amqp } = stub.routes;
const done: DisturbanceSeen = {
  beganAt: 4000,
  endingAt: 10_000,
  overAt: 10_800,
  handshakes: { failed: 50, completed: 0 },
  processesAfter: [],
};

function request(path: string, sentAt: number, endedAt: number, status = 200): RequestRecord {
  return { id: `req-${sentAt}`, path, dueAt: sentAt, sentAt, endedAt, status };
}

function routesOf(requests: readonly RequestRecord[]) {
  return factsOf({ requests }).routes;
}

function factsOf(change: Partial<Parameters<typeof disturbanceFactsOf>[0]>) {
  const seen = {
    application: stub,
    deployment: deployment({ mpm: 'prefork', processes: 2, threads: 1 }),
    brokerLog: { lines: [], endMark: 0 },
    serverErrorLog: { lines: [], before: { pids: [] }, after: { pids: [] } },
    requests: [],
    scenario: times.compressed.disturbed.outage,
  };
  return disturbanceFactsOf({ ...seen, ...change }, done);
}

test('of each route: what was answered before, while it lasted, again, and at the end', () => {
  const requests = [
    request(amqp.path, 1000, 1020),
    request(plain.path, 2000, 2005),
    // under way when it began: neither before it nor sent in it
    request(amqp.path, 3900, 4100),
    request(plain.path, 5000, 5010),
    request(amqp.path, 6000, 12_000),
    request(amqp.path, 7000, 13_500, 504),
    // too late to be answered in time
    request(plain.path, 9900, 10_100),
    request(plain.path, 11_000, 11_010),
    request(amqp.path, 14_000, 14_020),
    request(amqp.path, 15_000, 15_020, 500),
  ];
  expect(routesOf(requests)).toEqual({
    plain: {
      before: { sent: 1, answered: 1 },
      meanwhile: { sent: 1, answered: 1, medianMs: 10, slowestMs: 10 },
      againAfterMs: 210,
      atEnd: { sent: 0, answered: 0 },
    },
    amqp: {
      before: { sent: 1, answered: 1 },
      meanwhile: { sent: 2, answered: 0, medianMs: 6000, slowestMs: 6000 },
      againAfterMs: 1200,
      atEnd: { sent: 2, answered: 1 },
    },
  });
});

test('a route that is never answered again', () => {
  expect(routesOf([request(plain.path, 5000, 25_000, 500)]).plain).toEqual({
    before: { sent: 0, answered: 0 },
    meanwhile: { sent: 1, answered: 0 },
    atEnd: { sent: 1, answered: 0 },
  });
});

test('when the broker listened, by its own log', () => {
  const at = (seconds: number, message: string) =>
    `2026-01-31 12:00:${seconds.toFixed(3).padStart(6, '0')}000+00:00 [info] <0.512.0> ${message}`;
  const second = (seconds: number) => Date.UTC(2026, 0, 31, 12, 0, seconds);
  expect(
    listensByLog([
      at(1, 'started TCP listener on [::]:5672'),
      at(2, 'accepting AMQP connection <0.700.0> (10.0.0.3:40000 -> 10.0.0.2:5672)'),
      at(3, 'stopped TCP listener on [::]:5672'),
      'a line without a time',
      at(10, 'started TCP listener on [::]:5672'),
    ]),
  ).toEqual([
    { at: second(1), listens: true },
    { at: second(3), listens: false },
    { at: second(10), listens: true },
  ]);
});

test.for([
  ['prefork', '[mpm_prefork:notice] [pid 1:tid 1] AH00171: Graceful restart requested, doing restart'],
  ['worker', '[mpm_worker:notice] [pid 1:tid 1] AH00297: SIGUSR1 received.  Doing graceful restart'],
  ['event', '[mpm_event:notice] [pid 1:tid 1] AH00493: SIGUSR1 received.  Doing graceful restart'],
])('that the server reloads, by its own log: %s', ([, line]) => {
  const lines = [
    '[mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4 configured -- resuming',
    line as string,
  ];
  const serverErrorLog = { lines, before: { pids: [] }, after: { pids: [] } };
  expect(factsOf({ serverErrorLog }).reloadLines).toEqual([line]);
});

test('three requests that need the broker come first in a disturbance, and then one that does not', () => {
  const { phases, disturbed } = times.compressed.disturbed.outage;
  const [phase] = phases;
  if (!phase) throw new Error('it has a phase');
  const first = Math.ceil(disturbed.afterMs / phase.intervalMs) + 1;
  expect([first, first + 1, first + 2, first + 3].map((index) => index % 4)).toEqual([0, 1, 2, 3]);
  expect(trafficWords({ phases })).toBe('42 requests (amqp, each fourth plain), one each 0.5 s');
});
