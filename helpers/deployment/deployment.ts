import { z } from 'zod';
import type { Application } from '../applications/application.ts';
import { applications, suitesApplications } from '../applications/index.ts';
import { mistakeOfRecord } from '../applications/mistake-of-record.ts';
import { asksOf, type Route } from '../applications/routes.ts';
import {
  type ApplicationOption,
  applicationOptions,
  behaviourSchema,
  usualBehaviour,
} from '../config/behaviour.ts';
import { count } from '../config/count.ts';
import type { Frozen } from '../config/frozen.ts';
import { OneLineError } from '../config/one-line.ts';
import { type Part, PartError, type Parts, partName, type WrittenParts } from '../config/parts.ts';
import { servers } from '../servers/index.ts';
import type { Server } from '../servers/server.ts';

const [firstServer] = servers;
const [firstApplication] = suitesApplications;

/** The schema of each server's deployments: only that server's own options are allowed. */
const schemas = servers.map((server) =>
  behaviourSchema
    .extend({
      server: z.literal(server.name),
      application: z.string().default(firstApplication.name).describe('the application that is served'),
      ...server.options,
    })
    .meta({ id: `deployment on ${server.name}` }),
);

type All<Union> = (Union extends unknown ? (variant: Union) => void : never) extends (
  both: infer Both,
) => void
  ? Both
  : never;
/** The types are made option by option, because zod turns an empty object into one that allows no options. */
type Written<S> =
  S extends Server<infer Options> ? { [Name in keyof Options]: z.input<Options[Name]> } : never;
type Known<S> =
  S extends Server<infer Options> ? { [Name in keyof Options]: z.output<Options[Name]> } : never;
type AnyServer = (typeof servers)[number];

/** One way to serve an application. */
export type Deployment = Frozen<
  z.infer<typeof behaviourSchema> & { server: string; application: string } & Partial<All<Known<AnyServer>>>
>;

/** A deployment in results.json. TypeScript cannot infer a union over the list of servers. */
export const deploymentSchema = z
  .discriminatedUnion('server', schemas as unknown as [(typeof schemas)[0]])
  .meta({ id: 'deployment' }) as unknown as z.ZodType<Deployment>;

/** A deployment as a row writes it. Missing options have the application's default values. */
export type DeploymentInput = Omit<z.input<typeof behaviourSchema>, 'parts'> & {
  server?: string;
  application?: string;
  /** Libraries in place of the distribution’s, by name: a path, `==VERSION`, or a part that has been looked up. */
  parts?: Readonly<Record<string, string | Part>> | undefined;
} & Partial<All<Written<AnyServer>>>;

/** Looks up the parts that a row writes, and adds the parts of every row. */
export type LookUp = (parts: WrittenParts) => Parts;

const lookUpNothing: LookUp = (parts) => {
  const [name] = Object.keys(parts);
  if (name !== undefined) throw new PartError(`part ${name}: it has not been looked up`);
  return {};
};

/** A deployment that the user's own application serves, if there is one and the deployment names no application. */
export function servedBy(
  own: Pick<Application, 'name'> | undefined,
  input: DeploymentInput,
): DeploymentInput {
  return own ? { application: own.name, ...input } : input;
}

/**
 * Completes a deployment.
 *
 * @param lookUp without it, the input may only have parts that have been looked up.
 * @throws DeploymentError with one line for an input that makes no sense.
 * @throws RefusedError if the input makes sense, but its application cannot be served in this way.
 */
export function deployment(input: DeploymentInput, lookUp: LookUp = lookUpNothing): Deployment {
  const refuse = (option: string, why: string): never => {
    throw new DeploymentError(`deployment ${JSON.stringify(input)}: ${option}: ${why}`);
  };
  const parts = partsOf(input.parts ?? {}, lookUp);
  const application = applications.find(({ name }) => name === (input.application ?? firstApplication.name));
  if (!application) refuse('application', `there are ${applications.map(({ name }) => name).join(', ')}`);
  const named = { server: firstServer.name, ...application?.usual, ...input, parts };
  const known = servers.map(({ name }) => name).join(', ');
  if (!servers.some(({ name }) => name === named.server)) refuse('server', `there are ${known}`);
  const parsed = deploymentSchema.safeParse(named);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const own = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue?.path.join('.');
    const why = issue?.code === 'unrecognized_keys' ? `${named.server} has no such option` : issue?.message;
    return refuse(own ?? '', why ?? '');
  }
  const made = parsed.data;
  if (made.pthreadIgnored && made.heartbeatThread === 'native') {
    const why = 'with a native heartbeat thread the option is not ignored';
    // The application's own default.
    if (input.heartbeatThread === undefined) throw new RefusedError(made, 'pthreadIgnored', why);
    refuse('pthreadIgnored', why);
  }
  const problem = serverOf(made).problem?.(made);
  if (problem) refuse(problem.option, problem.why);
  const refused = refusal(made);
  if (refused) throw new RefusedError(made, refused.option, refused.why);
  const mistake = mistakeOfRecord(applicationOf(made), made);
  if (mistake) refuse(`${mistake.field} of the record of ${made.application}`, mistake.why);
  return made;
}

/** The option of a deployment that its application cannot have, and why. */
function refusal(made: Deployment): { readonly option: string; readonly why: string } | undefined {
  const { name, options = [], usual, problem } = applicationOf(made);
  const is = { ...usualBehaviour, ...usual };
  const option = applicationOptions.find((own) => !options.includes(own) && made[own] !== is[own]);
  return option ? { option, why: `${name} has no such option` } : problem?.(made);
}

/** The parts of a deployment; undefined if there are none. */
function partsOf(input: NonNullable<DeploymentInput['parts']>, lookUp: LookUp): Parts | undefined {
  const entries = Object.entries(input);
  const written = entries.flatMap(([name, part]) => (typeof part === 'string' ? [[name, part]] : []));
  const found = entries.flatMap(([name, part]) => (typeof part === 'string' ? [] : [[name, part]]));
  const parts: Parts = { ...lookUp(Object.fromEntries(written)), ...Object.fromEntries(found) };
  return Object.keys(parts).length === 0 ? undefined : parts;
}

/** The record of the server that a deployment names. */
export function serverOf({ server }: Pick<Deployment, 'server'>): Server {
  const found = servers.find(({ name }) => name === server);
  if (!found) throw new DeploymentError(`there is no server ${server}`);
  return found as unknown as Server;
}

/** The record of the application that a deployment names. */
export function applicationOf({ application }: Pick<Deployment, 'application'>): Application {
  const found = applications.find(({ name }) => name === application);
  if (!found) throw new DeploymentError(`there is no application ${application}`);
  return found;
}

/** The path of a route, or the route's name if the application is unknown, as in the results of another run. */
export function routeName({ application }: Pick<Deployment, 'application'>, route: Route): string {
  return asksOf(applications.find(({ name }) => name === application))[route]?.path ?? route;
}

/** A row does not describe a possible deployment; the message is the one line to show. */
export class DeploymentError extends OneLineError {
  override readonly name: string = 'DeploymentError';
}

/** A row makes sense, but its application cannot be served in this way. */
export class RefusedError extends DeploymentError {
  override readonly name = 'RefusedError';
  /** The option and why, without the row. */
  readonly reason: string;

  constructor(
    readonly deployment: Deployment,
    option: string,
    why: string,
  ) {
    super(`deployment ${deploymentName(deployment)}: ${option}: ${why}`);
    this.reason = `${option}: ${why}`;
  }
}

/** Words for values that differ from the application's default. */
const words = {
  heartbeatThread: {
    green: 'heartbeat in a green thread',
    native: 'heartbeat in a native thread',
    default: 'the library’s own heartbeat thread',
  },
  logging: { 'oslo.log': 'oslo.log', stdlib: 'the standard library’s logging' },
  messaging: { distro: 'today’s messaging', '2019': 'messaging 2019' },
} as const satisfies { [Option in ApplicationOption]?: object };

function concurrencyWords(
  concurrency: Deployment['concurrency'],
  stillPatched: readonly string[] = [],
): string {
  if (concurrency === 'eventlet') return 'patched';
  return stillPatched.length === 0 ? 'not patched' : `only ${stillPatched.join(' and ')} patched`;
}

/** A deployment's name for people: `prefork 8`, `event 1 × 25`, `event 8 × 25, messaging 2019`. */
export function deploymentName(deployment: Deployment): string {
  // An unknown application, as in the results of another run, has the suite's own default values.
  const known = applications.find(({ name }) => name === deployment.application);
  const usual = { ...usualBehaviour, ...known?.usual };
  const unusual = (option: ApplicationOption | 'broker') => deployment[option] !== usual[option];
  const rest = [
    deployment.application !== firstApplication.name && deployment.application,
    unusual('concurrency') && concurrencyWords(deployment.concurrency, known?.stillPatched),
    unusual('heartbeatThread') && words.heartbeatThread[deployment.heartbeatThread],
    deployment.pthreadIgnored && 'heartbeat_in_pthread = true, ignored',
    unusual('logging') && words.logging[deployment.logging],
    unusual('logLevel') && deployment.logLevel,
    unusual('messaging') && words.messaging[deployment.messaging],
    deployment.heartbeatSeconds !== 1 && `heartbeat ${deployment.heartbeatSeconds} s`,
    unusual('heartbeatRate') && `heartbeat_rate ${deployment.heartbeatRate}`,
    unusual('poolTtlSeconds') && `conn_pool_ttl ${deployment.poolTtlSeconds} s`,
    unusual('databaseWaitSeconds') && `wait ${deployment.databaseWaitSeconds} s`,
    deployment.cpus !== undefined && count(deployment.cpus, 'CPU'),
    unusual('extraCpuMs') && `slowed by ${deployment.extraCpuMs} ms`,
    ...Object.entries(deployment.parts ?? {}).map(([name, part]) => partName(name, part)),
    unusual('broker') && `RabbitMQ of ${deployment.broker}`,
    deployment.release,
  ].filter(Boolean);
  return [serverOf(deployment).title(deployment), ...rest].join(', ');
}
