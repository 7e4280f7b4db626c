import { z } from 'zod';
import { routes } from '../applications/routes.ts';
import type { Frozen } from '../config/frozen.ts';
import { debianReleases } from '../config/options.ts';
import { connectionEnds } from './broker-log.ts';
import { processReportSchema } from './process-report.ts';

// The facts of a cell, each with its unit. Types and the JSON Schema of results.json both come from here.

const count = z.int().min(0);
const pid = count.describe('process id in the server’s container');
const milliseconds = z.number().describe('milliseconds');
const epoch = z.number().describe('milliseconds since 1970-01-01 UTC');

export const serverSchema = z
  .strictObject({
    modules: z.array(z.string()).describe('that its own program lists, e.g. apachectl -M'),
    imageRelease: z.enum(debianReleases).describe('the Debian release that its image was asked to be of'),
    versions: z
      .record(z.string(), z.string().nullable())
      .describe('by the processes’ own word; several in one string where they differ'),
    processes: z.array(processReportSchema).describe('each that answered, as it was last asked'),
  })
  .describe('what the server is, as it was found')
  .meta({ id: 'server' });
export type ServerFacts = Frozen<z.infer<typeof serverSchema>>;

const loggedLine = z.strictObject({
  line: z.string(),
  pid,
  at: epoch.describe('milliseconds since 1970-01-01 UTC, by the clock of the containers’ machine'),
  drop: z
    .strictObject({ connection: z.string(), at: epoch, lines: z.array(z.string()) })
    .optional()
    .describe('the connection that the broker had dropped, and the broker’s lines; missing: no drop matches'),
});
/** A line of the application's log that tells of a lost connection, and the drop that it tells of. */
export type LostConnectionLine = Frozen<z.infer<typeof loggedLine>>;

/** Who told of a drop in the application's log: the first line after it, or nobody until the window's end. */
export const loggers = ['heartbeat', 'request', 'nobody'] as const;
export type LoggedBy = (typeof loggers)[number];

const drop = z.strictObject({
  connection: z.string().describe('its name'),
  pid: pid.optional(),
  at: epoch,
  lines: z.array(z.string()).describe('of the broker’s log'),
  loggedBy: z.enum(loggers).describe('who told of it first in the application’s log'),
  loggedAt: epoch.optional(),
});
/** A connection of the application that the broker closed for missed heartbeats, and who told of it. */
export type Drop = Frozen<z.infer<typeof drop>>;

const packet = z.strictObject({
  at: epoch,
  from: z.enum(['client', 'broker']),
  heartbeat: z.boolean().describe('all its frames are heartbeats'),
  text: z.string().describe('what tshark reads in it'),
});
/** A packet with AMQP frames. */
export type Packet = Frozen<z.infer<typeof packet>>;

const amqpConnection = z.strictObject({
  name: z.string().describe('as the client gave it; the same one after a reconnect'),
  pid: pid.optional().describe('missing: its name says none'),
  openedAt: epoch,
  endedAt: epoch.optional().describe('missing: it was open at the end of the window'),
  ended: z.enum(connectionEnds).optional(),
  packets: z.array(packet).optional().describe('captured at the broker; missing: they were not kept'),
  heartbeats: count.describe('heartbeat frames from the client'),
  longestSilenceMs: milliseconds.describe(
    'the longest that the broker heard nothing from the client, up to the connection’s end',
  ),
  silenceAtEndMs: milliseconds.describe('when the connection, or the window, ended'),
});
/** An AMQP connection of the deployment: what the broker's log says of it, and the frames that were captured. */
export type AmqpConnection = Frozen<z.infer<typeof amqpConnection>>;

const requestFact = z.strictObject({
  id: z.string(),
  path: z.string(),
  sentAt: epoch,
  endedAt: epoch,
  status: count.optional().describe('missing: no answer came'),
  failure: z.string().optional(),
  pid: pid.optional().describe('the process that answered, by its own word'),
  thread: count.optional().describe('the native thread'),
  reconnected: z
    .literal(true)
    .optional()
    .describe('its process logged for it that the broker is unreachable'),
});
/** One request of the traffic, by the clock of the containers' machine. */
export type RequestFact = Frozen<z.infer<typeof requestFact>>;

const reading = z.strictObject({
  lines: count,
  readToEnd: z.boolean().describe('whether the line that was left last, on purpose, was found'),
  complaint: z.string().optional().describe('of the program that reads'),
});

const markedReading = z.strictObject({
  lines: count,
  markerBefore: z.array(pid).describe('processes whose marker before the first AMQP request was found'),
  markerAfter: z.array(pid).describe('processes whose marker after the window was found'),
  complaint: z.string().optional().describe('of the program that reads'),
});

const clock = z
  .strictObject({
    aheadMs: milliseconds.describe(
      'milliseconds by which it was ahead of the clock of the suite’s machine before the window; already in all times',
    ),
    uncertaintyMs: milliseconds.describe('milliseconds by which the two others may be wrong'),
    movedMs: milliseconds.describe('milliseconds by which it was further ahead when the logs had been read'),
  })
  .describe('the clock of the containers’ machine, which all times here go by');

export const evidenceSchema = z.strictObject({
  server: serverSchema,
  clock: clock.optional(),
  heartbeatErrorsBefore: count.describe('in the application’s log, before the first AMQP request'),
  heartbeatErrors: z.array(loggedLine).describe('from the first AMQP request to the end of the window'),
  unreachableLines: z
    .array(loggedLine)
    .describe('lines in which a request says that it met a dead connection'),
  unknownLines: z
    .array(z.string())
    .optional()
    .describe(
      'lines of the heartbeat’s logger beside a dropped connection that no known form matches; missing: it was not looked for them',
    ),
  brokerDrops: z.array(drop).describe('connections that the broker closed for missed heartbeats, by its log'),
  connections: z.strictObject({
    opened: count.describe('in all, by the broker’s log'),
    all: z.array(amqpConnection),
  }),
  requests: z.strictObject({
    sent: count,
    answered: count.describe('with a status of 2xx'),
    failed: z.array(z.string()).describe('anything else, a line each'),
    slowedMs: z
      .array(milliseconds)
      .describe(
        'of each request for which its process logged a reconnect, and that took as long as one takes at least: a second with oslo.messaging',
      ),
    slowOtherwiseMs: z.array(milliseconds).describe('of each other request that took a second or more'),
    latestMs: milliseconds.describe('the longest that a request was sent after it was due'),
    medianMs: milliseconds,
    medianMsOf: z
      .partialRecord(z.enum(routes), milliseconds)
      .optional()
      .describe('of the answers on each route; missing: they were not told apart'),
    maxMs: milliseconds,
    perProcess: z.record(z.string(), count).describe('requests by process id'),
    onHeartbeatOwner: count.describe(
      'requests on a native thread on which a heartbeat had been started before',
    ),
    all: z.array(requestFact).optional().describe('each of them; missing: they were not kept'),
  }),
  workers: z.strictObject({
    unanswered: count.describe('requests that were given up without an answer'),
    crossThreadErrors: count.describe('“cannot switch to a different thread” in the server’s error log'),
    stacks: z
      .array(z.strictObject({ pid, frames: z.array(z.string()) }))
      .describe(
        'native threads that stood in Python, innermost frame first; where a request was not answered',
      ),
  }),
  messages: z.strictObject({
    expected: count.describe('of requests that publish and were answered with a status of 2xx'),
    arrived: count,
    lost: z
      .array(z.string())
      .describe('request ids; with how many of its messages arrived where it publishes several'),
  }),
  notAllowed: z.array(z.string()).describe('lines at error level, and tracebacks, that nobody declared'),
  applicationLog: markedReading,
  serverErrorLog: markedReading,
  brokerLog: reading,
  capture: reading.describe('of the packets at the broker'),
  messageSink: z
    .strictObject({
      lost: z.string().optional().describe('why it and the broker lost each other'),
      unreadable: z.string().optional().describe('why the messages that came to it could not be read'),
      heard: z.boolean().describe('whether a message that the suite published last came to it'),
    })
    .describe('the other end of the application’s queue'),
  afterClean: z
    .strictObject({
      dropSeen: z.boolean(),
      waitedMs: milliseconds,
      livedWithoutTraffic: z
        .boolean()
        .describe(
          'it outlived the broker’s patience; then the container was paused, so that the drop had to come',
        ),
    })
    .optional()
    .describe('after a clean window: whether the same instruments saw the drop that had to come'),
  timings: z.record(z.string(), milliseconds).describe('of each step of the cell'),
});

/** What was observed: only facts, with units. Plain data. */
export type Evidence = Frozen<z.infer<typeof evidenceSchema>>;
export type MarkedReading = Evidence['applicationLog'];
