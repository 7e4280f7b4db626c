import { type DebianRelease, debianReleases } from '../config/options.ts';
import type { Parts } from '../config/parts.ts';
import { applicationOf, type Deployment, serverOf } from '../deployment/deployment.ts';
import type { ServerFacts } from '../evidence/evidence.ts';
import type { DriverConnection, PartReport, ProcessReport } from '../evidence/process-report.ts';

type Fact = readonly [what: string, expected: unknown, found: unknown, remark?: string | undefined];

/**
 * How a server, as it was found, differs from its deployment, in one line; undefined if it does not. What the
 * row varies is compared with what each process says of its running objects, not with what it was told.
 */
export function serverDifference(deployment: Deployment, server: ServerFacts): string | undefined {
  const { processes } = server;
  const { modules } = serverOf(deployment);
  if (processes.length === 0) return 'its processes gave no report';
  return firstWrong([
    ...(modules
      ? [[`${modules.listedBy} lists`, modules.expected(deployment), server.modules.join(' and ')] as const]
      : []),
    ['Debian', deployment.release ?? server.imageRelease, server.versions.Debian],
    ['RabbitMQ is that of', deployment.broker, releaseOfRabbitMQ(server.versions.RabbitMQ)],
    ['processes that answered', deployment.processes, processes.length],
    ...processes.flatMap((report) => processFacts(deployment, report)),
  ]);
}

/** RabbitMQ of Debian's releases; testing's changes. */
const rabbitMQ: Readonly<Record<string, DebianRelease>> = {
  '3.8': 'bullseye',
  '3.10': 'bookworm',
  '4.0': 'trixie',
};

/** The Debian release that has that version; the version itself where none of them has. */
function releaseOfRabbitMQ(version: string | null = null): DebianRelease | string | null {
  const [major, minor] = version?.split('.') ?? [];
  const known = rabbitMQ[`${major}.${minor}`];
  return known ?? (Number(major) >= 4 ? debianReleases[0] : version);
}

function processFacts(deployment: Deployment, report: ProcessReport): Fact[] {
  const handlers = report.logging.handlers.map(({ formatter, lock }) => ({
    by: formatter?.startsWith('oslo_log.') ? 'oslo.log' : 'stdlib',
    pipe: lock?.startsWith('oslo_log.') ?? false,
  }));
  return [
    ...compared(serverOf(deployment).says(deployment), report.server),
    ['processes', deployment.processes, report.processes],
    ['threads', deployment.threads, report.threads],
    ['patched', deployment.concurrency === 'eventlet', report.patched, remarkOnPatching(deployment)],
    ...handlers.map(({ by }): Fact => ['log written by', deployment.logging, by]),
    ...(deployment.logging === 'stdlib'
      ? handlers.map(({ pipe }): Fact => ['oslo.log’s lock on a handler', false, pipe])
      : []),
    ...partFacts(deployment.parts ?? {}, report.parts ?? []),
    ['log from level', deployment.logLevel.toUpperCase(), report.logging.level],
    ...report.connections.flatMap((connection) => connectionFacts(deployment, connection)),
    ...compared(applicationOf(deployment).says?.(deployment) ?? {}, report.application),
  ];
}

/** Who has no option for it may be another than its record says. */
function remarkOnPatching(deployment: Deployment): string | undefined {
  const { name, options = [] } = applicationOf(deployment);
  return options.includes('concurrency')
    ? undefined
    : `: where ${name} never uses eventlet, its record says usual: { concurrency: 'threads' }`;
}

/** Each part that was asked for is built from what was asked for, and is what the process has loaded; and there is no other. */
function partFacts(parts: Parts, reports: readonly PartReport[]): Fact[] {
  const names = (of: readonly string[]) => [...of].sort().join(' and ') || 'none';
  return [
    ['parts', names(Object.keys(parts)), names(reports.map(({ name }) => name))],
    ...Object.entries(parts).flatMap(([name, { content, version }]): Fact[] => {
      const found = reports.find((report) => report.name === name);
      if (!found) return [];
      const elsewhere = found.files.find((file) => !file.startsWith(`${found.place}/`));
      return [
        [`content of ${name}`, content, found.content],
        [`version of ${name}`, version ?? found.built, found.version],
        [`version of ${name} as it was built`, found.version, found.built],
        [`${name} is loaded`, true, found.files.length > 0],
        [`${name} is loaded from`, found.place, elsewhere ?? found.place],
      ];
    }),
  ];
}

/** What a record says must be, held against what a process says. */
function compared(must: Readonly<Record<string, unknown>>, says: Readonly<Record<string, unknown>>): Fact[] {
  return Object.entries(must).map(([name, expected]): Fact => [name, expected, says[name]]);
}

/** `heartbeat_rate` in oslo.messaging 9.5.0, whose loop `messaging 2019` is. */
const RATE_OF_2019 = 2;

function connectionFacts(deployment: Deployment, connection: DriverConnection): Fact[] {
  const { concurrency, heartbeatThread, messaging, heartbeatSeconds } = deployment;
  const rate = deployment.heartbeatRate ?? (messaging === '2019' ? RATE_OF_2019 : undefined);
  const { loop, option, startedOn, runsOn } = connection;
  // Where it is the library's to decide, any will do.
  const asked = heartbeatThread === 'default' ? connection.heartbeatThread : heartbeatThread;
  // Where nothing is patched each thread is a native one.
  const thread = concurrency === 'threads' && asked !== null ? 'native' : asked;
  const ignored =
    thread === 'native' && option === false
      ? ': this oslo.messaging has no heartbeat_in_pthread and ignores it without a word'
      : undefined;
  const runs = runsOn === null ? thread : runsOn === startedOn ? 'green' : 'native';
  const loopOf = loop && (loop.startsWith('oslo_messaging.') ? 'distro' : '2019');
  return [
    ['heartbeat thread', thread, connection.heartbeatThread, ignored],
    ['thread that the heartbeat runs on', thread, runs],
    ['heartbeat_timeout_threshold', heartbeatSeconds, connection.heartbeatTimeoutThreshold],
    // Another library has a loop of its own, and says nothing of it.
    ['heartbeat loop', messaging, loopOf ?? 'distro'],
    ...(rate === undefined ? [] : ([['heartbeat_rate', rate, connection.heartbeatRate]] satisfies Fact[])),
  ];
}

function firstWrong(facts: readonly Fact[]): string | undefined {
  const wrong = facts.find(([, expected, found]) => expected !== found);
  if (!wrong) return undefined;
  const [what, expected, found, remark = ''] = wrong;
  return `${what} ${found}, expected ${expected}${remark}`;
}
