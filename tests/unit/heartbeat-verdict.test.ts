import { describe, expect, test } from 'vitest';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import type { MarkedLog, Observation } from '../../helpers/evidence/observation.ts';
import type { DriverConnection, ProcessReport } from '../../helpers/evidence/process-report.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import { recorded } from './recorded/index.ts';

const verdictOf = (seen: Observation) => heartbeatVerdict(seen.deployment, seen.scenario, evidenceOf(seen));

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

/** A log that lacks the mark of one process. */
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

describe('what was recorded', () => {
  test.for([
    ['prefork-8', { kind: 'reproduced' }],
    ['prefork-8-2019', { kind: 'reproduced' }],
    ['event-8x25', { kind: 'dropped' }],
    ['event-1x25', { kind: 'clean' }],
  ] as const)('%s', ([name, verdict]) => {
    expect(verdictOf(recorded(name))).toEqual(verdict);
  });
});

describe('inconclusive, with the cause and the reason', () => {
  const pid = clean.server.processes[0]?.pid;

  test.for<[string, Observation, Cause, string | RegExp]>([
    [
      'another MPM is loaded',
      serving(clean, { modules: ['mpm_prefork_module'] }),
      'another server',
      'the server is not what the deployment says: apachectl -M lists mpm_prefork_module, expected mpm_event_module',
    ],
    [
      'two MPMs are loaded',
      serving(clean, { modules: ['mpm_event_module', 'mpm_prefork_module'] }),
      'another server',
      /apachectl -M lists mpm_event_module and mpm_prefork_module/,
    ],
    [
      'another release of Debian than the row names',
      { ...clean, deployment: { ...clean.deployment, release: 'bookworm' } },
      'another server',
      'the server is not what the deployment says: Debian trixie, expected bookworm',
    ],
    [
      'another release of Debian than the image was asked to be of',
      serving(clean, { imageRelease: 'bullseye' }),
      'another server',
      /: Debian trixie, expected bullseye$/,
    ],
    ['no report', serving(clean, { processes: [] }), 'another server', /its processes gave no report/],
    [
      'fewer processes than said',
      serving(reproduced, { processes: reproduced.server.processes.slice(1) }),
      'another server',
      /processes that answered 7, expected 8/,
    ],
    [
      'a process that is not patched',
      reporting(clean, () => ({ patched: false })),
      'another server',
      /: patched false, expected true$/,
    ],
    [
      'a log that another library writes',
      reporting(clean, ({ logging }) => ({
        logging: { ...logging, handlers: [{ formatter: 'logging.Formatter', lock: '_thread.RLock' }] },
      })),
      'another server',
      /: log written by stdlib, expected oslo\.log$/,
    ],
    [
      'a green heartbeat where a native one was asked for, of a library that does not know the option',
      beating(
        { ...clean, deployment: { ...clean.deployment, heartbeatThread: 'native' } },
        { option: false },
      ),
      'another server',
      'the server is not what the deployment says: heartbeat thread green, expected native: this oslo.messaging has no heartbeat_in_pthread and ignores it without a word',
    ],
    [
      'a heartbeat that runs on a thread of its own and is called green',
      beating(clean, { runsOn: 9999 }),
      'another server',
      /: thread that the heartbeat runs on native, expected green$/,
    ],
    [
      'today’s loop where that of 2019 was asked for',
      { ...clean, deployment: { ...clean.deployment, messaging: '2019' } },
      'another server',
      /: heartbeat loop distro, expected 2019$/,
    ],
    [
      'the loop of 2019 at today’s rate',
      beating(recorded('prefork-8-2019'), { heartbeatRate: 3 }),
      'another server',
      /: heartbeat_rate 3, expected 2$/,
    ],
    [
      'a heartbeat of another length',
      beating(clean, { heartbeatTimeoutThreshold: 60 }),
      'another server',
      /: heartbeat_timeout_threshold 60, expected 1$/,
    ],
    [
      'the application’s log lacks a mark from before the first request',
      { ...clean, applicationLog: without(clean.applicationLog, 'before', pid) },
      'blind instrument',
      `the application’s log, before the first AMQP request, shows no mark of process ${pid}, which was asked to leave one: what it does not show says nothing`,
    ],
    [
      'the server’s error log lacks a mark from before the first request',
      { ...reproduced, serverErrorLog: without(reproduced.serverErrorLog, 'before', 17) },
      'blind instrument',
      /^the server’s error log, before the first AMQP request, shows no mark of process 17, /,
    ],
    [
      'the server’s error log lacks a mark that the application’s log has',
      { ...reproduced, serverErrorLog: without(reproduced.serverErrorLog, 'after', 17) },
      'blind instrument',
      /^the server’s error log, after the window, shows no mark of process 17, /,
    ],
    [
      'the reader of the application’s log complained, though it found its marks',
      { ...clean, applicationLog: { ...clean.applicationLog, complaint: 'tail: file truncated' } },
      'blind instrument',
      'the application’s log was disturbed while it was read: tail: file truncated',
    ],
    [
      'the reader of the server’s error log complained',
      { ...clean, serverErrorLog: { ...clean.serverErrorLog, complaint: 'the stream ended' } },
      'blind instrument',
      'the server’s error log was disturbed while it was read: the stream ended',
    ],
    [
      'the broker’s log was not read to its end',
      { ...reproduced, brokerLog: { ...reproduced.brokerLog, endMark: undefined } },
      'blind instrument',
      /^the broker’s log could not be read to its end$/,
    ],
    [
      'the reader of the broker’s log complained',
      { ...reproduced, brokerLog: { ...reproduced.brokerLog, complaint: 'tail: file truncated' } },
      'blind instrument',
      'the broker’s log was disturbed while it was read: tail: file truncated',
    ],
    [
      'the capture was not read to its end',
      { ...clean, capture: { ...clean.capture, endMark: undefined, complaint: 'tshark: no permission' } },
      'blind instrument',
      'the capture of the frames could not be read to its end: tshark: no permission',
    ],
    [
      'the broker was restarted',
      { ...clean, conductor: { lost: 'CONNECTION_FORCED', heard: false } },
      'blind instrument',
      'the conductor lost the broker: CONNECTION_FORCED',
    ],
    [
      'the conductor did not hear the last message',
      { ...clean, conductor: { heard: false } },
      'blind instrument',
      'the conductor did not get a message that the suite published last',
    ],
    [
      'the messages name no request',
      { ...clean, conductor: { heard: true, unreadable: '24 came, and none names it' } },
      'blind instrument',
      'the conductor could not read the application’s messages: 24 came, and none names it',
    ],
    [
      'the containers’ clock was set',
      { ...clean, clock: { aheadMs: 0, uncertaintyMs: 2, movedMs: -3000 } },
      'blind instrument',
      'the containers’ clock moved by -3 s against this machine’s during the run: requests cannot be matched with the logs',
    ],
    [
      'the containers’ clock could hardly be read',
      { ...clean, clock: { aheadMs: 0, uncertaintyMs: 150, movedMs: 0 } },
      'blind instrument',
      'the containers’ clock could only be read to 150 ms: requests cannot be matched with the logs',
    ],
    [
      'a connection whose name says no process',
      { ...clean, application: { ...clean.application, connectionName: /^orders-(?<pid>\d+)$/ } },
      'blind instrument',
      /^the application opened a connection named “mod_wsgi:16:\S+”, and no process id can be read in that$/,
    ],
    [
      'traffic was late',
      {
        ...clean,
        requests: clean.requests.map((it, index) => (index === 3 ? { ...it, sentAt: it.dueAt + 251 } : it)),
      },
      'late traffic',
      /a request left 251 ms after it was due, the bound is 250 ms/,
    ],
    [
      'nothing was answered',
      { ...clean, requests: clean.requests.map(({ status, ...it }) => it) },
      'no answer',
      'no request was answered',
    ],
    [
      'nothing was answered, and the server’s error log says why',
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
      'no request was answered; its log has: amqp.exceptions.PreconditionFailed: (406) inequivalent arg',
    ],
    [
      'an error matches no drop: the broker’s log says nothing of it',
      { ...reproduced, brokerLog: { lines: ['nothing'], endMark: 1 } },
      'unmatched line',
      /^16 lines of a lost connection match no connection that the broker dropped: /,
    ],
    [
      'a request says that it met a dead connection, and the broker dropped none before it',
      logging(
        dropped,
        '2026-11-24 13:40:30.000 21 ERROR oslo.messaging._drivers.impl_rabbit [-] [1] AMQP server on broker:5672 is unreachable: [Errno 104] Connection reset by peer. Trying again in 1 seconds.',
      ),
      'unmatched line',
      /^1 line of a lost connection match no connection that the broker dropped: .* is unreachable: /,
    ],
    [
      'the heartbeat logs a lost connection in words that no known release has',
      rewording(reproduced, 'A recoverable connection/channel error occurred', 'The broker went away'),
      'unknown line',
      /^the heartbeat’s logger wrote 16 lines beside a dropped connection that no known form matches, .*: .*The broker went away/,
    ],
    [
      'a connection that the client lost in a window without drops',
      ending('warning', 'client unexpectedly closed TCP connection'),
      'connection ended',
      /^the broker dropped nothing, but 1 connection ended in another way: mod_wsgi:16:\S+: lost by the client \d+ ms after it was opened$/,
    ],
    [
      'a connection that the client closed, where its pool keeps connections',
      ending('info', ''),
      'connection ended',
      /: closed by the client \d+ ms after it was opened$/,
    ],
    [
      'a connection that ended in a way that nobody knows',
      ending('error', '{socket_error,timeout}'),
      'connection ended',
      /: other \d+ ms after it was opened$/,
    ],
    [
      'a connection of the broker’s log has no frame in the capture',
      { ...reproduced, capture: { lines: [''], endMark: 1 } },
      'frames disagree',
      /^the frames and the broker’s log do not agree: .*: no frame from its client was captured/,
    ],
    [
      'the capture has the broker’s frames only',
      {
        ...clean,
        capture: {
          lines: clean.capture.lines.map((line) => (line.split('\t')[2] === '5672' ? line : '')),
          endMark: clean.capture.endMark,
        },
      },
      'frames disagree',
      /: mod_wsgi:16:\S+: no frame from its client was captured$/,
    ],
    [
      'a process with a connection does not say what heartbeat it has',
      reporting(clean, () => ({ connections: [] })),
      'heartbeat not confirmed',
      /^process 16 opened an AMQP connection, and did not say what heartbeat it has: /,
    ],
    [
      'a clean window, and a process that left no mark after it',
      { ...clean, applicationLog: without(clean.applicationLog, 'after', pid) },
      'logger not proven',
      /^the application’s log, after the window, shows no mark of process 16, /,
    ],
    [
      'drops without a heartbeat error, and a process that left no mark after the window',
      { ...dropped, applicationLog: without(dropped.applicationLog, 'after', 24) },
      'logger not proven',
      /^the application’s log, after the window, shows no mark of process 24, /,
    ],
    [
      'a clean window in which requests were lost',
      {
        ...clean,
        requests: clean.requests.map((it, index) => (index === 3 ? { ...it, status: 500 } : it)),
      },
      'requests lost',
      '1 of 24 requests were lost: the traffic was not what would have kept, or killed, a connection',
    ],
    [
      'a clean window, and then no drop either',
      { ...clean, afterClean: { dropSeen: false, waitedMs: 8000, livedWithoutTraffic: false } },
      'no drop seen',
      /the instruments then saw no drop either/,
    ],
    [
      'a clean window, and the instruments were not asked',
      (({ afterClean, ...it }) => it)(clean),
      'no drop seen',
      /the instruments then saw no drop either/,
    ],
  ])('%s', ([, seen, cause, reason]) => {
    expect(verdictOf(seen)).toEqual({
      kind: 'inconclusive',
      cause,
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    });
  });
});

describe('a verdict stands', () => {
  test('reproduced: what the log shows needs no mark after the window', () => {
    const applicationLog = without(reproduced.applicationLog, 'after', 17);
    expect(verdictOf({ ...reproduced, applicationLog })).toEqual({ kind: 'reproduced' });
  });

  test('clean, where the client closed a connection that its pool was told to close', () => {
    const { deployment, ...rest } = ending('info', '');
    const seen = reporting(
      { ...rest, deployment: { ...deployment, poolTtlSeconds: 3 } },
      ({ application }) => ({ application: { ...application, pool_ttl: 3 } }),
    );
    expect(verdictOf(seen)).toEqual({ kind: 'clean' });
  });

  test('dropped, where the heartbeat’s logger says only what is known to be something else', () => {
    const known =
      'INFO oslo.messaging._drivers.impl_rabbit [-] [1] Reconnected to AMQP server on broker:5672';
    expect(verdictOf(logging(dropped, `2026-11-24 13:40:43.960 21 ${known}`))).toEqual({ kind: 'dropped' });
  });

  test('reproduced and dropped, where requests were lost: that is a fact beside it', () => {
    const losing = (seen: Observation): Observation => ({
      ...seen,
      requests: seen.requests.map((it, index) => (index === 3 ? { ...it, status: 500 } : it)),
    });
    expect([reproduced, dropped].map((seen) => verdictOf(losing(seen)).kind)).toEqual([
      'reproduced',
      'dropped',
    ]);
  });

  test('a process without a connection has no heartbeat to confirm', () => {
    const idle = dropped.server.processes.filter(({ connections }) => connections.length === 0);
    expect(idle).toHaveLength(1);
    expect(verdictOf(dropped)).toEqual({ kind: 'dropped' });
  });
});

test('a heartbeat error before the first AMQP request is no error of the window', () => {
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
