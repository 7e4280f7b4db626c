/**
 * Runs a command and prints the processor time of it and its containers, by program. Linux only.
 *
 *     npm run dev:cpu-seconds -- npm run reproduce
 *
 * Reads `/proc/PID/stat` of every process five times a second. A process may use time after it was read for the last
 * time, or live between two readings. Its parent's time of ended children has that time, and it is shown there. Time that
 * no process has is computed from `/proc/stat`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, execaSync } from 'execa';
import { getContainerRuntimeClient } from 'testcontainers';

const EACH_MS = 200;
const TICKS_PER_SECOND = Number(execaSync('getconf', ['CLK_TCK']).stdout);
const ENGINE = /^(dockerd|containerd|containerd-shim|docker-proxy|docker-init|runc.*|podman|conmon|crun)$/;
const PROCESS_LABEL = 'mpm-heartbeat.process';

/** A process. Times in clock ticks. */
interface Process {
  readonly pid: number;
  parent: number;
  /** The time that it has used since the start, by the program that it ran. */
  readonly own: Map<string, number>;
  name: string;
  /** At the last reading: its own time, and the time of its ended children and their children. */
  ownUntil: number;
  reapedUntil: number;
  /** Time of its ended children that no reading saw. */
  unseen: number;
  /** Whether the command started it, directly or through others. */
  readonly ofCommand: boolean;
  /** The container that it runs in, or that it manages. */
  readonly container: string | undefined;
}

const processes = new Map<string, Process>();
const alive = new Map<number, string>();
/** The process that owns the run to which a container belongs, by its label. */
const runOfContainer = new Map<string, Promise<number | undefined>>();
const engine = await getContainerRuntimeClient().catch(() => undefined);

/** Reads every process. @param command the process id of the command. */
function look(command: number | undefined, isFirst: boolean): void {
  const before = new Map(alive);
  alive.clear();
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const pid of pids.map(Number).sort((a, b) => a - b)) {
    const stat = read(`/proc/${pid}/stat`);
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)/s.exec(stat) ?? [];
    if (rest === '') continue;
    const fields = rest.split(' ');
    const field = (number: number) => Number(fields[number - 3]);
    const [parent, own, reaped] = [field(4), field(14) + field(15), field(16) + field(17)];
    const key = `${pid} since ${field(22)}`;
    alive.set(pid, key);
    before.delete(pid);
    const process = processes.get(key) ?? begin(key, { pid, parent, isFirst, own, reaped, name, command });
    // Newer releases of Node.js name their main thread `MainThread`.
    process.name = /MainThread$/.test(name) ? 'node' : name;
    process.own.set(process.name, (process.own.get(process.name) ?? 0) + own - process.ownUntil);
    process.unseen += reaped - process.reapedUntil;
    Object.assign(process, { parent, ownUntil: own, reapedUntil: reaped });
  }
  for (const key of before.values()) {
    const ended = processes.get(key);
    const heir = ended && livingAncestor(ended, before);
    if (heir) heir.unseen -= ended.ownUntil + ended.reapedUntil;
  }
}

/** The process whose time of ended children now has an ended process's time. The parent may have ended too. */
function livingAncestor({ parent }: Process, ended: ReadonlyMap<number, string>): Process | undefined {
  const key = alive.get(parent);
  if (key !== undefined) return processes.get(key);
  const between = processes.get(ended.get(parent) ?? '');
  return between && livingAncestor(between, ended);
}

function begin(
  key: string,
  it: Pick<Process, 'pid' | 'parent' | 'name'> & {
    own: number;
    reaped: number;
    isFirst: boolean;
    command: number | undefined;
  },
): Process {
  const { pid, parent, isFirst, command } = it;
  const container =
    /\b[0-9a-f]{64}\b/.exec(read(`/proc/${pid}/cgroup`))?.[0] ??
    /-id\0([0-9a-f]{64})\0/.exec(read(`/proc/${pid}/cmdline`))?.[1];
  if (container !== undefined && !runOfContainer.has(container)) {
    runOfContainer.set(container, runOf(container));
  }
  const process: Process = {
    pid,
    parent,
    name: it.name,
    own: new Map(),
    ownUntil: isFirst ? it.own : 0,
    reapedUntil: isFirst ? it.reaped : 0,
    unseen: 0,
    ofCommand: pid === command || (processes.get(alive.get(parent) ?? '')?.ofCommand ?? false),
    container,
  };
  processes.set(key, process);
  return process;
}

async function runOf(container: string): Promise<number | undefined> {
  try {
    const { Config } = await (engine?.container.dockerode.getContainer(container).inspect() ??
      Promise.reject(new Error('no engine')));
    return Number(Config.Labels[PROCESS_LABEL]);
  } catch {
    return undefined;
  }
}

/** A process may have ended since it was listed. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The busy time of all processors, in ticks: user, nice, system, and interrupts. */
function busyTicks(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
    /^cpu +(.*)/.exec(read('/proc/stat'))?.[1]?.split(' ').map(Number) ?? [];
  return user + nice + system + irq + softirq;
}

const [program, ...more] = process.argv.slice(2);
if (program === undefined || process.platform !== 'linux') {
  console.error('cpu-seconds: on Linux, with a command: npm run dev:cpu-seconds -- npm run reproduce');
  process.exit(2);
}

look(undefined, true);
const [beganAt, busyBefore] = [performance.now(), busyTicks()];
const running = execa(program, more, { stdio: 'inherit', reject: false });
let ended = false;
const end = running.then((result) => {
  ended = true;
  return result;
});
while (!ended) {
  look(running.pid, false);
  await Promise.race([end, sleep(EACH_MS)]);
}
look(running.pid, false);
const { exitCode } = await end;
const [seconds, busy] = [(performance.now() - beganAt) / 1000, busyTicks() - busyBefore];

const ofRun = new Set([...processes.values()].filter(({ ofCommand }) => ofCommand).map(({ pid }) => pid));
const owners = ['the run', 'the engine, for all its users', 'the rest of the machine'] as const;
type Owner = (typeof owners)[number];
const rows = new Map<string, { owner: Owner; name: string; ticks: number; processes: number }>();

function add(owner: Owner, name: string, ticks: number): void {
  const row = rows.get(owner + name) ?? { owner, name, ticks: 0, processes: 0 };
  rows.set(owner + name, { ...row, ticks: row.ticks + ticks, processes: row.processes + 1 });
}

for (const it of processes.values()) {
  const run = it.container === undefined ? undefined : await runOfContainer.get(it.container);
  const isOfRun = it.ofCommand || (run !== undefined && ofRun.has(run));
  const owner = isOfRun ? 'the run' : 'the rest of the machine';
  for (const [name, ticks] of it.own)
    add(ENGINE.test(name) ? 'the engine, for all its users' : owner, name, ticks);
  if (it.unseen > 0) add(owner, `ended children of ${it.name}`, it.unseen);
}

const all = [...rows.values()];
const sum = (some: typeof all) => some.reduce((total, { ticks }) => total + ticks, 0);
const shown = (ticks: number) => (ticks / TICKS_PER_SECOND).toFixed(1).padStart(8);
console.log(
  `\nCPU-seconds by program, ${seconds.toFixed(1)} s on ${availableParallelism()} processors, of which ${shown(busy).trim()} busy`,
);
for (const owner of owners) {
  const its = all.filter((row) => row.owner === owner);
  console.log(`${shown(sum(its))}  ${owner}`);
  if (owner === 'the rest of the machine') continue;
  for (const { name, ticks, processes } of its.sort((a, b) => b.ticks - a.ticks)) {
    if (ticks / TICKS_PER_SECOND >= 0.05) console.log(`${shown(ticks)}      ${name} (${processes})`);
  }
}
const residual = busy - sum(all);
console.log(`${shown(residual)}  in no process: ${((100 * residual) / busy).toFixed(1)} % of what was busy`);
process.exitCode = exitCode ?? 1;
