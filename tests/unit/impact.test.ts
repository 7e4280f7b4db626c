import { expect, test } from 'vitest';
import {
  connectionId,
  diagnosisOf,
  requestLine,
  serviceLine,
  unreachableLine,
} from './fixtures/made-up-lines.ts';

const contextOf = (request: number) => `req-${connectionId(request)} u p`;
const unreachable = (time: string, request: number, reason?: string) =>
  unreachableLine(time, 18, 1, reason, contextOf(request));
const answered = (time: string, request: number, seconds: number, status = 202) =>
  requestLine(time, 18, seconds, contextOf(request), status);
const uwsgi = (time: string, pid: number, ms: number) =>
  `[pid: ${pid}|app: 0|req: 1/1] 10.0.0.1 () {28 vars in 330 bytes} [Thu Nov 26 ${time} 2026] POST /servers => generated 12 bytes in ${ms} msecs (HTTP/1.1 202) 1 headers`;

const impactOfLines = (...lines: readonly string[]) => diagnosisOf({ 'nova.log': lines }, 0).sources[0];

test('a slow request that met a dead connection was slowed by it, and another was not', () => {
  expect(
    impactOfLines(
      unreachable('07:00:00', 1),
      answered('07:00:01.2', 1, 1.4),
      answered('07:10:00', 2, 2.5),
      answered('07:11:00', 3, 0.1),
    ),
  ).toMatchObject({ requests: 3, slow: 2, slowedByReconnect: 1, failed: 0 });
});

test('slow and failed requests that are too many to be looked at are still counted', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => answered('07:00:00', index, 1.5));
  const others = [answered('07:10:00', 10_001, 1.5), answered('07:10:01', 10_002, 0.1, 500)];
  expect(impactOfLines(...many, ...others)).toMatchObject({ slow: 10_001, failed: 1, isCut: true });
  expect(impactOfLines(answered('07:00:00', 1, 1.5))?.isCut).toBe(false);
});

test('a request that tries several times counts once', () => {
  expect(
    impactOfLines(
      unreachable('07:00:00', 1),
      unreachable('07:00:01', 1),
      answered('07:00:02.2', 2, 2.4),
      answered('07:00:02.3', 1, 2.5, 500),
    ),
  ).toMatchObject({ slow: 1, slowedByReconnect: 0, failed: 1, failedByReconnect: 1 });
});

test('a request that finds the broker away met no dead connection', () => {
  const refused = unreachable('07:00:00', 1, '[Errno 111] ECONNREFUSED');
  expect(impactOfLines(refused, answered('07:00:05.2', 1, 5.4))).toMatchObject({
    slow: 1,
    slowedByReconnect: 0,
  });
});

test('without ids, process and time tie a request to its line', () => {
  expect(
    impactOfLines(uwsgi('07:00:00', 18, 1500), uwsgi('07:00:00', 19, 1500), unreachable('07:00:00.5', 1)),
  ).toMatchObject({ slow: 2, slowedByReconnect: 1 });
});

test('a line without an id does not belong to a request that has one', () => {
  const poller = unreachableLine('07:00:00', 18, 1);
  expect(impactOfLines(poller, answered('07:00:01.2', 1, 4))).toMatchObject({
    slow: 1,
    slowedByReconnect: 0,
  });
});

test('a request without an answer is lost only if the log names requests, goes on, and has answers of its process', () => {
  const [met, other] = [unreachable('07:00:00', 1), answered('07:00:01', 2, 0.1)];
  const later = answered('07:05:00', 3, 0.1);
  expect(impactOfLines(met, other, later)).toMatchObject({ unanswered: 1 });
  expect(impactOfLines(met, other)).toMatchObject({ unanswered: 0 });
  expect(impactOfLines(met, serviceLine('07:05:00', 18))).toMatchObject({ unanswered: 0 });
  expect(impactOfLines(met, answered('07:00:09', 1, 9.1), later)).toMatchObject({ unanswered: 0 });
  expect(impactOfLines(answered('06:59:59', 1, 0.1), met, later)).toMatchObject({ unanswered: 0 });
  const ofOtherProcess = requestLine('07:05:00', 19, 0.1, contextOf(3));
  expect(impactOfLines(met, ofOtherProcess)).toMatchObject({ unanswered: 0 });
});
