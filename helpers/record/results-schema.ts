import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { OneLineError } from '../config/one-line.ts';
import { milliseconds } from '../config/quantities.ts';
import { deploymentSchema } from '../deployment/deployment.ts';
import { evidenceSchema } from '../evidence/evidence.ts';
import { processReportSchema } from '../evidence/process-report.ts';
import { claimSchema } from './claims.ts';
import { machineSchema } from './machine.ts';
import { cellSchema } from './record.ts';
import { repeatedRowSchema } from './repeats.ts';

const timings = z.record(z.string(), milliseconds);

const errors = z.array(z.string()).describe('the message of each error');

const testSchema = z.strictObject({
  file: z.string(),
  name: z.string(),
  state: z
    .enum(['passed', 'failed', 'informational', 'pending'])
    .describe(
      'informational: it was executed, and asserts nothing about its outcome; pending: it was cut off before it was decided',
    ),
  milliseconds: z.number(),
  errors: errors.optional().describe('of a failed test: the message of each error'),
  cell: cellSchema,
});

const failureSchema = z.strictObject({
  file: z.string().optional().describe('missing: it belongs to no file'),
  name: z.string().describe('of the test, of the suite or of the file'),
  state: z
    .enum(['failed', 'pending', 'error'])
    .describe(
      'failed: a test; pending: a test that was asked for and not decided; error: a file that did not load, a hook, or an error that no test caught',
    ),
  errors,
});

/**
 * The version of the format of results.json (docs/interface.md). Raise it if a program written for the previous version
 * would misread the file.
 */
export const RESULTS_VERSION = 3;

/** The form of reports/results.json; `npm run -s schema` prints it as a JSON Schema. */
const resultsSchema = z.strictObject({
  version: z.literal(RESULTS_VERSION),
  startedAt: z.iso.datetime(),
  seconds: z.number().describe('from the start of the run to its end; of merged runs: the longest'),
  startUp: timings.describe('of each step before the first test; of merged runs: the longest of each'),
  times: z.enum(['compressed', 'production']),
  shards: z.int().min(2).optional().describe('runs that were merged into this one'),
  shard: z
    .strictObject({ index: z.int().min(1), count: z.int().min(1) })
    .optional()
    .describe('of a run that executed a part of the tests: which part, and of how many'),
  machine: machineSchema.optional(),
  endedEarly: z
    .string()
    .optional()
    .describe('why the run ended before everything was executed; what is missing in `tests` was not decided'),
  claims: z.array(claimSchema),
  repeated: z
    .array(repeatedRowSchema)
    .optional()
    .describe(
      'rows that were executed several times (MPM_HEARTBEAT_REPEAT), and how often each outcome came',
    ),
  tests: z.array(testSchema).describe('that have a record'),
  failures: z
    .array(failureSchema)
    .optional()
    .describe('what went wrong besides `tests`; missing: an earlier release wrote the file'),
});

/** reports/results.json. */
export type Results = Frozen<z.infer<typeof resultsSchema>>;

/** A test with a record. */
export type TestResult = Frozen<z.infer<typeof testSchema>>;

/** What went wrong besides the tests with a record. */
export type Failure = Frozen<z.infer<typeof failureSchema>>;

/** A results.json that cannot be read; the message is the one line to show. */
export class ResultsError extends OneLineError {
  override readonly name = 'ResultsError';
}

/**
 * Parses the results.json of a run.
 *
 * @throws ResultsError with one line if it is not JSON, or has another version or form.
 */
export function parseResults(text: string): Results {
  const content = decoded(text);
  const version = (content as { version?: unknown } | null)?.version;
  if (version !== RESULTS_VERSION) {
    throw new ResultsError(
      `results.json has ${version === undefined ? 'no version' : `version ${version}`}; this release reads version ${RESULTS_VERSION}: execute the rows again with this release`,
    );
  }
  const parsed = resultsSchema.safeParse(content);
  if (!parsed.success) {
    throw new ResultsError(
      `results.json does not have the form of its schema: ${firstProblem(parsed.error)}`,
    );
  }
  return parsed.data;
}

/** Where a value contradicts the schema of results.json, in one line; undefined: nowhere. */
export function formProblem(results: unknown): string | undefined {
  const { error } = resultsSchema.safeParse(results);
  return error && firstProblem(error);
}

function firstProblem({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.map(String).join('.') || 'the whole'}: ${issue?.message}`;
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ResultsError('results.json is not JSON');
  }
}

/** Schemas that occur several times. The JSON Schema defines each once, by these names. */
const definitions = {
  deployment: deploymentSchema,
  evidence: evidenceSchema,
  loggedLine: evidenceSchema.shape.heartbeatErrors.element,
  markedReading: evidenceSchema.shape.applicationLog,
  processReport: processReportSchema,
  reading: evidenceSchema.shape.brokerLog,
};

/** The JSON Schema (draft 2020-12) of results.json. */
export function resultsJsonSchema(): object {
  for (const [id, schema] of Object.entries(definitions)) {
    z.globalRegistry.add(schema, { ...schema.meta(), id });
  }
  return z.toJSONSchema(resultsSchema, {
    override: ({ jsonSchema }) => {
      // zod gives each integer JavaScript's largest whole number as its maximum, and says of each record that its names
      // are strings. Both are left out.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (typeof jsonSchema.propertyNames === 'object' && jsonSchema.propertyNames.type === 'string') {
        delete jsonSchema.propertyNames;
      }
    },
  });
}
