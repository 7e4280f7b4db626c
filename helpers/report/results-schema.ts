import { z } from 'zod';
import { RESULTS_VERSION, type Results } from './results.ts';
import { throughputCell } from './throughput-schema.ts';

const count = z.int().min(0);
const milliseconds = z.number().describe('milliseconds');
const epoch = z.number().describe('milliseconds since 1970-01-01 UTC');
const timings = z.record(z.string(), milliseconds);

const deployment = z.strictObject({
  mpm: z.enum(['prefork', 'event', 'worker']),
  wsgi: z.enum(['embedded', 'daemon']),
  processes: count,
  threads: count.describe('native threads in each process'),
  concurrency: z.enum(['eventlet', 'threads']),
  heartbeatThread: z.enum(['green', 'native']),
  messaging: z.enum(['distro', '2019']).describe('whose heartbeat loop runs'),
  heartbeatSeconds: z.number().describe('heartbeat_timeout_threshold, seconds'),
  databaseWaitSeconds: z.number().describe('what a request waits, yielding, before it uses AMQP; seconds'),
  cpus: z.number().optional().describe('CPUs’ worth of time that the container may use'),
  extraCpuMs: milliseconds.optional().describe('milliseconds of CPU time that each request is burdened with'),
  release: z.string().optional().describe('Debian release, where it is not the run’s'),
});

const scenario = z.strictObject({
  name: z.enum(['fresh', 'trickle', 'slow trickle', 'idle']),
  requests: count,
  intervalMs: milliseconds,
  latestMs: milliseconds.describe(
    'a request sent later than this after it was due makes the cell inconclusive',
  ),
});

const verdict = z.union([
  z.strictObject({ kind: z.enum(['reproduced', 'silent', 'clean']) }),
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

const evidence = z.strictObject({
  server,
  heartbeatErrorsBefore: count.describe('in the application’s log, before the first AMQP request'),
  heartbeatErrors: z.array(
    z.strictObject({
      line: z.string(),
      at: epoch,
      drop: z
        .strictObject({ connection: z.string(), at: epoch, lines: z.array(z.string()) })
        .optional()
        .describe('the connection that the broker had dropped, and its lines'),
    }),
  ),
  unreachableLines: z
    .array(z.string())
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
  }),
  messages: z.strictObject({
    expected: count.describe('requests on the AMQP route that were answered with 200'),
    arrived: count,
    lost: z.array(z.string()).describe('request ids'),
  }),
  undeclared: z.array(z.string()).describe('lines at error level, and tracebacks, that nobody declared'),
  applicationLog: reading,
  brokerLog: reading,
  apacheErrorLogReadable: z.boolean(),
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
    expected: z.enum(['reproduced', 'silent', 'clean']),
    why: z.string(),
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
  seconds: z.number().describe('from the start of the run to its last test'),
  startUp: timings,
  times: z.enum(['compressed', 'production']),
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

/**
 * Reads what a run wrote.
 *
 * @throws Error with one line for another version or form.
 */
export function parseResults(text: string): Results {
  const content = JSON.parse(text) as { version?: unknown };
  if (content.version !== RESULTS_VERSION) {
    throw new Error(
      `results.json has version ${content.version}; this release reads version ${RESULTS_VERSION}`,
    );
  }
  return resultsSchema.parse(content) as Results;
}

/** The JSON Schema (draft 2020-12) of results.json. */
export function resultsJsonSchema(): object {
  return z.toJSONSchema(resultsSchema);
}
