import { z } from 'zod';
import { applicationOptions, type Behaviour, behaviourSchema } from '../config/behaviour.ts';
import type { Frozen } from '../config/frozen.ts';

/** A function; TypeScript checks its parameters and its result. */
const callable = <F extends (...given: never[]) => unknown>() =>
  z.custom<F>((value) => typeof value === 'function', 'expected a function');

const pattern = z
  .instanceof(RegExp, { error: 'expected a regular expression' })
  // With these flags a pattern remembers where its last match ended.
  .refine(
    ({ global, sticky }) => !global && !sticky,
    'expected a regular expression without the flags g and y',
  );

/** A pattern that has these named groups. */
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
  /** By default GET. */
  method: z.literal('POST').optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Sent as JSON, given the request's id. */
  body: callable<(id: string) => object>().optional(),
  /** Messages with the request's id that the request publishes and the suite receives; by default 1. */
  messages: z.int().min(1).optional(),
});
/**
 * An HTTP request. The suite adds the headers `X-OpenStack-Request-ID` and `X-Request-ID` to every request, and the type
 * of a body.
 */
export type Ask = Frozen<z.infer<typeof askSchema>>;

/** A message that the application has published. */
export interface Message {
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly messageId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
}

/** The answer to a message, which is sent directly to a queue. */
export interface Reply {
  readonly queue: string;
  readonly text: string;
  readonly correlationId?: string | undefined;
}

const messagesSchema = z.strictObject({
  /** Its name. The suite declares it before the application does, so type and durability must be the application's. */
  exchange: z.string().min(1),
  /** By default `topic`. */
  type: z.enum(['topic', 'direct', 'fanout']).optional(),
  /** Whether it outlives the broker; by default false. */
  durable: z.boolean().optional(),
  /** Routing keys; most messages have the first. */
  topics: z.array(z.string()).min(1),
  /** The id of the request that a message came from; undefined if the message names none. */
  requestIdOf: callable<(message: Message) => string | undefined>(),
  /** The reply to a message whose sender waits for one. */
  replyTo: callable<(message: Message, requestId: string) => Reply | undefined>().optional(),
});
/** The destination of the application's messages, and how a message names the request that it came from. */
export type Messages = Frozen<z.infer<typeof messagesSchema>>;

const ownOptions = Object.fromEntries(applicationOptions.map((name) => [name, true])) as Record<
  (typeof applicationOptions)[number],
  true
>;

/** The fields of an application's record. */
export const applicationSchema = z.strictObject({
  /** The name in a deployment's record, in titles, and of its image. */
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected a-z, 0-9 and -, a letter first'),
  /** A folder of containers/, or an absolute path; in a record of your own, relative to the record. Its Dockerfile builds FROM ${BASE}, the layer below. */
  folder: z.string().min(1),
  /** Its Dockerfile, as a path in the folder; by default `Dockerfile`. */
  dockerfile: z.string().min(1).optional(),
  /**
   * The layer below it, by default a plain Debian. `oslo` has Debian's eventlet and oslo.messaging. `openstack` also has
   * MariaDB, and a filter in place of Keystone's.
   */
  on: z.enum(['oslo', 'openstack']).optional(),
  /** The WSGI callable, `module:callable`, which is served unchanged. */
  callable: z.string().regex(/^[\w.]+:\w+$/, 'expected module:callable'),
  /**
   * Requests, by what they do. `plain` is answered without AMQP. `amqp` publishes messages that carry the caller's
   * request id. `call` publishes a message and waits for its reply; it may publish others.
   */
  routes: z.strictObject({ plain: askSchema.optional(), amqp: askSchema, call: askSchema.optional() }),
  /**
   * A path without AMQP that each process answers once before anything is measured. It is for an application that loads
   * things at its first request.
   */
  firstRequest: z.string().startsWith('/').optional(),
  messages: messagesSchema,
  /** Its configuration file, if it has one. */
  configuration: z
    .strictObject({
      file: z.string().startsWith('/'),
      /** @param brokerUrl `amqp://USER:PASSWORD@HOST:5672/VIRTUALHOST`, for a client in another container. */
      text: callable<(behaviour: Behaviour, brokerUrl: string) => string>(),
    })
    .optional(),
  environment:
    callable<(behaviour: Behaviour, brokerUrl: string) => Readonly<Record<string, string>>>().optional(),
  /** The options of a deployment that it has, besides the length of the heartbeat. */
  options: z.array(z.enum(applicationOptions)).optional(),
  /** Its default values that differ from nova's. */
  usual: behaviourSchema.pick(ownOptions).partial().strict().optional(),
  /** Modules of the standard library that it patches even if it is asked not to, in the order of the probe's report. */
  stillPatched: z.array(z.string()).optional(),
  /** Which option makes a deployment impossible, and why; undefined if the deployment is possible. */
  problem:
    callable<
      (behaviour: Behaviour) => { readonly option: string; readonly why: string } | undefined
    >().optional(),
  /** What the function `facts` of its module must return in each process, if the module has it. */
  says: callable<(behaviour: Behaviour) => Readonly<Record<string, unknown>>>().optional(),
  /** Its log file in the container. */
  log: z.string().startsWith('/'),
  /**
   * Matches an entry's first line; any other line belongs to the entry above it. `time` is ISO 8601 (UTC if it names no
   * zone) or seconds since 1970. `level` is Python's name.
   */
  logEntry: patternWith('time', 'pid', 'level', 'message'),
  /** The logger of Python's `logging` that its heartbeat uses. */
  heartbeatLogger: z.string(),
  /** Matches the name of its connections at the broker, which has the process id and stays the same after a reconnect. */
  connectionName: patternWith('pid'),
  /** AMQP connections of a process that gets one request at a time; by default any number. */
  connections: z.int().min(1).optional(),
  signatures: z.strictObject({
    /** What its heartbeat logs when it has lost its connection; empty if it logs nothing. */
    heartbeatErrors: z.array(
      z.strictObject({
        pattern,
        /** The releases of the library that print it. */
        releases: z.string().optional(),
      }),
    ),
    /** What a request logs when it finds a dead connection; by default nothing. */
    unreachable: pattern.optional(),
    /**
     * Other lines of its heartbeat's logger. Any line of that logger that is not listed makes a cell with a drop
     * inconclusive, because the line may report the drop in other words.
     */
    others: z.array(pattern).optional(),
    /** The least duration of a request that a reconnect has slowed, milliseconds; by default 0. */
    slowFromMs: z.number().min(0).optional(),
  }),
  /**
   * `clean`: in every row of the truth table it keeps its connections, and no request is lost or slowed by a reconnect.
   * By default rows expect what nova-api does.
   */
  expected: z.literal('clean').optional(),
  /** Errors that its log may have while its broker is away, besides the request's own line. */
  brokerAway: z.array(pattern).optional(),
  /** Errors that its log may have at any time. A pattern is compared with the whole line and its traceback. */
  allowedErrors: z.array(pattern).optional(),
});

/** A WSGI application that is served. Only this record and the folder of its image depend on the application. */
export type Application = Frozen<z.input<typeof applicationSchema>>;
