import { z } from 'zod';
import { abPercentages } from '../evidence/ab-result.ts';
import { roles } from '../traffic/block-order.ts';

const count = z.int().min(0);
const epoch = z.number().describe('milliseconds since 1970-01-01 UTC');
const share = z.number();
const role = z
  .enum(roles)
  .describe('baselineAgain is a second container of the baseline’s kind: the control');

const times = z
  .strictObject({
    min: z.number(),
    mean: z.number(),
    deviation: z.number(),
    median: z.number(),
    max: z.number(),
  })
  .describe('milliseconds');

const finished = z.strictObject({
  kind: z.literal('finished'),
  server: z.strictObject({ software: z.string(), hostname: z.string(), port: count }),
  tls: z
    .strictObject({
      protocol: z.string(),
      cipher: z.string(),
      keyBits: count,
      cipherBits: count,
      temporaryKey: z.string().optional(),
      serverName: z.string().optional(),
    })
    .optional(),
  document: z.strictObject({ path: z.string(), bytes: count.optional().describe('of the body') }),
  concurrency: count,
  seconds: z.number().describe('from the first request to the last answer'),
  completeRequests: count,
  failedRequests: count,
  failures: z.strictObject({ connect: count, receive: count, length: count, exceptions: count }).optional(),
  writeErrors: count,
  non2xxResponses: count,
  keepAliveRequests: count.optional(),
  transferredBytes: count,
  sentBytes: count.optional(),
  htmlBytes: count,
  requestsPerSecond: z.number().describe('the rate that the statistics are drawn from'),
  meanMs: z.number(),
  meanAcrossConcurrentMs: z.number(),
  kilobytesPerSecond: z.number().describe('units of 1024 bytes'),
  timesMs: z.strictObject({ connect: times, processing: times, waiting: times, total: times }),
  percentilesMs: z
    .strictObject(Object.fromEntries(abPercentages.map((percentage) => [percentage, z.number()])))
    .describe('milliseconds within which that percentage of the requests was served'),
  warnings: z.array(z.string()),
  complaints: z.array(z.strictObject({ line: z.string(), times: count })),
});

const gaveUp = z.strictObject({
  kind: z.enum(['stuck', 'failed']),
  words: z.string().describe('ab’s own'),
  completedRequests: count,
  exitCode: z.int(),
});

const measurement = z.strictObject({
  startedAt: epoch,
  ab: z.discriminatedUnion('kind', [finished, gaveUp]),
  answers: z
    .array(z.strictObject({ status: count, bytes: count.describe('of the body'), count }))
    .describe('by the server’s own access log'),
  perProcess: z.record(z.string(), count).optional().describe('answers by process id'),
});

const byRole = <T extends z.ZodType>(of: T) =>
  z.strictObject({ baseline: of, baselineAgain: of, candidate: of });
const bySomeRole = <T extends z.ZodType>(of: T) =>
  z.strictObject({ baseline: of.optional(), baselineAgain: of.optional(), candidate: of.optional() });

const interval = z.strictObject({
  low: share,
  high: share,
  confidence: share,
  of: z.enum(['each end', 'both ends']).describe('what the confidence is of'),
});

const estimate = z.strictObject({
  blocks: count,
  ratio: share.describe('the candidate’s requests per second as a share of the baseline’s'),
  interval: interval.optional().describe('of the ratio; missing before the first look that is planned'),
  scatter: z.number().describe('standard deviation of one block’s log ratio'),
  smallestLoss: share
    .optional()
    .describe('the smallest loss that as many such blocks tell from none, in four of five runs'),
  control: z.strictObject({ ratio: share, interval: interval.optional(), scatter: z.number() }),
});

const load = z.strictObject({
  route: z.enum(['plain', 'amqp']),
  requests: count.describe('of each run of ab'),
  concurrency: count,
  tls: z.strictObject({ protocol: z.string(), cipher: z.string() }),
});

/** A row of the throughput table, for the schema of results.json; what it shares with others comes from there. */
export function throughputCell<D extends z.ZodType, S extends z.ZodRawShape>(
  deployment: D,
  server: z.ZodObject<S>,
) {
  const comparison = { baseline: deployment, candidate: deployment, load };
  return z.strictObject({
    kind: z.literal('throughput'),
    ...comparison,
    terms: z.strictObject({
      tolerance: share.describe('of the baseline’s throughput that may be lost'),
      confidence: share.describe('of each of the two conclusions, all looks at the blocks together'),
      mostBlocks: count,
    }),
    expected: z.enum(['within', 'outside', 'inconclusive']).optional(),
    why: z.string(),
    verdict: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.enum(['within', 'outside']), estimate }),
      z.strictObject({ kind: z.literal('inconclusive'), reason: z.string(), estimate: estimate.optional() }),
    ]),
    evidence: z
      .strictObject({
        ...comparison,
        seed: count.describe('of the order in which each block loads its servers'),
        servers: byRole(
          server.extend({
            cpus: z.number().optional().describe('CPUs’ worth of time, by the engine’s word'),
          }),
        ),
        warmUp: bySomeRole(z.array(measurement)).describe('runs of ab that do not count'),
        blocks: z.array(
          z.strictObject({
            order: z.array(role).describe('in which the servers were loaded'),
            measurements: bySomeRole(measurement),
          }),
        ),
        undeclared: z.array(z.string()),
        timings: z.record(z.string(), z.number().describe('milliseconds')),
      })
      .optional(),
  });
}
