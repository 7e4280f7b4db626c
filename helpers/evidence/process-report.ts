import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { UnreadableError } from './unreadable.ts';

const count = z.int().min(0);

/** An AMQP connection, by the word of oslo.messaging's driver, or of the application's own module. */
const driverConnection = z.strictObject({
  heartbeatTimeoutThreshold: z.number().describe('seconds'),
  heartbeatRate: z.number().optional().describe('beats in that time'),
  heartbeatThread: z
    .enum(['green', 'native'])
    .nullable()
    .describe('that owes the heartbeat; of oslo.messaging’s by the class of the thread; null: there is none'),
  loop: z.string().optional().describe('module and name of the function that beats'),
  startedOn: count.nullable().describe('the native thread that started it; null: nobody did'),
  runsOn: count.nullable().describe('the native thread on which the loop runs; null: it has not run yet'),
  option: z.boolean().optional().describe('whether this oslo.messaging has heartbeat_in_pthread'),
});

/** A library in place of the distribution's, as its layer has it and as the process does. */
const partReport = z.strictObject({
  name: z.string(),
  content: z.string().describe('of what it was built from, as its layer says'),
  place: z.string().describe('where the layer has put it'),
  built: z.string().describe('the version that was built'),
  version: z.string().nullable().describe('by importlib.metadata, in the process'),
  files: z.array(z.string()).describe('of each of its top-level modules that is loaded'),
});
export type PartReport = Frozen<z.infer<typeof partReport>>;

/** What a process of the application says of itself, read from its running objects. */
export const processReportSchema = z.strictObject({
  pid: count,
  server: z.record(z.string(), z.unknown()).describe('its name, and its options as they are in that process'),
  processes: count.nullable(),
  threads: count.nullable(),
  patched: z.boolean(),
  logging: z.strictObject({
    level: z.string().describe('from which on the heartbeat’s logger prints'),
    handlers: z
      .array(
        z.strictObject({
          formatter: z.string().nullable().describe('class, with its module'),
          lock: z.string().nullable().describe('class, with its module'),
        }),
      )
      .describe('that would print'),
  }),
  connections: z.array(driverConnection),
  parts: z.array(partReport).optional().describe('libraries in place of the distribution’s'),
  application: z.record(z.string(), z.unknown()).describe('what the application has to add'),
});
export type ProcessReport = Frozen<z.infer<typeof processReportSchema>>;
export type DriverConnection = ProcessReport['connections'][number];

/** Versions of parts, by name; null: it is not there. */
export type Versions = Readonly<Record<string, string | null>>;

/**
 * Reads the answer of the probe.
 *
 * @throws UnreadableError where it has another form.
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

/** Python's names as TypeScript's, but for names of parts and what an application has to add. */
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
