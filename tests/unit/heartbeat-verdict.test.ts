import { describe, expect, test } from 'vitest';
import { evidenceOf } from '../../helpers/evidence/evidence.ts';
import type { Observation } from '../../helpers/evidence/observation.ts';
import { heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import { recorded } from './recorded/index.ts';

const verdictOf = (seen: Observation) => heartbeatVerdict(seen.deployment, seen.scenario, evidenceOf(seen));

describe('what was recorded', () => {
  test.for([
    ['prefork-8', { kind: 'reproduced' }],
    ['prefork-8-2019', { kind: 'reproduced' }],
    ['event-8x25', { kind: 'silent' }],
    ['event-1x25', { kind: 'clean' }],
  ] as const)('%s', ([name, verdict]) => {
    expect(verdictOf(recorded(name))).toEqual(verdict);
  });
});

describe('inconclusive, with the reason', () => {
  const clean = recorded('event-1x25');
  const reproduced = recorded('prefork-8');

  test.for<[string, Observation, string | RegExp]>([
    [
      'another MPM is loaded',
      { ...clean, loadedMpms: ['prefork'] },
      'the server is not what the deployment says: apachectl -M lists prefork, expected event',
    ],
    [
      'another release of Debian than the row names',
      {
        ...clean,
        deployment: { ...clean.deployment, release: 'bookworm' },
        report: clean.report && {
          ...clean.report,
          versions: { ...clean.report.versions, Debian: 'trixie' },
        },
      },
      'the server is not what the deployment says: Debian trixie, expected bookworm',
    ],
    [
      'two MPMs are loaded',
      { ...clean, loadedMpms: ['event', 'prefork'] },
      /apachectl -M lists event and prefork/,
    ],
    ['no report', { ...clean, report: undefined }, /its processes gave no report/],
    [
      'fewer processes than said',
      {
        ...reproduced,
        pids: reproduced.pids.slice(1),
        requests: reproduced.requests.filter(({ servedBy }) => servedBy?.pid !== reproduced.pids[0]),
      },
      /processes that answered 7, expected 8/,
    ],
    [
      'the application’s log was not read to its end',
      {
        ...clean,
        applicationLog: { ...clean.applicationLog, endMark: undefined, complaint: 'tail: no such file' },
      },
      'the application’s log could not be read to its end: tail: no such file',
    ],
    [
      'the broker’s log was not read to its end',
      { ...reproduced, brokerLog: { ...reproduced.brokerLog, endMark: undefined } },
      /^the broker’s log could not be read to its end/,
    ],
    [
      'the server’s error log was not read',
      { ...clean, serverErrorLog: undefined },
      'the server’s error log could not be read',
    ],
    [
      'the capture was not read to its end',
      { ...clean, capture: { ...clean.capture, endMark: undefined, complaint: 'tshark: no permission' } },
      'the capture of the frames could not be read to its end: tshark: no permission',
    ],
    [
      'the broker was restarted',
      { ...clean, conductorLost: 'CONNECTION_FORCED' },
      'the conductor lost the broker: CONNECTION_FORCED',
    ],
    [
      'a connection of the broker’s log has no frame in the capture',
      { ...reproduced, capture: { lines: [''], endMark: 1 } },
      /^the frames and the broker’s log do not agree: .*: none of its frames was captured/,
    ],
    [
      'traffic was late',
      {
        ...clean,
        requests: clean.requests.map((it, index) => (index === 3 ? { ...it, sentAt: it.dueAt + 251 } : it)),
      },
      /a request left 251 ms after it was due, the bound is 250 ms/,
    ],
    [
      'nothing was answered',
      { ...clean, requests: clean.requests.map(({ status, ...it }) => it) },
      'no request was answered',
    ],
    [
      'an error matches no drop: the broker’s log says nothing of it',
      { ...reproduced, brokerLog: { lines: ['nothing'], endMark: 1 } },
      /^\d+ heartbeat errors match no connection that the broker dropped: /,
    ],
    [
      'a clean window, and then no drop either',
      { ...clean, afterClean: { dropSeen: false, waitedMs: 8000, livedWithoutTraffic: false } },
      /the instruments then saw no drop either/,
    ],
    [
      'a clean window, and the instruments were not asked',
      (({ afterClean, ...it }) => it)(clean),
      /the instruments then saw no drop either/,
    ],
  ])('%s', ([, seen, reason]) => {
    const verdict = verdictOf(seen);
    expect(verdict).toEqual({
      kind: 'inconclusive',
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    });
  });
});

test('a heartbeat error before the first AMQP request is no error of the window', () => {
  const seen = recorded('prefork-8');
  const error = seen.applicationLog.lines.find((line) => line.includes('A recoverable connection'));
  const lines = [error as string, ...seen.applicationLog.lines];
  const beforeMark = (seen.applicationLog.beforeMark ?? 0) + 1;
  const endMark = (seen.applicationLog.endMark ?? 0) + 1;
  const evidence = evidenceOf({ ...seen, applicationLog: { lines, beforeMark, endMark } });
  expect(evidence.heartbeatErrorsBefore).toBe(1);
  expect(evidence.heartbeatErrors).toEqual(evidenceOf(seen).heartbeatErrors);
});
