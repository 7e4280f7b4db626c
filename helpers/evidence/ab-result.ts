import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { wholeNumber } from '../config/quantities.ts';

/** The output of a run of ab. */
export interface AbRun {
  readonly stdout: string;
  /** Progress and errors. */
  readonly stderr: string;
  readonly exitCode: number;
}

const times = z
  .strictObject({
    min: z.number(),
    mean: z.number(),
    deviation: z.number(),
    median: z.number(),
    max: z.number(),
  })
  .meta({ id: 'abTimes', description: 'milliseconds, over all requests' });

/** The percentages for which ab prints how long the fastest requests took. */
export const abPercentages = [50, 66, 75, 80, 90, 95, 98, 99, 100] as const;
const percentiles = Object.fromEntries(abPercentages.map((percentage) => [percentage, z.number()])) as Record<
  (typeof abPercentages)[number],
  z.ZodNumber
>;

export const abReportSchema = z.strictObject({
  server: z.strictObject({ software: z.string(), hostname: z.string(), port: wholeNumber }),
  tls: z
    .strictObject({
      protocol: z.string().describe('e.g. TLSv1.2'),
      cipher: z.string().describe('OpenSSL’s name'),
      keyBits: wholeNumber,
      cipherBits: wholeNumber,
      temporaryKey: z.string().optional().describe('e.g. X25519 253 bits'),
      serverName: z.string().optional(),
    })
    .optional()
    .describe('missing: plain HTTP, or no handshake succeeded'),
  document: z.strictObject({
    path: z.string(),
    bytes: wholeNumber.describe('of the first answer’s body'),
  }),
  concurrency: wholeNumber,
  seconds: z.number().describe('from the first request to the last answer'),
  completeRequests: wholeNumber,
  failedRequests: wholeNumber,
  failures: z
    .strictObject({
      connect: wholeNumber,
      receive: wholeNumber,
      length: wholeNumber,
      exceptions: wholeNumber,
    })
    .optional()
    .describe('why they failed; a request may count under several'),
  writeErrors: wholeNumber,
  non2xxResponses: wholeNumber,
  transferredBytes: wholeNumber,
  htmlBytes: wholeNumber,
  requestsPerSecond: z.number().describe('the rate that the verdict is based on'),
  meanMs: z.number().describe('milliseconds that a request took, on average'),
  meanAcrossConcurrentMs: z.number().describe('milliseconds between answers, on average'),
  kilobytesPerSecond: z.number().describe('units of 1024 bytes'),
  timesMs: z.strictObject({ connect: times, processing: times, waiting: times, total: times }),
  percentilesMs: z
    .strictObject(percentiles)
    .describe('milliseconds within which this percentage of the requests was served'),
  warnings: z.array(z.string()).describe('ab’s own warnings about its figures: a median far from the mean'),
});
/** The report that ab prints at its end. */
export type AbReport = Frozen<z.infer<typeof abReportSchema>>;

const complaint = z.strictObject({ line: z.string(), times: wholeNumber });
const finished = abReportSchema.extend({
  kind: z.literal('finished'),
  complaints: z
    .array(complaint)
    .describe('lines about connections that went wrong; ab may not count those requests as failed'),
});
/** A complete report of ab. Some requests may have failed. */
export type AbFinished = Frozen<z.infer<typeof finished>>;

const gaveUp = z.strictObject({
  kind: z
    .enum(['stuck', 'failed'])
    .describe('stuck: no answer came within ab’s time limit; failed: anything else'),
  words: z.string().describe('ab’s own line'),
  completedRequests: wholeNumber,
  exitCode: z.int(),
});
/** ab ended without a report. */
export type AbGaveUp = Frozen<z.infer<typeof gaveUp>>;

export const abResultSchema = z.discriminatedUnion('kind', [finished, gaveUp]);
/** One run of ApacheBench: its whole report, or its own message if it gave up. */
export type AbResult = AbFinished | AbGaveUp;

/** Unknown output of ab; the message is one line. */
export class AbOutputError extends Error {
  override readonly name = 'AbOutputError';
}
