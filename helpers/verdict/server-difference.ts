import { type DebianRelease, debianReleases } from '../config/options.ts';
import type { Parts } from '../config/parts.ts';
import { applicationOf, type Deployment, serverOf } from '../deployment/deployment.ts';
import type { ServerFacts } from '../evidence/evidence.ts';
import type { DriverConnection, PartReport, ProcessReport } from '../evidence/process-report.ts';

type Fact = readonly [what: string, expected: unknown, found: unknown, remark?: string | undefined];

/**
 * The first difference between a server and its deployment, in one line; undefined: there is none. The deployment is
 * compared with the running objects that each process reports, not with the configuration.
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

/** RabbitMQ's series in Debian's releases. The one in testing changes. */
const rabbitMQ: Readonly<Record<string, DebianRelease>> = {
  '3.8': 'bullseye',
  '3.10': 'bookworm',
  '4.0': 'trixie',
};

/** The Debian release that has this version; the version itself if no release has it. */
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
    patchedFact(deployment, report),
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

/** Without patching, nothing may be patched but what the application always patches. */
function patchedFact(deployment: Deployment, report: ProcessReport): Fact {
  if (deployment.concurrency === 'eventlet') {
    const remark = remarkOnUsual(deployment, 'concurrency', 'threads', ' never uses eventlet');
    return ['patched', true, report.patched, remark];
  }
  const { stillPatched = [] } = applicationOf(deployment);
  const names = (modules: readonly string[] = ['unknown']) => modules.join(' and ') || 'nothing';
  return ['eventlet has patched', names(stillPatched), names(report.patchedModules)];
}

/** What to add to the record of an application that lacks an option and always has another value than the default. */
function remarkOnUsual(
  deployment: Deployment,
  option: 'concurrency' | 'heartbeatThread',
  value: string,
  always: string,
): string | undefined {
  const { name, options = [] } = applicationOf(deployment);
  return options.includes(option)
    ? undefined
    : `: if ${name}${always}, add usual: { ${option}: '${value}' } to its record`;
}

/** Why the heartbeat may run on another kind of thread than expected. */
function remarkOnThread(
  deployment: Deployment,
  expected: unknown,
  { heartbeatThread, option }: DriverConnection,
) {
  if (expected === 'native' && option === false) {
    return ': this oslo.messaging has no heartbeat_in_pthread and silently ignores it';
  }
  return heartbeatThread === 'native'
    ? remarkOnUsual(deployment, 'heartbeatThread', 'native', '’s heartbeat is always native')
    : undefined;
}

/** Each requested part must be built from the requested content and loaded by the process. No other part may be there. */
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

function compared(
  expected: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): Fact[] {
  return Object.entries(expected).map(([name, value]): Fact => [name, value, found[name]]);
}

/** `heartbeat_rate` in oslo.messaging 9.5.0, which the loop of `messaging: '2019'` comes from. */
const RATE_OF_2019 = 2;

function connectionFacts(deployment: Deployment, connection: DriverConnection): Fact[] {
  const { concurrency, heartbeatThread, messaging, heartbeatSeconds } = deployment;
  const rate = deployment.heartbeatRate ?? (messaging === '2019' ? RATE_OF_2019 : undefined);
  const { loop, startedOn, runsOn } = connection;
  // With `default` the library decides, so any thread is right.
  const asked = heartbeatThread === 'default' ? connection.heartbeatThread : heartbeatThread;
  // Without patching every thread is native.
  const thread = concurrency === 'threads' && asked !== null ? 'native' : asked;
  const runs = runsOn === null ? thread : runsOn === startedOn ? 'green' : 'native';
  const loopOf = loop && (loop.startsWith('oslo_messaging.') ? 'distro' : '2019');
  return [
    ['heartbeat thread', thread, connection.heartbeatThread, remarkOnThread(deployment, thread, connection)],
    ['thread that the heartbeat runs on', thread, runs],
    ['heartbeat_timeout_threshold', heartbeatSeconds, connection.heartbeatTimeoutThreshold],
    // Other libraries do not report their loop.
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
