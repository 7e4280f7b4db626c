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

/** Everything of any run that is there now. */
async function left(group: number): Promise<string[]> {
  const lines = async (command: string, ...arguments_: string[]) => {
    const { stdout } = await execa(command, arguments_, { reject: false });
    return stdout.split('\n').filter((line) => line !== '');
  };
  return [
    ...(await lines(
      'docker',
      'ps',
      '-a',
      '--filter',
      'label=org.testcontainers',
      '--format',
      'container {{.ID}} {{.Image}}',
    )),
    ...(await lines(
      'docker',
      'network',
      'ls',
      '--filter',
      'label=mpm-heartbeat.run',
      '--format',
      'network {{.Name}}',
    )),
    ...(await lines('docker', 'volume', 'ls', '--format', 'volume {{.Name}}')),
    ...(await lines('pgrep', '-a', '-g', String(group))).map((line) => `process ${line}`),
  ];
}

let clean = 0;
for (let round = 0; round < times; round++) {
  const group = round % 2 === 1;
  const after = Math.round(Math.random() * LONGEST_MS);
  const run = execa(
    'node',
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'acceptance', 'heartbeat'],
    {
      detached: true,
      stdio: 'ignore',
      reject: false,
    },
  );
  const pid = run.pid as number;
  await sleep(after);
  if (run.exitCode !== null) console.log('the run had ended before it could be killed');
  else process.kill(group ? -pid : pid, signal);
  const killedAt = Date.now();
  await run;
  let remains = await left(pid);
  while (remains.length > 0 && Date.now() - killedAt < LIMIT_MS) {
    await sleep(500);
    remains = await left(pid);
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
