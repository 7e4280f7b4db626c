import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';

/** What a run of ab left behind. */
export interface AbRun {
  readonly stdout: string;
  /** Progress, and what went wrong. */
  readonly stderr: string;
  readonly exitCode: number;
}

const count = z.int().min(0);

const times = z
  .strictObject({
    min: z.number(),
    mean: z.number(),
    deviation: z.number(),
    median: z.number(),
    max: z.number(),
  })
  .meta({ id: 'abTimes', description: 'milliseconds, over all requests' });
export type AbTimes = Frozen<z.infer<typeof times>>;

export const abPercentages = [50, 66, 75, 80, 90, 95, 98, 99, 100] as const;
export type AbPercentage = (typeof abPercentages)[number];
const percentiles = Object.fromEntries(abPercentages.map((percentage) => [percentage, z.number()])) as Record<
  AbPercentage,
  z.ZodNumber
>;

const report = z.strictObject({
  server: z.strictObject({ software: z.string(), hostname: z.string(), port: count }),
  tls: z
    .strictObject({
      protocol: z.string().describe('e.g. TLSv1.2'),
      cipher: z.string().describe('OpenSSL’s name'),
      keyBits: count,
      cipherBits: count,
      temporaryKey: z.string().optional().describe('e.g. X25519 253 bits'),
      serverName: z.string().optional(),
    })
    .optional()
    .describe('missing for plain HTTP, and where no handshake succeeded'),
  document: z.strictObject({
    path: z.string(),
    bytes: count.optional().describe('of the first answer’s body; missing where ab was told that it varies'),
  }),
  concurrency: count,
  seconds: z.number().describe('from the first request to the last answer'),
  completeRequests: count,
  failedRequests: count,
  failures: z
    .strictObject({ connect: count, receive: count, length: count, exceptions: count })
    .optional()
    .describe('why they failed; a request may count under several of these'),
  writeErrors: count,
  non2xxResponses: count,
  keepAliveRequests: count.optional().describe('missing where ab was not told to keep connections'),
  transferredBytes: count,
  sentBytes: count.optional().describe('missing where ab sent no body'),
  htmlBytes: count,
  requestsPerSecond: z.number().describe('the rate that the statistics are drawn from'),
  meanMs: z.number().describe('milliseconds that a request took, on average'),
  meanAcrossConcurrentMs: z.number().describe('milliseconds between answers, on average'),
  kilobytesPerSecond: z.number().describe('units of 1024 bytes'),
  timesMs: z.strictObject({ connect: times, processing: times, waiting: times, total: times }),
  percentilesMs: z
    .strictObject(percentiles)
    .describe('milliseconds within which that percentage of the requests was served'),
  warnings: z
    .array(z.string())
    .describe('what ab itself says against its figures: a median far from the mean'),
});
/** The report that ab prints at the end. */
export type AbReport = Frozen<z.infer<typeof report>>;
export type AbPhase = keyof AbReport['timesMs'];

const complaint = z.strictObject({ line: z.string(), times: count });
export type AbComplaint = Frozen<z.infer<typeof complaint>>;

const finished = report.extend({
  kind: z.literal('finished'),
  complaints: z
    .array(complaint)
    .describe('lines in which ab said that a connection went wrong, apart from its count of failed requests'),
});
/** ab's report, complete. Requests that failed or were answered with an error may be among it. */
export type AbFinished = Frozen<z.infer<typeof finished>>;

const gaveUp = z.strictObject({
  kind: z
    .enum(['stuck', 'failed'])
    .describe(
      'stuck: it waited for an answer as long as it was told to, and none came; failed: anything else',
    ),
  words: z.string().describe('ab’s own line'),
  completedRequests: count,
  exitCode: z.int(),
});
/** ab ended without a report. */
export type AbGaveUp = Frozen<z.infer<typeof gaveUp>>;

export const abResultSchema = z.discriminatedUnion('kind', [finished, gaveUp]);
/** One run of ApacheBench: its whole report, or its own words where it gave up. */
export type AbResult = AbFinished | AbGaveUp;

/** Output of ab that is not known; the message is one line. */
export class AbOutputError extends Error {
  override readonly name = 'AbOutputError';
}
