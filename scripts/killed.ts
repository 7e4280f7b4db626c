/**
 * Ends runs at random moments, and checks that within 30 s nothing of them is left: no container, network or process.
 *
 *     npm run dev:killed -- 10 SIGKILL     sends a signal, to the main process and to its whole group in turn
 *     npm run dev:killed -- 10 broker      kills the run's broker instead
 *
 * If its broker is killed, the run must also fail by itself within 20 s, with one line that says so. Its results must
 * have each verdict that it has printed.
 */
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { connectEngine } from '../helpers/engine/engine.ts';
import { isRow } from '../helpers/record/record.ts';
import { parseResults } from '../helpers/record/results-schema.ts';

const [times, what] = [Number(process.argv[2] ?? 10), process.argv[3] ?? 'SIGKILL'];
if (!Number.isInteger(times) || times < 1 || !(what === 'broker' || what in constants.signals)) {
  console.error(
    'killed: give a number of rounds, and a signal or "broker": npm run dev:killed -- 10 SIGKILL',
  );
  process.exit(2);
}
const LONGEST_MS = 60_000;
const LEFT_LIMIT_MS = 30_000;
const END_LIMIT_MS = 20_000;

/** A run under way. Its output is kept. */
type Run = ReturnType<typeof start>;

function start() {
  const command = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'acceptance', 'heartbeat'];
  return execa('node', command, {
    detached: true,
    stdin: 'ignore',
    all: true,
    reject: false,
    env: { NO_COLOR: '1' },
  });
}

/** The result of a round, and its problems. */
interface Round {
  readonly words: string;
  readonly problems: readonly string[];
}

const { dockerode } = (await connectEngine()).container;

/** The containers of a run, by the label with the id of its process. */
function containersOf({ pid }: Run, all: boolean) {
  return dockerode.listContainers({ all, filters: { label: [`mpm-heartbeat.process=${pid}`] } });
}

async function volumes(): Promise<string[]> {
  return ((await dockerode.listVolumes()).Volumes ?? []).map(({ Name }) => `volume:${Name}`);
}
const volumesBefore = await volumes();

/** The containers, networks, volumes and processes of a run that exist now. */
async function whatIsThere(run: Run): Promise<string[]> {
  const [containers, networks, all, processes] = await Promise.all([
    containersOf(run, true),
    dockerode.listNetworks({ filters: { label: [`mpm-heartbeat.process=${run.pid}`] } }),
    volumes(),
    execa('pgrep', ['-a', '-g', `${run.pid}`], { reject: false, lines: true }),
  ]);
  return [
    ...containers.map(({ Id, Image }) => `container:${Id.slice(0, 12)}:${Image}`),
    ...networks.map(({ Name }) => `network:${Name}`),
    ...all.filter((volume) => !volumesBefore.includes(volume)),
    ...processes.stdout,
  ];
}

/** Starts a run, and returns it at a random moment. If it ends before that, another run gets less time. */
async function runUntil(longestMs: number): Promise<{ run: Run; after: number }> {
  const startedAt = Date.now();
  const after = Math.round(Math.random() * longestMs);
  const run = start();
  await Promise.race([run, sleep(after, undefined, { ref: false })]);
  if (run.exitCode === null) return { run, after };
  if (run.exitCode !== 0) throw new Error('the run failed by itself: npm run reproduce says why');
  return runUntil(Date.now() - startedAt);
}

async function signalled(round: number): Promise<Round> {
  const group = round % 2 === 1;
  const { run, after } = await runUntil(LONGEST_MS);
  process.kill((group ? -1 : 1) * (run.pid as number), what as NodeJS.Signals);
  await run;
  return withWhatIsLeft(run, {
    words: `killed ${group ? 'the group' : 'the main process'} after ${seconds(after)}`,
    problems: [],
  });
}

async function withoutBroker(): Promise<Round> {
  const { run, after } = await runUntil(LONGEST_MS);
  let broker: string | undefined;
  while (broker === undefined && run.exitCode === null) {
    const running = await containersOf(run, false);
    broker = running.find(({ Image }) => Image.includes('mpm-heartbeat/rabbitmq'))?.Id;
    await sleep(100);
  }
  if (broker === undefined) return withoutBroker();
  await dockerode.getContainer(broker).kill();
  const killedAt = Date.now();
  const { exitCode, all: output } = await run;
  const tookMs = Date.now() - killedAt;
  const said = output.match(/^The run’s broker ended .*$/gm) ?? [];
  const printed = output.match(/^ *[\d.]+ s {2}.* {2}verdict /gm) ?? [];
  const kept = printed.length === 0 ? 0 : await verdictsKept();
  return withWhatIsLeft(run, {
    words: `killed the broker after ${seconds(after)}: ended ${seconds(tookMs)} later with exit code ${exitCode}, ${kept} of ${printed.length} verdicts kept, “${said[0] ?? ''}”`,
    problems: [
      tookMs > END_LIMIT_MS && 'LATE',
      exitCode === 0 && 'DID NOT FAIL',
      said.length !== 1 && `SAID ${said.length} TIMES`,
      kept !== printed.length && 'LOST A VERDICT',
      /FAIL|Unhandled/.test(output) && `NOISE:\n${output}`,
    ].filter((problem) => problem !== false),
  });
}

async function verdictsKept(): Promise<number> {
  const { tests } = parseResults(await readFile('reports/results.json', 'utf8'));
  return tests.filter(({ cell, state }) => isRow(cell) && state === 'passed').length;
}

async function withWhatIsLeft(run: Run, { words, problems }: Round): Promise<Round> {
  const endedAt = Date.now();
  let remains = await whatIsThere(run);
  while (remains.length > 0 && Date.now() - endedAt < LEFT_LIMIT_MS) {
    await sleep(500);
    remains = await whatIsThere(run);
  }
  if (remains.length > 0) return { words, problems: [...problems, `LEFT ${remains.join(', ')}`] };
  return { words: `${words}; nothing left ${seconds(Date.now() - endedAt)} later`, problems };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

let clean = 0;
for (let round = 0; round < times; round++) {
  const { words, problems } = await (what === 'broker' ? withoutBroker() : signalled(round));
  if (problems.length === 0) clean++;
  console.log([...problems, words].join(': '));
}
console.log(`${clean} passed, ${times - clean} failed`);
process.exitCode = clean === times ? 0 : 1;
