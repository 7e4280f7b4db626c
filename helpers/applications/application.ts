import { z } from 'zod';
import { applicationOptions, type Behaviour, behaviourSchema } from '../config/behaviour.ts';
import type { Frozen } from '../config/frozen.ts';

/** A function; what it takes and gives is TypeScript's to check. */
const callable = <F extends (...given: never[]) => unknown>() =>
  z.custom<F>((it) => typeof it === 'function', 'expected a function');

const pattern = z
  .instanceof(RegExp, { error: 'expected a regular expression' })
  // They would remember where they last stood.
  .refine(
    ({ global, sticky }) => !global && !sticky,
    'expected a regular expression without the flags g and y',
  );

/** A pattern with these named groups. */
function patternWith(...names: string[]) {
  const hasAll = ({ source, flags }: RegExp) => {
    const groups = new RegExp(`${source}|`, flags).exec('')?.groups ?? {};
    return names.every((name) => name in groups);
  };
  const listed = names.map((name) => `(?<${name}>…)`).join(', ');
  return pattern.refine(hasAll, `expected a regular expression with ${listed}`);
}

const askSchema = z.strictObject({
  path: z.string().startsWith('/'),
  /** GET where it is not said. */
  method: z.literal('POST').optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Sent as JSON, given the request's id. */
  body: callable<(id: string) => object>().optional(),
  /** Messages with the request's id that such a request publishes and the suite receives; 1 where it is not said. */
  messages: z.int().min(1).optional(),
});
/** An HTTP request, without what all of them have: the headers `X-OpenStack-Request-ID` and `X-Request-ID`, and the type of a body. */
export type Ask = Frozen<z.infer<typeof askSchema>>;

/** A message that the application has published. */
export interface Message {
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly messageId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
}

/** What a message is answered with, straight into a queue. */
export interface Reply {
  readonly queue: string;
  readonly text: string;
  readonly correlationId?: string | undefined;
}

const messagesSchema = z.strictObject({
  /** Its name; the suite declares it before the application does, so type and durability must be the application's. */
  exchange: z.string().min(1),
  /** `topic` where it is not said. */
  type: z.enum(['topic', 'direct', 'fanout']).optional(),
  /** Whether it outlives the broker; false where it is not said. */
  durable: z.boolean().optional(),
  /** Routing keys; the first is the one that most messages have. */
  topics: z.array(z.string()).min(1),
  /** The id of the request that a message came from; undefined where it names none. */
  requestIdOf: callable<(message: Message) => string | undefined>(),
  /** What a message is answered with, where its sender waits for a reply. */
  replyTo: callable<(message: Message, requestId: string) => Reply | undefined>().optional(),
});
/** Where the application's messages go, and how one names the request that it came from. */
export type Messages = Frozen<z.infer<typeof messagesSchema>>;

const ownOptions = Object.fromEntries(applicationOptions.map((name) => [name, true])) as Record<
  (typeof applicationOptions)[number],
  true
>;

export const applicationSchema = z.strictObject({
  /** The name in a deployment's record, in titles, and of its image. */
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected a-z, 0-9 and -, a letter first'),
  /** The folder with its Dockerfile, which builds FROM ${BASE}, a plain Debian: a folder of containers/, or an absolute path. */
  folder: z.string().min(1),
  /** What its image is built on; `openstack`: MariaDB, and a filter in place of Keystone's. */
  on: z.literal('openstack').optional(),
  /** The WSGI callable, `module:callable`, which is served as it is. */
  callable: z.string().regex(/^[\w.]+:\w+$/, 'expected module:callable'),
  /** Requests, by what they do. `plain` is answered without AMQP, `amqp` publishes messages that carry the caller's request id, `call` publishes one and waits for the reply to it. */
  routes: z.strictObject({ plain: askSchema.optional(), amqp: askSchema, call: askSchema.optional() }),
  /** A path that each process is asked once before anything is measured, where the application builds at its first request what a request then has; without AMQP. */
  firstRequest: z.string().startsWith('/').optional(),
  messages: messagesSchema,
  /** Its configuration file, where it has one. */
  configuration: z
    .strictObject({
      file: z.string().startsWith('/'),
      /** @param brokerUrl `amqp://USER:PASSWORD@HOST:5672/VIRTUALHOST`, as a client in another container writes it. */
      text: callable<(it: Behaviour, brokerUrl: string) => string>(),
    })
    .optional(),
  /** Variables of its environment. */
  environment: callable<(it: Behaviour, brokerUrl: string) => Readonly<Record<string, string>>>().optional(),
  /** What of a deployment it has an option for, besides the length of the heartbeat. */
  options: z.array(z.enum(applicationOptions)).optional(),
  /** What it is where a row says nothing of it, and that is not nova's usual value. */
  usual: behaviourSchema.pick(ownOptions).partial().strict().optional(),
  /** Why such a deployment makes no sense all the same, and which option says so; undefined where it does. */
  problem:
    callable<(it: Behaviour) => { readonly option: string; readonly why: string } | undefined>().optional(),
  /** What its `facts` must say in each process, where its module has such a function. */
  says: callable<(it: Behaviour) => Readonly<Record<string, unknown>>>().optional(),
  /** Its log file in the container. */
  log: z.string().startsWith('/'),
  /** The form of an entry's first line; what does not match goes on with the entry above. `time` is as ISO 8601 has it, UTC where it names no zone, or seconds since 1970; `level` is Python's name. */
  logEntry: patternWith('time', 'pid', 'level', 'message'),
  /** The logger of Python's `logging` through which its heartbeat speaks. */
  heartbeatLogger: z.string(),
  /** The name that its connections have at the broker, with the process id in it; the same one after a reconnect. */
  connectionName: patternWith('pid'),
  /** AMQP connections that a process has where one request comes at a time; any number where it is not said. */
  connections: z.int().min(1).optional(),
  signatures: z.strictObject({
    /** What its heartbeat logs of a lost connection; none: it logs nothing. */
    heartbeatErrors: z.array(
      z.strictObject({
        pattern,
        /** The releases of the library that print it. */
        releases: z.string().optional(),
      }),
    ),
    /** What a request logs when it meets a dead connection; not said: nothing. */
    unreachable: pattern.optional(),
    /** What the logger of its heartbeat says of other things. Any other line of that logger beside a dropped connection makes the cell inconclusive: it may be the same event in other words. */
    others: z.array(pattern).optional(),
    /** What such a request takes at least to count as slowed by the reconnect, milliseconds; 0 where it is not said. */
    slowFromMs: z.number().min(0).optional(),
  }),
  /** `clean`: in every row of the truth table it keeps its connections, and no request is lost or slowed by a reconnect. Rows expect what nova-api does where it is not said. */
  expected: z.literal('clean').optional(),
  /** What its log may have of errors while its broker is away, besides the request's own line. */
  brokerAway: z.array(pattern).optional(),
  /** What its log may have of errors without any sign of trouble. */
  allowedErrors: z.array(pattern).optional(),
});

/**
 * What is served. Everything that the suite knows of a WSGI application stands in its record and in the folder of its
 * image, and nowhere else.
 */
export type Application = Frozen<z.input<typeof applicationSchema>>;
