import { z } from 'zod';
import type { Frozen } from './frozen.ts';
import { debianReleases, newestStable } from './options.ts';
import { partSchema } from './parts.ts';

/** The options that a deployment can have on any server. Some of them depend on the application: {@link applicationOptions}. */
export const behaviourSchema = z.strictObject({
  processes: z.int().min(1).max(64).describe('processes that serve the application, all started at once'),
  threads: z.int().min(1).max(64).describe('native threads in each process'),
  concurrency: z
    .enum(['eventlet', 'threads'])
    .default('eventlet')
    .describe('eventlet: patched before anything else is imported; threads: not patched'),
  heartbeatThread: z
    .enum(['green', 'native', 'default'])
    .default('green')
    .describe(
      'oslo.messaging’s heartbeat: in a green thread, in a native one (heartbeat_in_pthread), or the library’s own default',
    ),
  pthreadIgnored: z
    .literal(true)
    .optional()
    .describe(
      'the configuration asks for heartbeat_in_pthread, but the thread is green: oslo.messaging ignores the option from 18 on',
    ),
  logging: z
    .enum(['oslo.log', 'stdlib'])
    .default('oslo.log')
    .describe(
      'the library that writes the application’s log: oslo.log, as in nova, or the standard library’s logging',
    ),
  logLevel: z
    .enum(['info', 'debug'])
    .default('info')
    .describe(
      'debug: as in a deployment that is being investigated; the AMQP library then logs each heartbeat',
    ),
  messaging: z
    .enum(['distro', '2019'])
    .default('distro')
    .describe('the heartbeat loop of the installed oslo.messaging, or the loop of 2019 in its place'),
  heartbeatSeconds: z
    .int()
    .min(1)
    .max(600)
    .default(1)
    .describe(
      'heartbeat_timeout_threshold, seconds; RabbitMQ closes a connection after two to three times that in silence',
    ),
  heartbeatRate: z
    .int()
    .min(1)
    .max(10)
    .optional()
    .describe(
      'heartbeat_rate, beats in heartbeat_timeout_threshold, which some raise against lost connections; by default the library’s own',
    ),
  poolTtlSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .describe(
      'conn_pool_ttl, seconds after which an unused connection of the pool is closed; by default the library’s own (20 minutes)',
    ),
  databaseWaitSeconds: z
    .number()
    .min(0)
    .max(5)
    .default(0.01)
    .describe('seconds that a request yields for before it uses AMQP, instead of nova’s database query'),
  cpus: z
    .number()
    .positive()
    .max(64)
    .optional()
    .describe('CPUs’ worth of time that the container may use; by default all'),
  extraCpuMs: z
    .number()
    .positive()
    .max(1000)
    .optional()
    .describe('milliseconds of CPU time that are added to each request: a planted slow-down'),
  parts: z
    .record(z.string(), partSchema)
    .optional()
    .describe('libraries in place of the distribution’s, by name'),
  broker: z
    .enum(debianReleases)
    .default(newestStable)
    .describe('Debian release whose RabbitMQ is the broker; it may differ from the release of the rest'),
  release: z.enum(debianReleases).optional().describe('Debian release; by default the run’s'),
});
export type Behaviour = Frozen<z.infer<typeof behaviourSchema>>;

/**
 * The options that depend on the application. Its record says which of them it has. Every application must have
 * `heartbeatSeconds`, because the suite works at another scale of time.
 */
export const applicationOptions = [
  'concurrency',
  'heartbeatThread',
  'pthreadIgnored',
  'logging',
  'logLevel',
  'messaging',
  'heartbeatRate',
  'poolTtlSeconds',
  'databaseWaitSeconds',
  'extraCpuMs',
] as const satisfies (keyof Behaviour)[];
export type ApplicationOption = (typeof applicationOptions)[number];

/** The default values of a deployment. */
export const usualBehaviour: Behaviour = behaviourSchema.parse({ processes: 1, threads: 1 });
