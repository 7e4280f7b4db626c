import { z } from 'zod';
import { routes } from '../applications/routes.ts';
import type { Frozen } from '../config/frozen.ts';
import { debianReleases } from '../config/options.ts';
import { epoch, milliseconds, pid, wholeNumber } from '../config/quantities.ts';
import { connectionEnds } from './broker-log.ts';
import { processReportSchema } from './process-report.ts';

// The facts of a cell, with units. Both the types and the JSON Schema of results.json are derived from these.

export const serverSchema = z
  .strictObject({
    modules: z.array(z.string()).describe('as its own program lists them, e.g. apachectl -M'),
    imageRelease: z.enum(debianReleases).describe('the Debian release that was requested for its image'),
    versions: z
      .record(z.string(), z.string().nullable())
      .describe('as the processes report them; several in one string if they differ'),
    processes: z.array(processReportSchema).describe('the latest report of each process that answered'),
  })
  .describe('the server as it was found')
  .meta({ id: 'server' });
/** The server as it was found. */
export type ServerFacts = Frozen<z.infer<typeof serverSchema>>;

const loggedLine = z.strictObject({
  line: z.string(),
  pid,
  at: epoch.describe('milliseconds since 1970-01-01 UTC, by the clock of the containers’ machine'),
  drop: z
    .strictObject({ connection: z.string(), at: epoch, lines: z.array(z.string()) })
    .optional()
    .describe('the dropped connection, and the broker’s lines about it; missing: no drop matches'),
});
/** A line of the application's log about a lost connection, and the drop that matches it. */
export type LostConnectionLine = Frozen<z.infer<typeof loggedLine>>;

/** What logs a drop first in the application's log, if anything does before the window ends. */
export const loggers = ['heartbeat', 'request', 'nobody'] as const;
export type LoggedBy = (typeof loggers)[number];

const drop = z.strictObject({
  connection: z.string().describe('its name'),
  pid: pid.optional(),
  at: epoch,
  lines: z.array(z.string()).describe('of the broker’s log'),
  loggedBy: z.enum(loggers).describe('what logged it first in the application’s log'),
  loggedAt: epoch.optional(),
});
/** A connection of the application that the broker closed because of missed heartbeats. */
export type Drop = Frozen<z.infer<typeof drop>>;

const packet = z.strictObject({
  at: epoch,
  from: z.enum(['client', 'broker']),
  heartbeat: z.boolean().describe('all its frames are heartbeats'),
  text: z.string().describe('tshark’s description'),
});

const amqpConnection = z.strictObject({
  name: z.string().describe('as the client gave it; a reconnect keeps the name'),
  pid: pid.optional().describe('missing: its name has none'),
  openedAt: epoch,
  endedAt: epoch.optional().describe('missing: it was open at the end of the window'),
  ended: z.enum(connectionEnds).optional(),
  packets: z.array(packet).describe('captured at the broker'),
  heartbeats: wholeNumber.describe('heartbeat frames from the client'),
  longestSilenceMs: milliseconds.describe(
    'the longest time without a frame from the client that the connection survived: not the one before a drop',
  ),
  silenceAtEndMs: milliseconds.describe(
    'how long the client had been silent when the connection, or the window, ended',
  ),
});
/** An AMQP connection of the deployment, from the broker's log and the captured frames. */
export type AmqpConnection = Frozen<z.infer<typeof amqpConnection>>;

const requestFact = z.strictObject({
  id: z.string(),
  path: z.string(),
  sentAt: epoch,
  endedAt: epoch,
  status: wholeNumber.optional().describe('missing: no answer came'),
  failure: z.string().optional(),
  pid: pid.optional().describe('the process that answered, as it reports itself'),
  thread: wholeNumber.optional().describe('the native thread'),
  reconnected: z
    .literal(true)
    .optional()
    .describe('its process logged that the broker is unreachable for this request'),
});
/** One request of the traffic, by the clock of the containers' machine. */
export type RequestFact = Frozen<z.infer<typeof requestFact>>;

const reading = z.strictObject({
  lines: wholeNumber,
  readToEnd: z.boolean().describe('whether the reader found the marker that the suite had written last'),
  complaint: z.string().optional().describe('error message of the program that reads'),
});

const markedReading = z.strictObject({
  lines: wholeNumber,
  markerBefore: z.array(pid).describe('processes whose marker before the first AMQP request was found'),
  markerAfter: z.array(pid).describe('processes whose marker after the window was found'),
  complaint: z.string().optional().describe('error message of the program that reads'),
});

const clock = z
  .strictObject({
    aheadMs: milliseconds.describe(
      'milliseconds that it was ahead of the suite’s machine before the window; all times here include it',
    ),
    uncertaintyMs: milliseconds.describe('milliseconds by which the two others may be wrong'),
    movedMs: milliseconds.describe(
      'milliseconds that it had moved further ahead when the logs had been read',
    ),
  })
  .describe('the clock of the containers’ machine, which all times here use');

/** The schema of {@link Evidence}. */
export const evidenceSchema = z.strictObject({
  server: serverSchema,
  clock: clock.optional(),
  heartbeatErrorsBefore: wholeNumber.describe('in the application’s log, before the first AMQP request'),
  heartbeatErrors: z.array(loggedLine).describe('from the first AMQP request to the end of the window'),
  unreachableLines: z
    .array(loggedLine)
    .describe('lines in which a request logs that it met a dead connection'),
  otherLoggers: z
    .array(z.string())
    .optional()
    .describe('loggers of heartbeat errors that are not the heartbeat’s logger of the application’s record'),
  unknownLines: z
    .array(z.string())
    .optional()
    .describe(
      'lines of the heartbeat’s logger near a drop that match no known form; missing: nobody looked for them',
    ),
  brokerDrops: z.array(drop).describe('connections that the broker closed because of missed heartbeats'),
  connections: z.strictObject({
    opened: wholeNumber.describe('in all, by the broker’s log'),
    all: z.array(amqpConnection),
  }),
  requests: z.strictObject({
    sent: wholeNumber,
    answered: wholeNumber.describe('with a status of 2xx'),
    failed: z.array(z.string()).describe('anything else, a line each'),
    slowedMs: z
      .array(milliseconds)
      .describe(
        'durations of requests with a logged reconnect that took at least as long as a reconnect: a second with oslo.messaging',
      ),
    slowOtherwiseMs: z.array(milliseconds).describe('durations of other requests that took a second or more'),
    latestMs: milliseconds.describe('the longest time from when a request was due to when it was sent'),
    medianMs: milliseconds,
    medianMsOf: z
      .partialRecord(z.enum(routes), milliseconds)
      .optional()
      .describe('of the answers on each route; missing: routes were not distinguished'),
    maxMs: milliseconds,
    perProcess: z.record(z.string(), wholeNumber).describe('requests by process id'),
    onHeartbeatOwner: wholeNumber.describe(
      'requests on a native thread that had already started a heartbeat',
    ),
    all: z.array(requestFact),
  }),
  workers: z.strictObject({
    unanswered: wholeNumber.describe('requests without an answer within their time limit'),
    crossThreadErrors: wholeNumber.describe(
      '“cannot switch to a different thread” in the server’s error log',
    ),
    stacks: z
      .array(z.strictObject({ pid, frames: z.array(z.string()) }))
      .describe('Python frames of native threads, innermost first; only if a request was not answered'),
  }),
  messages: z.strictObject({
    expected: wholeNumber.describe('from requests that publish and were answered with a status of 2xx'),
    arrived: wholeNumber.describe('of the expected ones'),
    publishing: wholeNumber
      .optional()
      .describe('requests that publish and were answered with a status of 2xx'),
    withMore: wholeNumber
      .optional()
      .describe('requests from which more messages arrived than the application’s record declares'),
    lost: z
      .array(z.string())
      .describe('request ids; for a request with several messages, also how many of them arrived'),
  }),
  notAllowed: z.array(z.string()).describe('lines at error level, and tracebacks, that are not allowed'),
  applicationLog: markedReading,
  serverErrorLog: markedReading,
  brokerLog: reading,
  capture: reading.describe('of the packets at the broker'),
  messageSink: z
    .strictObject({
      lost: z.string().optional().describe('why its connection to the broker ended'),
      unreadable: z.string().optional().describe('why the messages that it received could not be read'),
      heard: z.boolean().describe('whether it received the message that the suite published last'),
    })
    .describe('the suite’s consumer, which counts the messages that arrive'),
  afterClean: z
    .strictObject({
      dropSeen: z.boolean(),
      waitedMs: milliseconds,
      livedWithoutTraffic: z
        .boolean()
        .describe('the connection outlived the broker’s patience, so the container was paused'),
    })
    .optional()
    .describe('after a clean window: whether the same instruments saw the drop that had to follow'),
  timings: z.record(z.string(), milliseconds).describe('of each step of the cell'),
});

/** Observed facts with units, as plain data. */
export type Evidence = Frozen<z.infer<typeof evidenceSchema>>;
/** How far a log with the markers of processes was read. */
export type MarkedReading = Evidence['applicationLog'];
