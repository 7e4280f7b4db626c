/**
 * Measures `npm run diagnose` on a synthetic log of RabbitMQ, against `grep -c -E` with five patterns on the same file.
 * The two are executed in turn. The file is in the system's temporary folder, and is removed afterwards.
 *
 *     npm run dev:diagnose-speed            1 GB
 *     npm run dev:diagnose-speed -- 200     200 MB
 *
 * Measure on a quiet machine: nothing here notices other load.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../helpers/evidence/median.ts';
import { type BrokerForm, brokerForms, type MadeUpConnection } from '../tests/unit/fixtures/printed-logs.ts';

const MB = 1e6;
const TIMES = 3;
/** Of proc(5)'s processor times. */
const TICKS_A_SECOND = 100;
const PATTERNS = [
  'missed heartbeats from client',
  'client unexpectedly closed',
  'heartbeat_send_error',
  'started TCP listener',
  'UNEXPECTED_FRAME',
];
/** One connection in this many is dropped, and one loses its client. */
const [DROPPED_OF, LOST_OF] = [500, 700];
/** The form of 4.1 and later. */
const newest = brokerForms['4.1'] as BrokerForm;

const megabytes = Number(process.argv[2] ?? 1000);
if (!(megabytes > 0)) {
  console.error(`diagnose-speed: ${process.argv[2]} is no size, expected megabytes, e.g. 200`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'diagnose-speed-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const file = join(folder, 'rabbit.log');
const bytes = writeLog(file, megabytes * MB);
console.log(`${(bytes / MB).toFixed(0)} MB of RabbitMQ’s log, ${TIMES} times each, in turn`);
const runs = { diagnose: [] as Run[], grep: [] as Run[] };
for (let time = 0; time < TIMES; time += 1) {
  runs.grep.push(await measured('grep', ['-c', '-E', PATTERNS.join('|'), file]));
  // `npm run diagnose` without npm and tsx's own process. The option bounds its memory, as in package.json.
  const options = ['--max-semi-space-size=2', '--import', 'tsx'];
  runs.diagnose.push(await measured(process.execPath, [...options, 'scripts/diagnose.ts', file]));
}
for (const [name, all] of Object.entries(runs)) {
  const speed = (of: (run: Run) => number) => (bytes / MB / (median(all.map(of)) ?? 0)).toFixed(0);
  const peak = Math.max(...all.map(({ peakMb }) => peakMb)).toFixed(0);
  console.log(
    `${name.padEnd(8)} ${speed(({ seconds }) => seconds)} MB/s, ${speed(({ cpuSeconds }) => cpuSeconds)} MB a CPU second, at most ${peak} MB of memory`,
  );
}
const ratio =
  median(runs.diagnose.map(({ seconds }, index) => (runs.grep[index]?.seconds ?? 0) / seconds)) ?? 0;
console.log(`${ratio.toFixed(2)} times as fast as grep (median of pairs)`);

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

async function measured(command: string, args: readonly string[]): Promise<Run> {
  const began = performance.now();
  // To /dev/null, grep would stop at the first match.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.resume();
  const seen = { cpuSeconds: 0, peakMb: 0 };
  const timer = setInterval(() => Object.assign(seen, factsOf(child.pid) ?? {}), 50);
  await once(child, 'exit');
  clearInterval(timer);
  return { ...seen, seconds: (performance.now() - began) / 1000 };
}

/** Processor time and peak memory of a process until now (proc(5)); undefined if it has ended. */
function factsOf(pid: number | undefined): Omit<Run, 'seconds'> | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const peakMb = (Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / MB;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
    return Number.isNaN(peakMb) ? undefined : { cpuSeconds, peakMb };
  } catch {
    return undefined;
  }
}

/** Writes connections that are opened and closed one after another. @returns how many bytes. */
function writeLog(path: string, size: number): number {
  const descriptor = openSync(path, 'w');
  let written = 0;
  let at = Date.parse('2026-01-01T00:00:00Z');
  try {
    for (let number = 0; written < size; ) {
      const lines: string[] = [];
      for (let each = 0; each < 1000; each += 1, number += 1) {
        at += 37;
        lines.push(...connectionLines(number, at));
      }
      written += writeSync(descriptor, `${lines.join('\n')}\n`);
    }
  } finally {
    closeSync(descriptor);
  }
  return written;
}

function connectionLines(number: number, at: number): string[] {
  const hex = (digits: number) => number.toString(16).padStart(digits, '0');
  const program = ['nova-compute', 'mod_wsgi', 'neutron-server', 'uwsgi'][number % 4];
  const connection: MadeUpConnection = {
    erlangProcess: `<0.${1000 + number}.0>`,
    peer: `10.0.${number % 256}.${(number >> 8) % 250}:${1024 + (number % 60_000)}`,
    name: `${program}:${2 + (number % 500)}:${hex(8)}-1111-4222-a333-${hex(12)}`,
    user: 'nova',
    vhost: '/',
    openedAt: at,
    endedAt: at + 30,
    how: endingOf(number),
    timeoutSeconds: 60,
  };
  return [
    ...newest.print({ at, kind: 'opened', connection }),
    ...newest.print({ at: at + 30, kind: 'ended', connection }),
  ];
}

function endingOf(number: number): MadeUpConnection['how'] {
  if (number % DROPPED_OF === 0) return 'missed heartbeats';
  return number % LOST_OF === 0 ? 'lost by the client' : 'closed by the client';
}
