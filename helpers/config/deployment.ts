import { z } from 'zod';
import { debianReleases } from './options.ts';

const mpms = ['prefork', 'event', 'worker'] as const;
export type Mpm = (typeof mpms)[number];
export const servers = ['httpd', 'uwsgi'] as const;

const schema = z
  .strictObject({
    /** Apache httpd with mod_wsgi, or uWSGI without Apache. */
    server: z.enum(servers).default('httpd'),
    /** httpd's; uWSGI has none. */
    mpm: z.enum(mpms).optional(),
    /** Whether the MPM's own processes run the application, or mod_wsgi's daemons do. */
    wsgi: z.enum(['embedded', 'daemon']).default('embedded'),
    /** Processes that serve the application, all of them started at once. */
    processes: z.int().min(1).max(64),
    /** Native threads in each of them. */
    threads: z.int().min(1).max(64),
    /** `eventlet`: patched before anything else is imported; `threads`: not patched. */
    concurrency: z.enum(['eventlet', 'threads']).default('eventlet'),
    /** oslo.messaging's heartbeat: a green thread, or `native` (`heartbeat_in_pthread`). */
    heartbeatThread: z.enum(['green', 'native']).default('green'),
    /** What writes the application's log: oslo.log, as nova has it, or the standard library's `logging`. */
    logging: z.enum(['oslo.log', 'stdlib']).default('oslo.log'),
    /** The heartbeat loop of the installed oslo.messaging, or the one of 2019 in its place. */
    messaging: z.enum(['distro', '2019']).default('distro'),
    /** `heartbeat_timeout_threshold`, seconds; RabbitMQ closes after two to three of them in silence. */
    heartbeatSeconds: z.int().min(1).max(600).default(1),
    /** Seconds that a request waits, yielding, before it uses AMQP: the place of nova's database query. */
    databaseWaitSeconds: z.number().min(0).max(5).default(0.01),
    /** CPUs' worth of time that the container may use; all there are where it is not said. */
    cpus: z.number().positive().max(64).optional(),
    /** Milliseconds of CPU time that each request is burdened with: a slow-down planted on purpose. */
    extraCpuMs: z.number().positive().max(1000).optional(),
    release: z.enum(debianReleases).optional(),
  })
  .refine((it) => it.server === 'uwsgi' || it.mpm !== undefined, {
    error: `httpd has an MPM: ${mpms.join(', ')}`,
    path: ['mpm'],
  })
  .refine((it) => it.server === 'httpd' || it.mpm === undefined, {
    error: 'an MPM is httpd’s; uWSGI has none',
    path: ['mpm'],
  })
  .refine((it) => it.server === 'httpd' || it.wsgi === 'embedded', {
    error: 'daemon mode is mod_wsgi’s; uWSGI has none',
    path: ['wsgi'],
  })
  .refine((it) => it.mpm !== 'prefork' || it.wsgi === 'daemon' || it.threads === 1, {
    error: 'prefork has one thread in each process',
    path: ['threads'],
  });

/** One way to serve the stub API. What is not said has nova's usual value. */
export type Deployment = Readonly<z.infer<typeof schema>>;

/** What one writes down of a deployment. */
export type DeploymentRow = z.input<typeof schema>;

/**
 * A deployment from its row.
 *
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense.
 */
export function deployment(row: DeploymentRow): Deployment {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DeploymentError(`deployment ${JSON.stringify(row)}: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** The MPM of a deployment that has one. @throws DeploymentError for uWSGI. */
export function mpmOf({ mpm }: Pick<Deployment, 'mpm'>): Mpm {
  if (mpm === undefined) throw new DeploymentError('uWSGI has no MPM');
  return mpm;
}

/** A row that describes no possible deployment; the message is the one line to show. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}

/** How people speak of it: `prefork 8`, `event 1 × 25`, `event 8 × 25, messaging 2019`. */
export function deploymentName(it: Deployment): string {
  const embeddedPrefork = it.mpm === 'prefork' && it.wsgi === 'embedded';
  const size = embeddedPrefork ? `${it.processes}` : `${it.processes} × ${it.threads}`;
  const rest = [
    it.concurrency === 'threads' && 'not patched',
    it.heartbeatThread === 'native' && 'heartbeat in a native thread',
    it.logging === 'stdlib' && 'the standard library’s logging',
    it.messaging === '2019' && 'messaging 2019',
    it.heartbeatSeconds !== 1 && `heartbeat ${it.heartbeatSeconds} s`,
    it.databaseWaitSeconds !== 0.01 && `wait ${it.databaseWaitSeconds} s`,
    it.cpus !== undefined && `${it.cpus} CPU${it.cpus === 1 ? '' : 's'}`,
    it.extraCpuMs !== undefined && `slowed by ${it.extraCpuMs} ms`,
    it.release,
  ].filter(Boolean);
  return [`${serverName(it)} ${size}${it.wsgi === 'daemon' ? ` under ${it.mpm}` : ''}`, ...rest].join(', ');
}

function serverName({ server, wsgi, mpm }: Deployment): string {
  if (server === 'uwsgi') return 'uWSGI';
  return wsgi === 'daemon' ? 'daemon' : mpmOf({ mpm });
}
