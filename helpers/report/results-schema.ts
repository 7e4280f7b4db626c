import { z } from 'zod';
import { servers } from '../config/deployment.ts';
import { scenarioNames } from '../config/scenario.ts';
import { connectionEnds } from '../evidence/broker-log.ts';
import { requestExpectations } from '../verdict/cell-record.ts';
import { RESULTS_VERSION, type Results } from './results.ts';
import { throughputCell } from './throughput-schema.ts';

const count = z.int().min(0);
const milliseconds = z.number().describe('milliseconds');
const epoch = z.number().describe('milliseconds since 1970-01-01 UTC');
const timings = z.record(z.string(), milliseconds);

const deployment = z.strictObject({
  server: z.enum(servers),
  mpm: z.enum(['prefork', 'event', 'worker']).optional().describe('httpd’s; uWSGI has none'),
  wsgi: z.enum(['embedded', 'daemon']),
  processes: count,
  threads: count.describe('native threads in each process'),
  concurrency: z.enum(['eventlet', 'threads']),
  heartbeatThread: z.enum(['green', 'native']),
  logging: z.enum(['oslo.log', 'stdlib']),
  messaging: z.enum(['distro', '2019']).describe('whose heartbeat loop runs'),
  heartbeatSeconds: z.number().describe('heartbeat_timeout_threshold, seconds'),
  databaseWaitSeconds: z.number().describe('what a request waits, yielding, before it uses AMQP; seconds'),
  cpus: z.number().optional().describe('CPUs’ worth of time that the container may use'),
  extraCpuMs: milliseconds.optional().describe('milliseconds of CPU time that each request is burdened with'),
  release: z.string().optional().describe('Debian release, where it is not the run’s'),
});

const scenario = z.strictObject({
  name: z.enum(scenarioNames),
  phases: z
    .array(
      z.strictObject({
        route: z.enum(['plain', 'amqp', 'yield', 'call']),
        requests: count,
        intervalMs: milliseconds.describe('from one request to the next, in an open loop'),
        atOnce: count.optional().describe('so many are due together; 1 where it is missing'),
        oneAtATime: z.literal(true).optional().describe('each waits until the one before has ended'),
      }),
    )
    .describe('one after the other'),
  answerLimitMs: milliseconds.describe('after which a request without an answer is given up'),
  latestMs: milliseconds.describe(
    'a request sent later than this after it was due makes the cell inconclusive',
  ),
});

const heartbeatKind = z.enum(['reproduced', 'silent', 'clean']);
const verdict = z.union([
  z.strictObject({ kind: heartbeatKind }),
  z.strictObject({ kind: z.literal('inconclusive'), reason: z.string() }),
]);

const reading = z.strictObject({
  lines: count,
  readToEnd: z.boolean().describe('whether the line that was left last, on purpose, was found'),
  complaint: z.string().optional(),
});

const server = z.strictObject({
  loadedMpms: z.array(z.string()).describe('as apachectl -M lists them'),
  report: z
    .looseObject({
      pid: count,
      server: z.string().nullable(),
      mpm: z.string().nullable(),
      processes: count.nullable(),
      threads: count.nullable(),
      patched: z.boolean(),
      versions: z.record(z.string(), z.string().nullable()),
    })
    .optional()
    .describe('what a process of the application says of itself'),
  processesSeen: count.describe('distinct process ids that answered'),
});

const loggedLine = z.strictObject({ line: z.string(), pid: count, at: epoch });

const amqpConnection = z.strictObject({
  name: z.string().describe('as the client gave it; the same one after a reconnect'),
  pid: count.optional(),
  openedAt: epoch,
  endedAt: epoch.optional().describe('missing: it was open at the end of the window'),
  ended: z.enum(connectionEnds).optional(),
  packets: z
    .array(
      z.strictObject({
        at: epoch,
        from: z.enum(['client', 'broker']),
        heartbeat: z.boolean().describe('all its frames are heartbeats'),
        text: z.string().describe('what tshark reads in it'),
      }),
    )
    .describe('packets with AMQP frames, captured at the broker'),
  heartbeats: count.describe('heartbeat frames from the client'),
  longestSilenceMs: milliseconds.describe('without a frame from the client'),
  silenceAtEndMs: milliseconds.describe('when the connection, or the window, ended'),
});

const evidence = z.strictObject({
  server,
  heartbeatErrorsBefore: count.describe('in the application’s log, before the first AMQP request'),
  heartbeatErrors: z.array(
    z.strictObject({
      line: z.string(),
      pid: count,
      at: epoch,
      drop: z
        .strictObject({ connection: z.string(), at: epoch, lines: z.array(z.string()) })
        .optional()
        .describe('the connection that the broker had dropped, and its lines'),
    }),
  ),
  unreachableLines: z
    .array(loggedLine)
    .describe('lines in which a request says that it met a dead connection'),
  brokerDrops: z
    .array(
      z.strictObject({
        connection: z.string(),
        pid: count.optional(),
        at: epoch,
        lines: z.array(z.string()),
      }),
    )
    .describe('connections that the broker closed for missed heartbeats, by its log'),
  connections: z.strictObject({
    opened: count.describe('in all, by the broker’s log'),
    established: count.describe('at the end, as ss counts them in the container'),
    listed: count.describe('at the end, as the broker lists them'),
    all: z.array(amqpConnection),
  }),
  requests: z.strictObject({
    sent: count,
    answered: count.describe('with status 200'),
    failed: z.array(z.string()),
    slowedMs: z.array(milliseconds).describe('of each request that a reconnect slowed'),
    latestMs: milliseconds.describe('the longest that a request was sent after it was due'),
    medianMs: milliseconds,
    maxMs: milliseconds,
    perProcess: z.record(z.string(), count).describe('requests by process id'),
    onHeartbeatOwner: count.describe(
      'requests on a native thread on which a heartbeat had been started before',
    ),
    all: z.array(
      z.strictObject({
        id: z.string(),
        path: z.string(),
        sentAt: epoch,
        endedAt: epoch,
        status: count.optional(),
        failure: z.string().optional(),
        pid: count.optional().describe('the process that answered, by its own word'),
        thread: count.optional().describe('the native thread'),
      }),
    ),
  }),
  workers: z.strictObject({
    unanswered: count.describe('requests that were given up without an answer'),
    crossThreadErrors: count.describe('“cannot switch to a different thread” in the server’s error log'),
    stacks: z
      .array(z.strictObject({ pid: count, frames: z.array(z.string()) }))
      .describe(
        'native threads that stood in Python, innermost frame first; where a request was not answered',
      ),
  }),
  messages: z.strictObject({
    expected: count.describe('requests that publish and were answered with 200'),
    arrived: count,
    lost: z.array(z.string()).describe('request ids'),
  }),
  undeclared: z.array(z.string()).describe('lines at error level, and tracebacks, that nobody declared'),
  applicationLog: reading,
  brokerLog: reading,
  capture: reading.describe('of the packets at the broker'),
  serverErrorLogReadable: z.boolean(),
  conductorLost: z.string().optional(),
  afterClean: z
    .strictObject({
      dropSeen: z.boolean(),
      waitedMs: milliseconds,
      livedWithoutTraffic: z
        .boolean()
        .describe('then the container was paused, so that the drop had to come'),
    })
    .optional()
    .describe('after a clean window: whether the same instruments saw the drop that had to come'),
  timings,
});

const cell = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('heartbeat'),
    deployment,
    scenario,
    expected: z.array(heartbeatKind).min(1).describe('the verdicts that are as they should be'),
    requestsExpected: z.enum(requestExpectations),
    why: z.string(),
    source: z.string().optional(),
    verdict,
    evidence: evidence.optional(),
    earlier: z.array(verdict).describe('of the first try, where it was inconclusive'),
  }),
  z.strictObject({
    kind: z.literal('connections'),
    deployment,
    established: count,
    listed: count,
    opened: count.optional(),
  }),
  z.strictObject({
    kind: z.literal('single ab'),
    deployment,
    command: z.string(),
    requestsPerSecond: z.number(),
    completeRequests: count,
    failedRequests: count,
    non2xxResponses: count,
  }),
  throughputCell(deployment, server),
]);

/** The form of reports/results.json; results.schema.json is made from it. */
export const resultsSchema = z.strictObject({
  version: z.literal(RESULTS_VERSION),
  startedAt: z.iso.datetime(),
  seconds: z.number().describe('from the start of the run to its end; of merged runs: the longest'),
  startUp: timings.describe('of each step before the first test; of merged runs: the longest of each'),
  times: z.enum(['compressed', 'production']),
  shards: z.int().min(2).optional().describe('runs that were merged into this one'),
  machine: z
    .strictObject({
      cpus: count.describe('that the suite may use; the containers have the same'),
      model: z.string().optional().describe('of the processor'),
      system: z.string().describe('as Node.js names it, e.g. linux x64'),
    })
    .optional(),
  claims: z.array(
    z.strictObject({
      sentence: z.string(),
      answer: z.enum(['holds', 'holds only where', 'does not hold', 'could not tell']),
      because: z.string(),
    }),
  ),
  tests: z.array(
    z.strictObject({
      file: z.string(),
      name: z.string(),
      state: z.enum(['passed', 'failed', 'skipped', 'pending']),
      milliseconds: z.number(),
      cell,
    }),
  ),
});

/** A results.json that cannot be read; the message is the one line to show. */
export class ResultsError extends Error {
  override readonly name = 'ResultsError';
}

/**
 * Reads what a run wrote.
 *
 * @throws ResultsError with one line for what is no JSON, and for another version or form.
 */
export function parseResults(text: string): Results {
  const content = decoded(text);
  const version = (content as { version?: unknown } | null)?.version;
  if (version !== RESULTS_VERSION) {
    throw new ResultsError(
      `results.json has version ${version}; this release reads version ${RESULTS_VERSION}`,
    );
  }
  const problem = formProblem(content);
  if (problem !== undefined)
    throw new ResultsError(`results.json has not the form of its schema: ${problem}`);
  return content as Results;
}

/** What of a value is not as the schema of results.json wants it, in one line, or undefined. */
export function formProblem(results: unknown): string | undefined {
  const parsed = resultsSchema.safeParse(results);
  if (parsed.success) return undefined;
  const issue = parsed.error.issues[0];
  return `${issue?.path.map(String).join('.') || 'the whole'}: ${issue?.message}`;
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ResultsError('results.json is not JSON');
  }
}

/** The JSON Schema (draft 2020-12) of results.json. */
export function resultsJsonSchema(): object {
  return z.toJSONSchema(resultsSchema);
}
