import { parseArgs } from 'node:util';
import { behaviourSchema } from '../helpers/config/behaviour.ts';
import { OneLineError } from '../helpers/config/one-line.ts';
import { debianReleases, OptionError, readOptions } from '../helpers/config/options.ts';
import { PartError } from '../helpers/config/parts.ts';
import { scenarioNames, times } from '../helpers/config/scenario.ts';
import { DeploymentError, deploymentName } from '../helpers/deployment/deployment.ts';
import { rowOfWords } from '../helpers/deployment/spelling.ts';
import { EngineError } from '../helpers/engine/engine.ts';
import { ApplicationError, applicationOfRun } from '../helpers/engine/own-application.ts';
import { lookUpParts, projectName, whereTheUserStands } from '../helpers/engine/parts.ts';
import { playRow } from '../helpers/experiment/play-row.ts';
import { Lab, startLab } from '../helpers/lab/lab.ts';
import { LabError } from '../helpers/lab/lab-error.ts';
import type { HeartbeatRecord } from '../helpers/verdict/cell-record.ts';
import { heartbeatKinds } from '../helpers/verdict/heartbeat.ts';
import { rowOf } from '../helpers/verdict/row.ts';
import { tellersWords } from '../helpers/verdict/tellers.ts';

const HELP = `Plays one row on the Python project in the current folder, for git bisect run:

    git bisect start BAD GOOD
    git bisect run npm --silent --prefix /path/to/mpm-heartbeat run bisect -- --expect reproduced prefork 8

A row is written as prefork 8, event 1x25, worker 2x25, daemon 8x1 or uwsgi 2x1, and may have

    --scenario NAME            ${scenarioNames.join(' | ')} (trickle)
    --heartbeat-thread KIND    green, native, or default: the library's own (green)
    --release NAME             ${debianReleases.join(' | ')} (that of MPM_HEARTBEAT_RELEASE)

--expect is ${heartbeatKinds.join(', ')}. The commit is then

    0    good      the verdict is as expected
    1    bad       it is another one
    125  skipped   it is inconclusive, or the project cannot be built or imported there
    128            nothing can be said of any commit: no container engine, a wrong option
`;

const ASKED = {
  expect: { type: 'string' },
  scenario: { type: 'string' },
  'heartbeat-thread': { type: 'string' },
  release: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The message is the one line to show. */
class UsageError extends OneLineError {}

/** @returns the exit code. What it throws makes it senseless to go on. */
async function main(): Promise<number> {
  const began = Date.now();
  const { values, positionals } = parseArgs({ options: ASKED, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const expected = oneOf(heartbeatKinds, 'expect', values.expect ?? '');
  const folder = whereTheUserStands();
  const name = projectName(folder);
  if (name === undefined) throw new UsageError(`${folder} is no Python project that says its name`);
  const { parts: beside = {}, ...options } = readOptions(process.env);
  const { scenario, release, 'heartbeat-thread': thread } = values;
  const own = applicationOfRun(options);
  const row = rowOf(
    {
      ...(own && { application: own.name }),
      ...rowOfWords(positionals.join(' ')),
      ...(scenario !== undefined && { scenario: oneOf(scenarioNames, 'scenario', scenario) }),
      ...(release !== undefined && { release: oneOf(debianReleases, 'release', release) }),
      ...(thread !== undefined && {
        heartbeatThread: oneOf(heartbeatThreads, 'heartbeat-thread', thread),
      }),
      parts: { ...beside, [name]: folder },
      expected,
      why: 'git bisect asks',
    },
    times[options.times],
    lookUpParts,
  );
  const running = await startLab(options, (line) => console.error(line), row.deployment);
  try {
    await using lab = await Lab.connect(running.description);
    const lost = running.lost.then((why) => Promise.reject(new LabError(why)));
    const record = await Promise.race([playRow(lab, row, { untilReproduced: true }), lost]);
    const { kind } = record.verdict;
    const code = kind === 'inconclusive' ? 125 : kind === expected ? 0 : 1;
    const meaning = { 0: 'as expected', 1: `expected ${expected}`, 125: 'skip' }[code];
    console.log(`${words(record)}\n${meaning}, after ${((Date.now() - began) / 1000).toFixed(0)} s`);
    return code;
  } finally {
    await running.stop();
  }
}

const heartbeatThreads = behaviourSchema.shape.heartbeatThread.unwrap().options;

function oneOf<T extends string>(known: readonly T[], option: string, value: string): T {
  const found = known.find((it) => it === value);
  if (found === undefined) throw new UsageError(`--${option} is one of: ${known.join(', ')}`);
  return found;
}

/** Which row, with the version, and what was seen. */
function words({ deployment, verdict, evidence }: HeartbeatRecord): string {
  const row = `${deploymentName(deployment)}: ${verdict.kind}`;
  if (verdict.kind === 'inconclusive') return `${row}: ${verdict.reason}`;
  const { heartbeatErrors = [], brokerDrops = [], server } = evidence ?? {};
  const threads = new Set(
    server?.processes.flatMap(({ connections }) => connections.map((it) => it.heartbeatThread)),
  );
  return `${row}; heartbeat errors ${heartbeatErrors.length}, drops ${brokerDrops.length}${tellersWords(brokerDrops)}, heartbeat in a ${[...threads].join(' and ')} thread`;
}

function isUsage(error: unknown): error is Error {
  const { code } = error as NodeJS.ErrnoException;
  return (
    [UsageError, OptionError, PartError, ApplicationError, DeploymentError, EngineError, LabError].some(
      (it) => error instanceof it,
    ) || String(code).startsWith('ERR_PARSE_ARGS_')
  );
}

// An end in good order, in which nothing stays behind; the reaper removes the containers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(128));

process.exit(
  await main().catch((error: unknown) => {
    console.error(isUsage(error) ? `bisect: ${error.message}` : error);
    return 128;
  }),
);
