import { z } from 'zod';
import type { Frozen } from './frozen.ts';
import { debianReleases, newestStable } from './options.ts';
import { partSchema } from './parts.ts';

/** What a deployment says whatever its server and its application are. */
export const behaviourSchema = z.strictObject({
  processes: z.int().min(1).max(64).describe('that serve the application, all of them started at once'),
  threads: z.int().min(1).max(64).describe('native threads in each process'),
  concurrency: z
    .enum(['eventlet', 'threads'])
    .default('eventlet')
    .describe('eventlet: patched before anything else is imported; threads: not patched'),
  heartbeatThread: z
    .enum(['green', 'native', 'default'])
    .default('green')
    .describe(
      'oslo.messaging’s heartbeat: a green thread or a native one (heartbeat_in_pthread), or what the library makes by itself',
    ),
  pthreadIgnored: z
    .literal(true)
    .optional()
    .describe(
      'the configuration asks for heartbeat_in_pthread, and the thread is green all the same: oslo.messaging from 18 on has no such option and ignores it',
    ),
  logging: z
    .enum(['oslo.log', 'stdlib'])
    .default('oslo.log')
    .describe(
      'what writes the application’s log: oslo.log, as nova has it, or the standard library’s logging',
    ),
  logLevel: z
    .enum(['info', 'debug'])
    .default('info')
    .describe('debug: what deployments have that are looked into; the AMQP library then logs each heartbeat'),
  messaging: z
    .enum(['distro', '2019'])
    .default('distro')
    .describe('the heartbeat loop of the installed oslo.messaging, or the one of 2019 in its place'),
  heartbeatSeconds: z
    .int()
    .min(1)
    .max(600)
    .default(1)
    .describe('heartbeat_timeout_threshold, seconds; RabbitMQ closes after two to three of them in silence'),
  heartbeatRate: z
    .int()
    .min(1)
    .max(10)
    .optional()
    .describe(
      'heartbeat_rate, beats in that time, which is raised against lost connections; the library’s own where it is not said',
    ),
  poolTtlSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .describe(
      'conn_pool_ttl, seconds after which a connection of the pool that nobody used is closed; the library’s own (20 minutes) where it is not said',
    ),
  databaseWaitSeconds: z
    .number()
    .min(0)
    .max(5)
    .default(0.01)
    .describe('what a request waits, yielding, before it uses AMQP: the place of nova’s database query'),
  cpus: z
    .number()
    .positive()
    .max(64)
    .optional()
    .describe('CPUs’ worth of time that the container may use; all there are where it is not said'),
  extraCpuMs: z
    .number()
    .positive()
    .max(1000)
    .optional()
    .describe('milliseconds of CPU time that each request is burdened with: a slow-down planted on purpose'),
  parts: z
    .record(z.string(), partSchema)
    .optional()
    .describe('libraries in place of the distribution’s, by name'),
  broker: z
    .enum(debianReleases)
    .default(newestStable)
    .describe('Debian release whose RabbitMQ is the broker, whatever the release of the rest'),
  release: z.enum(debianReleases).optional().describe('Debian release, where it is not the run’s'),
});
export type Behaviour = Frozen<z.infer<typeof behaviourSchema>>;

/**
 * What of it the application decides. It says which of these it has; each of them must have `heartbeatSeconds`,
 * since the suite works at another scale of time.
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

/** What a deployment has where it says nothing but its size. */
export const usualBehaviour: Behaviour = behaviourSchema.parse({ processes: 1, threads: 1 });
