import { describe, expect, test } from 'vitest';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import type { MarkedLog, Observation } from '../../helpers/evidence/observation.ts';
import type { DriverConnection, ProcessReport } from '../../helpers/evidence/process-report.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { recordedVerdicts } from './fixtures/recorded-record.ts';
import { assertingNothing } from './fixtures/row-record.ts';
import { recorded } from './recorded/index.ts';

const verdictOf = (seen: Observation) =>
  judge({ ...seen, evidence: evidenceOf(seen) }, { expect: assertingNothing, preconditions: [] });

const clean = recorded('event-1x25');
const reproduced = recorded('prefork-8');
const dropped = recorded('event-8x25');

/** The same, with another server. */
function serving(seen: Observation, change: Partial<Observation['server']>): Observation {
  return { ...seen, server: { ...seen.server, ...change } };
}

/** The same, with each process changed. */
function reporting(
  seen: Observation,
  change: (report: ProcessReport) => Partial<ProcessReport>,
): Observation {
  return serving(seen, { processes: seen.server.processes.map((it) => ({ ...it, ...change(it) })) });
}

/** The same, with each connection of each process changed. */
function beating(seen: Observation, change: Partial<DriverConnection>): Observation {
  return reporting(seen, ({ connections }) => ({
    connections: connections.map((it) => ({ ...it, ...change })),
  }));
}

/** A log that lacks the marker of one process. */
function without(log: MarkedLog, when: 'before' | 'after', pid: number | undefined): MarkedLog {
  return { ...log, [when]: { ...log[when], pids: log[when].pids.filter((it) => it !== pid) } };
}

/** The same, with one more line in the application's log, the first of the window. */
function logging(seen: Observation, line: string): Observation {
  const { lines, before, after, ...rest } = seen.applicationLog;
  const from = (before.last ?? -1) + 1;
  const later = { ...after, first: (after.first ?? 0) + 1, last: (after.last ?? 0) + 1 };
  const log = { ...rest, before, after: later, lines: [...lines.slice(0, from), line, ...lines.slice(from)] };
  return { ...seen, applicationLog: log };
}

/** The same, with a line of the application's log replaced wherever it occurs. */
function rewording(seen: Observation, from: string, to: string): Observation {
  const lines = seen.applicationLog.lines.map((line) => line.replace(from, to));
  return { ...seen, applicationLog: { ...seen.applicationLog, lines } };
}

/** The same, with the one connection of the clean run ended in its middle, in RabbitMQ's words. */
function ending(level: string, why: string): Observation {
  const { lines, endMark = 0 } = clean.brokerLog;
  const opened = lines.find(
    (line) => line.includes(' - mod_wsgi:16:') && line.includes(`user '${clean.user}' auth`),
  );
  const [, process, ends] = / \[info\] (<\S+>) connection (.*): user/.exec(opened ?? '') ?? [];
  const head = `${lines[endMark]?.slice(0, 32)} [${level}] ${process} `;
  const end = [
    `${head}closing AMQP connection ${process} (${ends}, duration: '4s'):`,
    ...(why ? [head + why] : []),
  ];
  const all = [...lines.slice(0, endMark), ...end, ...lines.slice(endMark)];
  return { ...clean, brokerLog: { ...clean.brokerLog, lines: all, endMark: endMark + end.length } };
}

test.for(Object.entries(recordedVerdicts))('the recorded run of %s is %s', ([name, kind]) => {
  expect(verdictOf(recorded(name as keyof typeof recordedVerdicts))).toEqual({ kind });
});

describe('a run is inconclusive if', () => {
  const pid = clean.server.processes[0]?.pid;

  test.for<[string, Observation, Cause, RegExp]>([
    [
      'another MPM is loaded',
      serving(clean, { modules: ['mpm_prefork_module'] }),
      'another server',
      /mpm_prefork_module, expected mpm_event_module$/,
    ],
    [
      'two MPMs are loaded',
      serving(clean, { modules: ['mpm_event_module', 'mpm_prefork_module'] }),
      'another server',
      /mpm_event_module and mpm_prefork_module/,
    ],
    [
      'another release of Debian than the row names',
      { ...clean, deployment: { ...clean.deployment, release: 'bookworm' } },
      'another server',
      /: Debian trixie, expected bookworm$/,
    ],
    [
      'another release of Debian than the image was asked to be of',
      serving(clean, { imageRelease: 'bullseye' }),
      'another server',
      /: Debian trixie, expected bullseye$/,
    ],
    ['no process reported', serving(clean, { processes: [] }), 'another server', /no report/],
    [
      'fewer processes answered than the row says',
      serving(reproduced, { processes: reproduced.server.processes.slice(1) }),
      'another server',
      / 7, expected 8/,
    ],
    [
      'a process is not patched',
      reporting(clean, () => ({ patched: false })),
      'another server',
      /: patched false, expected true$/,
    ],
    [
      'another library writes the log',
      reporting(clean, ({ logging }) => ({
        logging: { ...logging, handlers: [{ formatter: 'logging.Formatter', lock: '_thread.RLock' }] },
      })),
      'another server',
      /: log written by stdlib, expected oslo\.log$/,
    ],
    [
      'the heartbeat is green because the library does not know the option for a native one',
      beating(
        { ...clean, deployment: { ...clean.deployment, heartbeatThread: 'native' } },
        { option: false },
      ),
      'another server',
      /: heartbeat thread green, expected native: .*heartbeat_in_pthread/,
    ],
    [
      'a heartbeat that is called green runs on a thread of its own',
      beating(clean, { runsOn: 9999 }),
      'another server',
      /: thread that the heartbeat runs on native, expected green$/,
    ],
    [
      'the heartbeat loop is today’s, and the row asks for that of 2019',
      { ...clean, deployment: { ...clean.deployment, messaging: '2019' } },
      'another server',
      /: heartbeat loop distro, expected 2019$/,
    ],
    [
      'the heartbeat loop of 2019 runs at today’s rate',
      beating(recorded('prefork-8-2019'), { heartbeatRate: 3 }),
      'another server',
      /: heartbeat_rate 3, expected 2$/,
    ],
    [
      'the heartbeat has another interval',
      beating(clean, { heartbeatTimeoutThreshold: 60 }),
      'another server',
      /: heartbeat_timeout_threshold 60, expected 1$/,
    ],
    [
      'the application’s log lacks a marker from before the first request',
      { ...clean, applicationLog: without(clean.applicationLog, 'before', pid) },
      'blind instrument',
      new RegExp(`process ${pid} .*application’s log before the first AMQP request`),
    ],
    [
      'the server’s error log lacks a marker from before the first request',
      { ...reproduced, serverErrorLog: without(reproduced.serverErrorLog, 'before', 17) },
      'blind instrument',
      /process 17 .*server’s error log before the first AMQP request/,
    ],
    [
      'the server’s error log lacks a marker that the application’s log has',
      { ...reproduced, serverErrorLog: without(reproduced.serverErrorLog, 'after', 17) },
      'blind instrument',
      /process 17 .*server’s error log after the window/,
    ],
    [
      'the reader of the application’s log complained, although it found its markers',
      { ...clean, applicationLog: { ...clean.applicationLog, complaint: 'tail: file truncated' } },
      'blind instrument',
      /application’s log.*: tail: file truncated$/,
    ],
    [
      'the reader of the server’s error log complained',
      { ...clean, serverErrorLog: { ...clean.serverErrorLog, complaint: 'the stream ended' } },
      'blind instrument',
      /server’s error log.*: the stream ended$/,
    ],
    [
      'the broker’s log was not read to its end',
      { ...reproduced, brokerLog: { ...reproduced.brokerLog, endMark: undefined } },
      'blind instrument',
      /broker’s log .*to its end$/,
    ],
    [
      'the reader of the broker’s log complained',
      { ...reproduced, brokerLog: { ...reproduced.brokerLog, complaint: 'tail: file truncated' } },
      'blind instrument',
      /broker’s log.*: tail: file truncated$/,
    ],
    [
      'the capture was not read to its end',
      { ...clean, capture: { ...clean.capture, endMark: undefined, complaint: 'tshark: no permission' } },
      'blind instrument',
      /capture .*to its end: tshark: no permission$/,
    ],
    [
      'the broker was restarted',
      { ...clean, messageSink: { lost: 'CONNECTION_FORCED', heard: false } },
      'blind instrument',
      /lost the broker: CONNECTION_FORCED$/,
    ],
    [
      'the message sink did not get the last message',
      { ...clean, messageSink: { heard: false } },
      'blind instrument',
      /message sink.* published last/,
    ],
    [
      'no message names its request',
      { ...clean, messageSink: { heard: true, unreadable: '24 came, and none names it' } },
      'blind instrument',
      /application’s messages: 24 came, and none names it$/,
    ],
    [
      'the containers’ clock was set',
      { ...clean, clock: { aheadMs: 0, uncertaintyMs: 2, movedMs: -3000 } },
      'blind instrument',
      /clock moved by -3 s/,
    ],
    [
      'the containers’ clock could hardly be read',
      { ...clean, clock: { aheadMs: 0, uncertaintyMs: 150, movedMs: 0 } },
      'blind instrument',
      /clock .*150 ms/,
    ],
    [
      'the name of a connection has no process id',
      { ...clean, application: { ...clean.application, connectionName: /^orders-(?<pid>\d+)$/ } },
      'blind instrument',
      /“mod_wsgi:16:\S+”.* no process id/,
    ],
    [
      'a request was sent late',
      {
        ...clean,
        requests: clean.requests.map((it, index) => (index === 3 ? { ...it, sentAt: it.dueAt + 251 } : it)),
      },
      'late traffic',
      /251 ms after it was due.* 250 ms/,
    ],
    [
      'no request was answered',
      { ...clean, requests: clean.requests.map(({ status, ...it }) => it) },
      'no answer',
      /^no request was answered$/,
    ],
    [
      'no request was answered, and the server’s error log says why',
      {
        ...clean,
        requests: clean.requests.map(({ status, ...it }) => it),
        serverErrorLog: {
          ...clean.serverErrorLog,
          lines: [
            ...clean.serverErrorLog.lines,
            'Traceback (most recent call last):',
            '  File "x.py", line 1, in <module>',
            'amqp.exceptions.PreconditionFailed: (406) inequivalent arg',
          ],
        },
      },
      'no answer',
      /: amqp\.exceptions\.PreconditionFailed: \(406\) inequivalent arg$/,
    ],
    [
      'a heartbeat error matches no drop in the broker’s log',
      { ...reproduced, brokerLog: { lines: ['nothing'], endMark: 1 } },
      'unmatched line',
      /^16 lines /,
    ],
    [
      'a request logs a lost connection that matches no drop',
      logging(
        dropped,
        '2026-11-24 13:40:30.000 21 ERROR oslo.messaging._drivers.impl_rabbit [-] [1] AMQP server on broker:5672 is unreachable: [Errno 104] Connection reset by peer. Trying again in 1 seconds.',
      ),
      'unmatched line',
      /^1 line .* is unreachable: /,
    ],
    [
      'the heartbeat logs a lost connection in unknown words',
      rewording(reproduced, 'A recoverable connection/channel error occurred', 'The broker went away'),
      'unknown line',
      /16 lines .*: .*The broker went away/,
    ],
    [
      'the client lost a connection in a window without drops',
      ending('warning', 'client unexpectedly closed TCP connection'),
      'connection ended',
      /1 connection .*: mod_wsgi:16:\S+: lost by the client \d+ ms after it was opened$/,
    ],
    [
      'the client closed a connection although its pool keeps connections',
      ending('info', ''),
      'connection ended',
      /: closed by the client \d+ ms after it was opened$/,
    ],
    [
      'a connection ended in an unknown way',
      ending('error', '{socket_error,timeout}'),
      'connection ended',
      /: other \d+ ms after it was opened$/,
    ],
    [
      'the capture has no frame of a connection in the broker’s log',
      { ...reproduced, capture: { lines: [''], endMark: 1 } },
      'frames disagree',
      /: no frame from its client/,
    ],
    [
      'the capture has only the broker’s frames',
      {
        ...clean,
        capture: {
          lines: clean.capture.lines.map((line) => (line.split('\t')[2] === '5672' ? line : '')),
          endMark: clean.capture.endMark,
        },
      },
      'frames disagree',
      /: mod_wsgi:16:\S+: no frame from its client/,
    ],
    [
      'a process with a connection did not report its heartbeat',
      reporting(clean, () => ({ connections: [] })),
      'heartbeat not confirmed',
      /process 16 .* heartbeat/,
    ],
    [
      'the window was clean, and a process wrote no marker after it',
      { ...clean, applicationLog: without(clean.applicationLog, 'after', pid) },
      'logger not proven',
      /process 16 .*application’s log after the window/,
    ],
    [
      'there were drops but no heartbeat error, and a process wrote no marker after the window',
      { ...dropped, applicationLog: without(dropped.applicationLog, 'after', 24) },
      'logger not proven',
      /process 24 .*application’s log after the window/,
    ],
    [
      'the window was clean, but requests were lost',
      {
        ...clean,
        requests: clean.requests.map((it, index) => (index === 3 ? { ...it, status: 500 } : it)),
      },
      'requests lost',
      /^1 of 24 requests /,
    ],
    [
      'the window was clean, and no drop was seen after it either',
      { ...clean, afterClean: { dropSeen: false, waitedMs: 8000, livedWithoutTraffic: false } },
      'no drop seen',
      /instruments.* no drop/,
    ],
    [
      'the window was clean, and nobody looked for a drop after it',
      (({ afterClean, ...it }) => it)(clean),
      'no drop seen',
      /instruments.* no drop/,
    ],
  ])('%s', ([, seen, cause, reason]) => {
    expect(verdictOf(seen)).toEqual({
      kind: 'inconclusive',
      cause,
      reason: expect.stringMatching(reason),
    });
  });
});

describe('the verdict is', () => {
  test('reproduced without a marker after the window: the error itself proves that the log was live', () => {
    const applicationLog = without(reproduced.applicationLog, 'after', 17);
    expect(verdictOf({ ...reproduced, applicationLog })).toEqual({ kind: 'reproduced' });
  });

  test('clean if the client closed a connection that its pool was told to close', () => {
    const { deployment, ...rest } = ending('info', '');
    const seen = reporting(
      { ...rest, deployment: { ...deployment, poolTtlSeconds: 3 } },
      ({ application }) => ({ application: { ...application, pool_ttl: 3 } }),
    );
    expect(verdictOf(seen)).toEqual({ kind: 'clean' });
  });

  test('dropped if the heartbeat’s logger wrote only known lines about something else', () => {
    const known =
      'INFO oslo.messaging._drivers.impl_rabbit [-] [1] Reconnected to AMQP server on broker:5672';
    expect(verdictOf(logging(dropped, `2026-11-24 13:40:43.960 21 ${known}`))).toEqual({ kind: 'dropped' });
  });

  test('reproduced or dropped even if requests were lost', () => {
    const losing = (seen: Observation): Observation => ({
      ...seen,
      requests: seen.requests.map((it, index) => (index === 3 ? { ...it, status: 500 } : it)),
    });
    expect([reproduced, dropped].map((seen) => verdictOf(losing(seen)).kind)).toEqual([
      'reproduced',
      'dropped',
    ]);
  });

  test('dropped even if a process without a connection reports no heartbeat', () => {
    const idle = dropped.server.processes.filter(({ connections }) => connections.length === 0);
    expect(idle).toHaveLength(1);
    expect(verdictOf(dropped)).toEqual({ kind: 'dropped' });
  });
});

test('heartbeat errors before the first AMQP request are counted apart', () => {
  const { applicationLog } = reproduced;
  const error = applicationLog.lines.find((line) => line.includes('A recoverable connection')) as string;
  const later = ({ pids, first = 0, last = 0 }: MarkedLog['before']) => ({
    pids,
    first: first + 1,
    last: last + 1,
  });
  const evidence = evidenceOf({
    ...reproduced,
    applicationLog: {
      lines: [error, ...applicationLog.lines],
      before: later(applicationLog.before),
      after: later(applicationLog.after),
    },
  });
  expect(evidence.heartbeatErrorsBefore).toBe(1);
  expect(evidence.heartbeatErrors).toEqual(evidenceOf(reproduced).heartbeatErrors);
});
