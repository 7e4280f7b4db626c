import { expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { deployment } from '../../helpers/deployment/deployment.ts';
import type { FaultSeen } from '../../helpers/evidence/fault-facts.ts';
import { faultFactsOf } from '../../helpers/evidence/fault-facts-of.ts';
import type { RequestRecord } from '../../helpers/evidence/request-record.ts';
import { times, trafficWords } from '../../helpers/rows/traffic.ts';

const { plain, amqp } = stub.routes;
const done: FaultSeen = {
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

function factsOf(change: Partial<Parameters<typeof faultFactsOf>[0]>) {
  const seen = {
    application: stub,
    deployment: deployment({ mpm: 'prefork', processes: 2, threads: 1 }),
    brokerLog: { lines: [], endMarker: 0 },
    serverErrorLog: { lines: [], before: { pids: [] }, after: { pids: [] } },
    requests: [],
    traffic: times.compressed.traffic.outage,
  };
  return faultFactsOf({ ...seen, ...change }, done);
}

test('each route has its answers before the fault, during it, after it and at the end', () => {
  const requests = [
    request(amqp.path, 1000, 1020),
    request(plain.path, 2000, 2005),
    // under way when it began: sent neither before the fault nor during it
    request(amqp.path, 3900, 4100),
    request(amqp.path, 6000, 12_000),
    request(amqp.path, 7000, 13_500, 504),
    request(plain.path, 7500, 7510),
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

test('a request that needs no broker counts as sent during the fault once each process can be occupied', () => {
  const requests = [
    request(amqp.path, 5000, 12_000),
    request(plain.path, 5500, 5510),
    request(amqp.path, 6000, 12_000),
    request(plain.path, 6500, 12_000),
  ];
  expect(routesOf(requests).plain?.meanwhile).toMatchObject({ sent: 1, answered: 0 });
});

test('a route that is never answered again has no time of its next answer', () => {
  const occupying = [request(amqp.path, 4100, 12_000), request(amqp.path, 4200, 12_000)];
  expect(routesOf([...occupying, request(plain.path, 5000, 25_000, 500)]).plain).toEqual({
    before: { sent: 0, answered: 0 },
    meanwhile: { sent: 1, answered: 0 },
    atEnd: { sent: 1, answered: 0 },
  });
});

test.for([
  ['prefork', '[mpm_prefork:notice] [pid 1:tid 1] AH00171: Graceful restart requested, doing restart'],
  ['worker', '[mpm_worker:notice] [pid 1:tid 1] AH00297: SIGUSR1 received.  Doing graceful restart'],
  ['event', '[mpm_event:notice] [pid 1:tid 1] AH00493: SIGUSR1 received.  Doing graceful restart'],
])('the server’s own log says that it reloads: %s', ([, line]) => {
  const lines = [
    '[mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4 configured -- resuming',
    line as string,
  ];
  const serverErrorLog = { lines, before: { pids: [] }, after: { pids: [] } };
  expect(factsOf({ serverErrorLog }).reloadLines).toEqual([line]);
});

test('the first three requests of an outage need the broker, and the fourth does not', () => {
  const { phases, fault } = times.compressed.traffic.outage;
  const [phase] = phases;
  if (!phase || !fault) throw new Error('an outage has a phase and a fault');
  const first = Math.ceil(fault.afterMs / phase.intervalMs) + 1;
  expect([first, first + 1, first + 2, first + 3].map((index) => index % 4)).toEqual([0, 1, 2, 3]);
  expect(trafficWords({ phases })).toBe('42 requests (amqp, every fourth plain), one every 0.5 s');
});
