/**
 * Ends runs with a signal at random moments, the main process alone and its whole group in turn, and
 * checks that within 30 s nothing of them is left: no container, network, volume or process.
 *
 *     npm run killed -- 10 SIGKILL
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

const times = Number(process.argv[2] ?? 10);
const signal = (process.argv[3] ?? 'SIGKILL') as NodeJS.Signals;
const LONGEST_MS = 45_000;
const LIMIT_MS = 30_000;

async function lines(command: string, arguments_: string): Promise<string[]> {
  const { stdout } = await execa(command, arguments_.split(' '), { reject: false });
  return stdout.split('\n').filter((line) => line !== '');
}

/** What the engine has that a run could have made. */
async function ofTheEngine(): Promise<string[]> {
  const kinds = await Promise.all([
    lines('docker', 'ps --all --filter label=org.testcontainers --format container:{{.ID}}:{{.Image}}'),
    lines('docker', 'network ls --filter label=mpm-heartbeat.run --format network:{{.Name}}'),
    lines('docker', 'volume ls --format volume:{{.Name}}'),
  ]);
  return kinds.flat();
}

/** A run at a random moment of it. One that ended by itself before is no round: the next is looked at earlier. */
async function runUntil(longestMs: number): Promise<{ pid: number; after: number; ended: Promise<unknown> }> {
  const startedAt = Date.now();
  const after = Math.round(Math.random() * longestMs);
  const run = execa(
    'node',
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'acceptance', 'heartbeat'],
    { detached: true, stdio: 'ignore', reject: false },
  );
  await Promise.race([run, sleep(after, undefined, { ref: false })]);
  if (run.exitCode === null) return { pid: run.pid as number, after, ended: run };
  if (run.exitCode !== 0) throw new Error('the run failed by itself: npm run reproduce says why');
  return runUntil(Date.now() - startedAt);
}

let clean = 0;
for (let round = 0; round < times; round++) {
  const group = round % 2 === 1;
  const before = new Set(await ofTheEngine());
  const { pid, after, ended } = await runUntil(LONGEST_MS);
  const left = async () => [
    ...(await ofTheEngine()).filter((one) => !before.has(one)),
    ...(await lines('pgrep', `-a -g ${pid}`)),
  ];
  process.kill(group ? -pid : pid, signal);
  const killedAt = Date.now();
  await ended;
  let remains = await left();
  while (remains.length > 0 && Date.now() - killedAt < LIMIT_MS) {
    await sleep(500);
    remains = await left();
  }
  if (remains.length === 0) clean++;
  const what = `${group ? 'the group' : 'the main process'} after ${(after / 1000).toFixed(1)} s`;
  const took = ((Date.now() - killedAt) / 1000).toFixed(1);
  console.log(
    remains.length === 0
      ? `killed ${what}: nothing left ${took} s later`
      : `killed ${what}: LEFT ${remains.join(', ')}`,
  );
}
console.log(`${clean} passed, ${times - clean} failed`);
process.exitCode = clean === times ? 0 : 1;
