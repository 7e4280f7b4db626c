import { parseArgs } from 'node:util';
import { applicationOfRun } from '../helpers/applications/own-application.ts';
import { behaviourSchema } from '../helpers/config/behaviour.ts';
import { OneLineError } from '../helpers/config/one-line.ts';
import { debianReleases, readOptions } from '../helpers/config/options.ts';
import { lookUpParts, projectName, userFolder } from '../helpers/config/part-files.ts';
import { applicationOf, deploymentName, servedBy } from '../helpers/deployment/deployment.ts';
import { parseDeploymentName } from '../helpers/deployment/parse-name.ts';
import { EngineError } from '../helpers/engine/engine.ts';
import { loggers } from '../helpers/evidence/evidence.ts';
import { executeRow } from '../helpers/execution/execute-row.ts';
import { Lab, startLab } from '../helpers/lab/lab.ts';
import { LabError } from '../helpers/lab/lab-error.ts';
import type { RowRecord } from '../helpers/record/record.ts';
import { heartbeatVerdicts } from '../helpers/rows/expectation.ts';
import { trafficRow } from '../helpers/rows/row.ts';
import { times, trafficNames } from '../helpers/rows/traffic.ts';
import { countLoggedBy, loggedByWords } from '../helpers/verdict/logged-by.ts';
import { checkQuestion, parseQuestion } from '../helpers/verdict/question.ts';

const withoutFault = trafficNames.filter((name) => times.compressed.traffic[name].fault === undefined);

const HELP = `Executes one row with the Python project in the current folder, for git bisect run:

    git bisect start BAD GOOD
    git bisect run npm --silent --prefix /path/to/mpm-heartbeat run bisect -- --expect reproduced prefork 8

A row is written as prefork 8, event 1x25, worker 2x25, daemon 8x1 or uwsgi 2x1, and may have

    --traffic NAME             ${withoutFault.join(' | ')} (trickle)
    --heartbeat-thread KIND    green (if left out), native, or default: the library's own
    --release NAME             ${debianReleases.join(' | ')} (that of MPM_HEARTBEAT_RELEASE)

--expect is what a good commit shows: a verdict or one other fact

    ${heartbeatVerdicts.join(' | ')}
    slowed=some | slowed=none       whether a reconnect slowed a request
    logged-by=${loggers.join(' | ')}     what logged the most drops; each counts for what logged it first
    line=PATTERN                    whether a line about a lost connection matches a regular expression

git bisect reads the exit code:

    0    good      the commit is as expected
    1    bad       it is not as expected
    125  skipped   could not tell, or the project cannot be built or imported
    128            git bisect ends: there is no container engine, or an option is wrong
`;

const ASKED = {
  expect: { type: 'string' },
  traffic: { type: 'string' },
  'heartbeat-thread': { type: 'string' },
  release: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The message is the one line to show. */
class UsageError extends OneLineError {}

/** @returns the exit code. An error ends git bisect. */
async function main(): Promise<number> {
  const began = Date.now();
  const { values, positionals } = parseArgs({ options: ASKED, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const question = parseQuestion(values.expect ?? '');
  const folder = userFolder();
  const name = projectName(folder);
  if (name === undefined)
    throw new UsageError(`${folder} is not a Python project with a name; run it in the folder of one`);
  const { parts: beside = {}, ...options } = readOptions(process.env);
  const { traffic, release, 'heartbeat-thread': thread } = values;
  const own = applicationOfRun(options);
  const row = trafficRow(
    {
      id: 'bisect/commit',
      deployment: servedBy(own, {
        ...parseDeploymentName(positionals.join(' ')),
        ...(release !== undefined && { release: oneOf(debianReleases, 'release', release) }),
        ...(thread !== undefined && {
          heartbeatThread: oneOf(heartbeatThreads, 'heartbeat-thread', thread),
        }),
        parts: { ...beside, [name]: folder },
      }),
      ...(traffic !== undefined && { traffic: oneOf(withoutFault, 'traffic', traffic) }),
      expect: question.expect,
      why: 'git bisect asks',
    },
    { times: times[options.times] },
    lookUpParts,
  );
  checkQuestion(question, applicationOf(row.deployment));
  const running = await startLab(options, (line) => console.error(line), row.deployment);
  try {
    await using lab = await Lab.connect(running.description);
    const lost = running.lost.then((why) => Promise.reject(new LabError(why)));
    const record = await Promise.race([executeRow(lab, row, { untilReproduced: question.ofVerdict }), lost]);
    const { verdict, evidence } = record;
    const answer =
      verdict.kind === 'inconclusive' || !evidence ? undefined : question.isMet({ verdict, evidence });
    const code = answer === undefined ? 125 : answer ? 0 : 1;
    const meaning = { 0: 'as expected', 1: `expected ${question.words}`, 125: 'skip' }[code];
    console.log(`${words(record)}\n${meaning}, after ${((Date.now() - began) / 1000).toFixed(0)} s`);
    return code;
  } finally {
    await running.stop();
  }
}

const heartbeatThreads = behaviourSchema.shape.heartbeatThread.unwrap().options;

function oneOf<T extends string>(known: readonly T[], option: string, value: string): T {
  const found = known.find((known) => known === value);
  if (found === undefined) throw new UsageError(`--${option} is one of: ${known.join(', ')}`);
  return found;
}

/** The deployment with the version, and what was seen. */
function words({ deployment, verdict, evidence }: RowRecord): string {
  const row = `${deploymentName(deployment)}: ${verdict.kind}`;
  if (verdict.kind === 'inconclusive') return `${row}: ${verdict.reason}`;
  const { heartbeatErrors = [], brokerDrops = [], requests, server } = evidence ?? {};
  const threads = new Set(
    server?.processes.flatMap(({ connections }) => connections.map(({ heartbeatThread }) => heartbeatThread)),
  );
  return `${row}; heartbeat errors ${heartbeatErrors.length}, drops ${brokerDrops.length}${loggedByWords(countLoggedBy(brokerDrops))}, requests slowed ${requests?.slowedMs.length ?? 0} of ${requests?.sent ?? 0}, heartbeat in a ${[...threads].join(' and ')} thread`;
}

function isUsage(error: unknown): error is Error {
  const { code } = error as NodeJS.ErrnoException;
  return (
    [OneLineError, EngineError, LabError].some((kind) => error instanceof kind) ||
    String(code).startsWith('ERR_PARSE_ARGS_')
  );
}

// The reaper removes the containers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(128));

process.exit(
  await main().catch((error: unknown) => {
    console.error(isUsage(error) ? `bisect: ${error.message}` : error);
    return 128;
  }),
);
