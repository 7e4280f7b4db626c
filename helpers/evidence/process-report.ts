import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { wholeNumber } from '../config/quantities.ts';
import { UnreadableError } from './unreadable.ts';

/** An AMQP connection, as oslo.messaging's driver or the application's own module reports it. */
const driverConnection = z.strictObject({
  heartbeatTimeoutThreshold: z.number().describe('seconds'),
  heartbeatRate: z.number().optional().describe('heartbeats in that time'),
  heartbeatThread: z
    .enum(['green', 'native'])
    .nullable()
    .describe(
      'the kind of thread that runs the heartbeat; with oslo.messaging, by its class; null: none does',
    ),
  loop: z.string().optional().describe('module and name of the function that sends heartbeats'),
  startedOn: wholeNumber.nullable().describe('the native thread that started it; null: it was not started'),
  runsOn: wholeNumber
    .nullable()
    .describe('the native thread on which the loop runs; null: it has not run yet'),
  option: z.boolean().optional().describe('whether this oslo.messaging has heartbeat_in_pthread'),
});

/** A library in place of the distribution's: what its layer says, and what the process has loaded. */
const partReport = z.strictObject({
  name: z.string(),
  content: z.string().describe('hash of what it was built from, by its layer'),
  place: z.string().describe('the folder that the layer installed it to'),
  built: z.string().describe('the version that was built'),
  version: z.string().nullable().describe('by importlib.metadata, in the process'),
  files: z.array(z.string()).describe('the files of its loaded top-level modules'),
});
/** A library in place of the distribution's, as a process reports it. */
export type PartReport = Frozen<z.infer<typeof partReport>>;

/** What a process of the application reports about its running objects. */
export const processReportSchema = z.strictObject({
  pid: wholeNumber,
  server: z.record(z.string(), z.unknown()).describe('its name and its options in that process'),
  processes: wholeNumber.nullable(),
  threads: wholeNumber.nullable(),
  patched: z.boolean().describe('whether eventlet has patched socket and thread'),
  patchedModules: z
    .array(z.string())
    .optional()
    .describe('the modules of the standard library that eventlet has patched'),
  logging: z.strictObject({
    level: z.string().describe('the lowest level that the heartbeat’s logger prints'),
    handlers: z
      .array(
        z.strictObject({
          formatter: z.string().nullable().describe('class, with its module'),
          lock: z.string().nullable().describe('class, with its module'),
        }),
      )
      .describe('the handlers that print its records'),
  }),
  connections: z.array(driverConnection),
  parts: z.array(partReport).optional().describe('libraries in place of the distribution’s'),
  application: z.record(z.string(), z.unknown()).describe('what the application’s module adds'),
});
/** The report of one process. */
export type ProcessReport = Frozen<z.infer<typeof processReportSchema>>;
/** What is patched in a process, in a few words: `patched`, `not patched`, `patched: only socket`. */
export function patchedWords({
  patched,
  patchedModules = [],
}: Pick<ProcessReport, 'patched' | 'patchedModules'>): string {
  if (patched) return 'patched';
  return patchedModules.length === 0 ? 'not patched' : `patched: only ${patchedModules.join(' and ')}`;
}

/** An AMQP connection of one process. */
export type DriverConnection = ProcessReport['connections'][number];

/** Versions of libraries and programs, by name; null: not installed. */
export type Versions = Readonly<Record<string, string | null>>;

/**
 * Reads the probe's answer.
 *
 * @throws UnreadableError if it has another form.
 */
export function parseProcessReport(answer: unknown): { report: ProcessReport; versions: Versions } {
  const { versions, ...own } = camelCased(answer) as Record<string, unknown>;
  const report = processReportSchema.safeParse(own);
  const known = z.record(z.string(), z.string().nullable()).safeParse(versions);
  const problem = report.error ?? known.error;
  if (!report.success || !known.success) {
    throw new UnreadableError(`the probe’s report has another form: ${problem?.issues[0]?.message}`);
  }
  return { report: report.data, versions: known.data };
}

/** Converts Python's names to TypeScript's, except names of versions and what an application adds. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      key === 'versions' || key === 'application' ? inner : camelCased(inner),
    ]),
  );
}
