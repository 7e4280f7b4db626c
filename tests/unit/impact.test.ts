import { expect, test } from 'vitest';
import { diagnose } from '../../helpers/diagnosis/diagnosis.ts';
import { Histories } from '../../helpers/diagnosis/histories.ts';

const id = (number: number) => `req-00000000-0000-4000-a000-${String(number).padStart(12, '0')}`;
const unreachable = (time: string, pid: number, request: number) =>
  `2026-11-26 ${time} ${pid} ERROR oslo.messaging._drivers.impl_rabbit [${id(request)} u p] [9528639f-0000-4000-a000-000000000001] AMQP server on broker:5672 is unreachable: [Errno 104] Connection reset by peer. Trying again in 1 seconds.`;
const answered = (time: string, pid: number, request: number, seconds: number, status = 202) =>
  `2026-11-26 ${time} ${pid} INFO nova.api.openstack.requestlog [${id(request)} u p] 10.0.0.1 "POST /servers" status: ${status} len: 10 microversion: - time: ${seconds}`;
const uwsgi = (time: string, pid: number, ms: number) =>
  `[pid: ${pid}|app: 0|req: 1/1] 10.0.0.1 () {28 vars in 330 bytes} [Thu Nov 26 ${time} 2026] POST /servers => generated 12 bytes in ${ms} msecs (HTTP/1.1 202) 1 headers`;

function impactOfLines(...lines: readonly string[]) {
  const histories = new Histories(0);
  const reader = histories.readerOf('nova.log', 'nova.log', Date.parse('2026-12-01T00:00:00Z'));
  for (const [index, line] of lines.entries()) reader.line(line, index + 1);
  return diagnose(histories).sources[0];
}

test('a slow request that met a dead connection was slowed by it, and another was not', () => {
  expect(
    impactOfLines(
      unreachable('07:00:00.000', 18, 1),
      answered('07:00:01.200', 18, 1, 1.4),
      answered('07:10:00.000', 18, 2, 2.5),
      answered('07:11:00.000', 18, 3, 0.1),
    ),
  ).toMatchObject({ requests: 3, slow: 2, slowedByReconnect: 1, failed: 0 });
});

test('a request that tries several times counts once', () => {
  expect(
    impactOfLines(
      unreachable('07:00:00.000', 18, 1),
      unreachable('07:00:01.000', 18, 1),
      answered('07:00:02.200', 18, 2, 2.4),
      answered('07:00:02.300', 18, 1, 2.5, 500),
    ),
  ).toMatchObject({ slow: 1, slowedByReconnect: 0, failed: 1, failedByReconnect: 1 });
});

test('a request that finds the broker away met no dead connection', () => {
  const refused = unreachable('07:00:00.000', 18, 1).replace(
    '[Errno 104] Connection reset by peer',
    '[Errno 111] ECONNREFUSED',
  );
  expect(impactOfLines(refused, answered('07:00:05.200', 18, 1, 5.4))).toMatchObject({
    slow: 1,
    slowedByReconnect: 0,
  });
});

test('without ids, process and time tie a request to its line', () => {
  expect(
    impactOfLines(
      uwsgi('07:00:00', 18, 1500),
      uwsgi('07:00:00', 19, 1500),
      unreachable('07:00:00.500', 18, 1),
    ),
  ).toMatchObject({ slow: 2, slowedByReconnect: 1 });
});

test('a request without an answer is lost only if the log names requests and goes on', () => {
  const [met, other] = [unreachable('07:00:00.000', 18, 1), answered('07:00:01.000', 18, 2, 0.1)];
  const later = answered('07:05:00.000', 18, 3, 0.1);
  expect(impactOfLines(met, other, later)).toMatchObject({ unanswered: 1 });
  expect(impactOfLines(met, other)).toMatchObject({ unanswered: 0 });
  expect(impactOfLines(met, '2026-11-26 07:05:00.000 18 INFO nova [-] x')).toMatchObject({ unanswered: 0 });
  expect(impactOfLines(met, answered('07:00:09.000', 18, 1, 9.1), later)).toMatchObject({ unanswered: 0 });
});
