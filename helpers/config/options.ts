import { closestMatch } from 'leven';
import { z } from 'zod';
import { OneLineError } from './one-line.ts';
import { PART_FORMS, PartError, parseParts } from './parts.ts';

const PREFIX = 'MPM_HEARTBEAT_';

const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1');

/** Debian releases that the images can be built from, newest first. */
export const debianReleases = ['forky', 'trixie', 'bookworm', 'bullseye'] as const;
export type DebianRelease = (typeof debianReleases)[number];

/** The newest release that is stable; the one before it in the list is Debian testing. */
export const newestStable = 'trixie' satisfies DebianRelease;

/** Each option, and the reason for it. The name in the environment is `MPM_HEARTBEAT_` and the key in upper case. */
const schema = z.object({
  engine: z
    .enum(['auto', 'existing'])
    .default('auto')
    .describe('`existing` forbids installing anything on this machine, or starting a container engine'),
  keep: flag.describe(
    '`1` keeps the servers of a failed run and its shared broker, and says how to get into them; not the clients, nor a row’s own broker. Then there is no reaper, so a killed run leaves its containers too',
  ),
  rebuild: flag.describe('`1` builds all images anew, with the newest packages'),
  release: z
    .enum(debianReleases)
    .default(newestStable)
    .describe(
      'Debian release of servers, applications and clients, for deployments that name none. The broker is Debian 13’s, unless a row names another',
    ),
  base_image: z
    .string()
    .min(1)
    .optional()
    .describe(
      'base image to use instead of the release’s own. It must have that Debian release; rows of other releases are not affected',
    ),
  registry: z
    .string()
    .regex(/^(?=[^/]*[.:]|localhost\/)[a-z0-9.:-]+(\/[a-z0-9._-]+)+$/)
    .optional()
    .meta({ title: 'a registry and a path in it, in lower case: registry.example/owner/mpm-heartbeat' })
    .describe('images that this registry has are pulled instead of built'),
  registry_push: flag.describe('`1` pushes each image that is built to `MPM_HEARTBEAT_REGISTRY`'),
  apt_proxy: z.url().optional().describe('proxy for apt while images are built'),
  apt_source: z
    .string()
    .regex(/^deb /, 'a line of sources.list, starting with "deb "')
    .optional()
    .describe(
      'an apt source added to the images of `MPM_HEARTBEAT_RELEASE`, e.g. one with an unreleased package',
    ),
  parts: z
    .string()
    .transform((text, context) => {
      try {
        return parseParts(text);
      } catch (error) {
        if (!(error instanceof PartError)) throw error;
        context.addIssue(error.message);
        return z.NEVER;
      }
    })
    .optional()
    .meta({ title: `${PART_FORMS}, separated by commas` })
    .describe(
      'libraries that replace Debian’s in every row. PATH: a git checkout (with uncommitted changes), a directory, a wheel or an sdist; VERSION: a version that a package index has',
    ),
  side_by_side: flag.describe(
    '`1` also executes each row without the parts of `MPM_HEARTBEAT_PARTS`, and says what they change',
  ),
  application: z
    .string()
    .min(1)
    .optional()
    .meta({ title: 'a path' })
    .describe(
      'a file whose default export is the record of your own application, which replaces the stub in rows that name no application',
    ),
  times: z
    .enum(['compressed', 'production'])
    .default('compressed')
    .describe(
      '`production`: nova’s heartbeat of 60 s, with the traffic in proportion: a trickle is a request every 30 s, and takes 16 minutes',
    ),
  repeat: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(1)
    .describe(
      'executes each row this many times, as `ID/1`, `ID/2`, …, and counts the outcomes. `-t ID/` chooses one row',
    ),
  throughput: z
    .enum(['article', 'all'])
    .default('article')
    .describe('`all` measures every row of the throughput table, not only the article’s pair'),
  tolerance: z.coerce
    .number()
    .gt(0)
    .lt(1)
    .default(0.1)
    .describe('the share of the baseline’s throughput that the candidate may lose'),
  requests: z.coerce
    .number()
    .int()
    .min(100)
    .max(100_000)
    .default(1000)
    .describe(
      'requests in each run of `ab` (its `-n`): with more requests a block takes longer and scatters less',
    ),
  concurrency: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe('how many requests `ab` sends at the same time (its `-c`)'),
  confidence: z.coerce
    .number()
    .min(0.8)
    .lt(1)
    .default(0.95)
    .describe('the confidence of a conclusion about throughput: a higher one needs more blocks'),
  blocks: z.coerce
    .number()
    .int()
    .min(5)
    .max(100)
    .default(10)
    .describe(
      'blocks of a throughput comparison: with more blocks its interval is narrower, and the run takes longer',
    ),
  logs: z
    .enum(['failed', 'all'])
    .default('failed')
    .describe(
      '`all` also keeps each row’s application log and broker log in reports/operator, for `npm run diagnose`',
    ),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(0x7fffffff)
    .optional()
    .describe(
      'repeats the order of servers of an earlier run; without it, the run draws a new seed and prints it',
    ),
});

/** The user's options, read once from the environment. */
export type Options = z.infer<typeof schema>;

/** The options for documentation: the name in the environment, the allowed values with the default, and the reason. */
export function describeOptions(): { name: string; allowed: string; reason: string }[] {
  return Object.entries(schema.shape).map(([key, option]) => ({
    name: environmentName(key),
    allowed: allowedValues(option),
    reason: option.description ?? '',
  }));
}

/**
 * Reads the options from environment variables `MPM_HEARTBEAT_*`.
 *
 * @throws OptionError with one line that names the variable and the allowed values or, for an unknown name, the nearest
 *   known name.
 */
export function readOptions(environment: Readonly<Record<string, string | undefined>>): Options {
  const known = Object.keys(schema.shape).map(environmentName);
  const given = Object.entries(environment).filter(
    ([name, value]) => name.startsWith(PREFIX) && value !== undefined && value !== '',
  );
  const unknown = given.map(([name]) => name).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const name = unknown[0] as string;
    throw new OptionError(`${name} is not an option; did you mean ${closestMatch(name, known)}?`);
  }
  const parsed = schema.safeParse(
    Object.fromEntries(given.map(([name, value]) => [name.slice(PREFIX.length).toLowerCase(), value])),
  );
  if (parsed.success) {
    if (parsed.data.side_by_side && !parsed.data.parts) {
      throw new OptionError(
        'MPM_HEARTBEAT_SIDE_BY_SIDE=1 executes rows with and without parts: set MPM_HEARTBEAT_PARTS',
      );
    }
    if (parsed.data.registry_push && parsed.data.registry === undefined) {
      throw new OptionError(
        'MPM_HEARTBEAT_REGISTRY_PUSH=1 pushes images to a registry: set MPM_HEARTBEAT_REGISTRY',
      );
    }
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const key = String(issue?.path[0]) as keyof typeof schema.shape;
  const name = environmentName(key);
  throw new OptionError(
    `${name}=${environment[name]} is not allowed; expected ${allowedValues(schema.shape[key])}${issue?.code === 'custom' ? `: ${issue.message}` : ''}`,
  );
}

/** A variable `MPM_HEARTBEAT_*` that cannot be used; the message is the one line to show. */
export class OptionError extends OneLineError {
  override readonly name = 'OptionError';
}

function environmentName(key: string): string {
  return PREFIX + key.toUpperCase();
}

function allowedValues(option: z.ZodType): string {
  const json = z.toJSONSchema(option, { io: 'input' }) as {
    type?: string;
    enum?: string[];
    default?: string | number;
    format?: string;
    pattern?: string;
    title?: string;
  } & Range;
  if (json.title) return json.title;
  if (json.enum) {
    return json.enum.map((value) => (value === json.default ? `${value} (default)` : value)).join(' or ');
  }
  if (json.type === 'integer' || json.type === 'number') {
    const kind = json.type === 'integer' ? 'a whole number' : 'a number';
    return `${kind} ${rangeWords(json)}${json.default === undefined ? '' : ` (default ${json.default})`}`;
  }
  if (json.format === 'uri') return 'a URL';
  if (json.pattern) return 'a line of sources.list, starting with "deb "';
  return 'an image name';
}

/** Limits of a number, as JSON Schema writes them. */
interface Range {
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

function rangeWords({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Range): string {
  const from = minimum === undefined ? `above ${exclusiveMinimum}` : `from ${minimum}`;
  return `${from}${maximum === undefined ? `, below ${exclusiveMaximum}` : ` to ${maximum}`}`;
}
