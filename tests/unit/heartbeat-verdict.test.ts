import { describe, expect, test } from 'vitest';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import type { MarkedLog, Observation } from '../../helpers/evidence/observation.ts';
import type { ProcessReport } from '../../helpers/evidence/process-report.ts';
import type { Expectation } from '../../helpers/rows/expectation.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { recordedVerdicts } from './fixtures/recorded-record.ts';
import { assertingNothing } from './fixtures/row-record.ts';
import { type RecordedName, recorded } from './recorded/index.ts';

const verdictOf = (seen: Observation) =>
  judge({ ...seen, evidence: evidenceOf(seen) }, { expect: assertingNothing, preconditions: [] });

const clean = recorded('event-1x25');
const reproduced = recorded('prefork-8');
const dropped = recorded('event-8x25');

/** The same, with each process changed. */
function reporting(
  seen: Observation,
  change: (report: ProcessReport) => Partial<ProcessReport>,
): Observation {
  const processes = seen.server.processes.map((process) => ({ ...process, ...change(process) }));
  return { ...seen, server: { ...seen.server, processes } };
}

/** The same, with one request changed. */
function asking(
  seen: Observation,
  change: (request: Observation['requests'][number]) => Partial<Observation['requests'][number]>,
): Observation {
  return {
    ...seen,
    requests: seen.requests.map((request, index) =>
      index === 3 ? { ...request, ...change(request) } : request,
    ),
  };
}

const losing = (seen: Observation) => asking(seen, () => ({ status: 500 }));
const unanswered = { ...clean, requests: clean.requests.map(({ status: _, ...request }) => request) };

/** The same, with a log read in another way. */
function reading<Log extends 'applicationLog' | 'serverErrorLog' | 'brokerLog' | 'capture'>(
  seen: Observation,
  log: Log,
  change: Partial<Observation[Log]>,
): Observation {
  return { ...seen, [log]: { ...seen[log], ...change } };
}

/** The same, where a log lacks the marker of one process. */
function unmarked(
  seen: Observation,
  log: 'applicationLog' | 'serverErrorLog',
  when: 'before' | 'after',
  pid: number,
): Observation {
  const pids = seen[log][when].pids.filter((other) => other !== pid);
  return reading(seen, log, { [when]: { ...seen[log][when], pids } });
}

/** The same, with one more line in the application's log: the first one, or the first of the window. */
function logging(seen: Observation, line: string, place: 'first' | 'window' = 'window'): Observation {
  const { lines, before, after } = seen.applicationLog;
  const from = place === 'first' ? 0 : (before.last ?? -1) + 1;
  const later = (round: MarkedLog['before']) => ({
    ...round,
    first: (round.first ?? 0) + 1,
    last: (round.last ?? 0) + 1,
  });
  return reading(seen, 'applicationLog', {
    lines: [...lines.slice(0, from), line, ...lines.slice(from)],
    before: place === 'first' ? later(before) : before,
    after: later(after),
  });
}

/** The clean run, its one connection ended in the middle, in RabbitMQ's words. */
function ending(level: string, why: string): Observation {
  const { lines, endMarker = 0 } = clean.brokerLog;
  const opened = lines.find(
    (line) => line.includes(' - mod_wsgi:16:') && line.includes(`user '${clean.user}' auth`),
  );
  const [, process, ends] = / \[info\] (<\S+>) connection (.*): user/.exec(opened ?? '') ?? [];
  const head = `${lines[endMarker]?.slice(0, 32)} [${level}] ${process} `;
  const end = [
    `${head}closing AMQP connection ${process} (${ends}, duration: '4s'):`,
    ...(why ? [head + why] : []),
  ];
  const all = [...lines.slice(0, endMarker), ...end, ...lines.slice(endMarker)];
  return reading(clean, 'brokerLog', { lines: all, endMarker: endMarker + end.length });
}

const driver = 'oslo.messaging._drivers.impl_rabbit [-]';
const unreachable = `2026-11-24 13:40:30.000 21 ERROR ${driver} [1] AMQP server on broker:5672 is unreachable: [Errno 104] Connection reset by peer. Trying again in 1 seconds.`;
const unknownWords = reproduced.applicationLog.lines.map((line) =>
  line.replace('A recoverable connection/channel error occurred', 'The broker went away'),
);
const otherLogger = reproduced.applicationLog.lines.map((line) =>
  line.replace(' oslo.messaging._drivers.impl_rabbit ', ' oslo.other '),
);
const onlyFramesOfBroker = clean.capture.lines.map((line) => (line.split('\t')[2] === '5672' ? line : ''));
const traceback = [
  'Traceback (most recent call last):',
  '  File "x.py", line 1, in <module>',
  'amqp.Error: 406',
];
const failure = { lines: [...clean.serverErrorLog.lines, ...traceback] };
const { afterClean: _, ...notLookedAt } = clean;
const complaint = { complaint: 'tail: file truncated' };
const cutOff = { endMarker: undefined, complaint: 'no permission' };
const clock = { aheadMs: 0, uncertaintyMs: 2, movedMs: 0 };
const orders = { ...clean.application, connectionName: /^orders-(?<pid>\d+)$/ };

test.for(Object.entries(recordedVerdicts) as [RecordedName, string][])('the recorded run of %s is %s', ([
  name,
  kind,
]) => {
  expect(verdictOf(recorded(name))).toEqual({ kind });
});

/** What was seen, and a fact that the reason names. */
type Cases = Readonly<Record<string, readonly [seen: Observation, fact: RegExp]>>;

const cases: Partial<Record<Cause, Cases>> = {
  'another server': {
    'a process is not patched': [
      reporting(clean, () => ({ patched: false })),
      /patched false, expected true$/,
    ],
  },
  'blind instrument': {
    'the application’s log lacks a marker from before the first request': [
      unmarked(clean, 'applicationLog', 'before', 16),
      /\b16\b.*application’s log before /,
    ],
    'the server’s error log lacks a marker from before the first request': [
      unmarked(reproduced, 'serverErrorLog', 'before', 17),
      /\b17\b.*server’s error log before /,
    ],
    'the server’s error log lacks a marker that the application’s log has': [
      unmarked(reproduced, 'serverErrorLog', 'after', 17),
      /\b17\b.*server’s error log after /,
    ],
    'the reader of the application’s log complained': [
      reading(clean, 'applicationLog', complaint),
      /application’s log.*: tail: file truncated$/,
    ],
    'the reader of the server’s error log complained': [
      reading(clean, 'serverErrorLog', complaint),
      /server’s error log.*: tail: file truncated$/,
    ],
    'the reader of the broker’s log complained': [
      reading(clean, 'brokerLog', complaint),
      /broker’s log.*: tail: file truncated$/,
    ],
    'the broker’s log was cut off': [reading(clean, 'brokerLog', cutOff), /broker’s log.* no permission$/],
    'the capture was cut off': [reading(clean, 'capture', cutOff), /capture.* no permission$/],
    'the broker was restarted': [{ ...clean, messageSink: { lost: 'forced', heard: false } }, /: forced$/],
    'the message sink did not get the last message': [{ ...clean, messageSink: { heard: false } }, /sink/],
    'no message names its request': [
      { ...clean, messageSink: { heard: true, unreadable: '24 came' } },
      /messages: 24 came$/,
    ],
    'the containers’ clock was set': [{ ...clean, clock: { ...clock, movedMs: -3000 } }, /clock.* -3 s/],
    'the containers’ clock could hardly be read': [
      { ...clean, clock: { ...clock, uncertaintyMs: 150 } },
      /clock.* 150 ms/,
    ],
    'the name of a connection has no process id': [{ ...clean, application: orders }, /“mod_wsgi:16:\S+”/],
  },
  'late traffic': {
    'a request was sent late': [asking(clean, ({ dueAt }) => ({ sentAt: dueAt + 251 })), /\b251 ms.* 250 ms/],
  },
  'no answer': {
    'no request was answered': [unanswered, /^no request was answered$/],
    'no request was answered, and the server’s error log says why': [
      reading(unanswered, 'serverErrorLog', failure),
      /: amqp\.Error: 406$/,
    ],
  },
  'unmatched line': {
    'a heartbeat error matches no drop in the broker’s log': [
      { ...reproduced, brokerLog: { lines: ['nothing'], endMarker: 1 } },
      /^16 lines /,
    ],
    'a request logs a lost connection that matches no drop': [
      logging(dropped, unreachable),
      /^1 line .* is unreachable: /,
    ],
  },
  'unknown line': {
    'another logger than the record names wrote the heartbeat error': [
      reading(reproduced, 'applicationLog', { lines: otherLogger }),
      /^the logger oslo\.other wrote .*heartbeatLogger: oslo\.messaging\._drivers\.impl_rabbit$/,
    ],
    'the heartbeat logs a lost connection in unknown words': [
      reading(reproduced, 'applicationLog', { lines: unknownWords }),
      /16 lines .*The broker went away/,
    ],
  },
  'connection ended': {
    'the client lost a connection in a window without drops': [
      ending('warning', 'client unexpectedly closed TCP connection'),
      /mod_wsgi:16:\S+: lost by the client \d+ ms/,
    ],
    'the client closed a connection although its pool keeps connections': [
      ending('info', ''),
      /closed by the client \d+ ms/,
    ],
    'a connection ended in an unknown way': [ending('error', '{socket_error,timeout}'), /: other \d+ ms/],
  },
  'frames disagree': {
    'the capture has no frame of a connection in the broker’s log': [
      { ...reproduced, capture: { lines: [''], endMarker: 1 } },
      /no frame from its client/,
    ],
    'the capture has only the broker’s frames': [
      reading(clean, 'capture', { lines: onlyFramesOfBroker }),
      /mod_wsgi:16:\S+: no frame from its client/,
    ],
  },
  'heartbeat not confirmed': {
    'a process with a connection did not report its heartbeat': [
      reporting(clean, () => ({ connections: [] })),
      /process 16\b/,
    ],
  },
  'logger not proven': {
    'the window was clean, and a process wrote no marker after it': [
      unmarked(clean, 'applicationLog', 'after', 16),
      /\b16\b.*application’s log after /,
    ],
    'there were drops but no heartbeat error, and a process wrote no marker after the window': [
      unmarked(dropped, 'applicationLog', 'after', 24),
      /\b24\b.*application’s log after /,
    ],
  },
  'requests lost': { 'the window was clean, but requests were lost': [losing(clean), /^1 of 24 requests /] },
  'no drop seen': {
    'the window was clean, and no drop was seen after it either': [
      { ...clean, afterClean: { dropSeen: false, waitedMs: 8000, livedWithoutTraffic: false } },
      /no drop/,
    ],
    'the window was clean, and nobody looked for a drop after it': [notLookedAt, /no drop/],
  },
};

describe.for(Object.entries(cases))('a run is inconclusive with the cause “%s” if', ([cause, ofCause]) => {
  test.for(Object.entries(ofCause))('%s', ([, [seen, fact]]) => {
    expect(verdictOf(seen)).toEqual({ kind: 'inconclusive', cause, reason: expect.stringMatching(fact) });
  });
});

describe('the verdict is', () => {
  const poolOf3 = { ...ending('info', ''), deployment: { ...clean.deployment, poolTtlSeconds: 3 } };
  const reconnected = `2026-11-24 13:40:43.960 21 INFO ${driver} [1] Reconnected to AMQP server on broker:5672`;

  test.for<[string, string, Observation]>([
    [
      'reproduced',
      'without a marker after the window, because the error itself proves that the log was live',
      unmarked(reproduced, 'applicationLog', 'after', 17),
    ],
    [
      'clean',
      'if the client closed a connection that its pool was told to close',
      reporting(poolOf3, ({ application }) => ({ application: { ...application, pool_ttl: 3 } })),
    ],
    [
      'dropped',
      'if the heartbeat’s logger wrote only known lines about something else',
      logging(dropped, reconnected),
    ],
    ['reproduced', 'even if requests were lost', losing(reproduced)],
    ['dropped', 'even if requests were lost', losing(dropped)],
  ])('%s %s', ([kind, , seen]) => {
    expect(verdictOf(seen)).toEqual({ kind });
  });
});

test('heartbeat errors before the first AMQP request are counted apart', () => {
  const { lines } = reproduced.applicationLog;
  const error = lines.find((line) => line.includes('A recoverable connection')) as string;
  const evidence = evidenceOf(logging(reproduced, error, 'first'));
  expect(evidence.heartbeatErrorsBefore).toBe(1);
  expect(evidence.heartbeatErrors).toEqual(evidenceOf(reproduced).heartbeatErrors);
});

describe('a doubt that has a row executed again does not hide', () => {
  const expectingClean: Expectation = { ...assertingNothing, verdict: ['clean'], slowed: 'none' };
  const judged = (seen: Observation) =>
    judge({ ...seen, evidence: evidenceOf(seen) }, { expect: expectingClean, preconditions: [] });
  /** A request that takes more than a second, and no line says why. */
  const withSlowRequest = (seen: Observation) => asking(seen, ({ endedAt }) => ({ endedAt: endedAt + 1200 }));

  test('a wrong verdict: slow requests do not matter then', () => {
    expect(judged(withSlowRequest(dropped))).toEqual({ kind: 'dropped' });
    expect(judged(withSlowRequest(reproduced))).toEqual({ kind: 'reproduced' });
    expect(judged(withSlowRequest(clean))).toMatchObject({ cause: 'slow requests' });
  });

  test('a heartbeat that logs in unknown words: a process without a marker does not matter then', () => {
    const reworded = reading(reproduced, 'applicationLog', { lines: unknownWords });
    const [pid = 0] = reworded.applicationLog.after.pids;
    expect(judged(unmarked(reworded, 'applicationLog', 'after', pid))).toMatchObject({
      cause: 'unknown line',
    });
  });
});
