import type { Deployment } from '../deployment/deployment.ts';
import { isSteady, MOST_WARM_UP_RUNS } from '../evidence/steady.ts';
import { type Measurement, roleNames, type ThroughputBlock } from '../evidence/throughput-block.ts';
import { type ThroughputEvidence, warmUpRequests } from '../evidence/throughput-evidence.ts';
import type { Lab } from '../lab/lab.ts';
import { type Load, type Role, roles } from '../rows/load.ts';
import { blockOrders } from '../traffic/block-order.ts';
import { LoadedDeployment } from './loaded-deployment.ts';
import type { ReportProgress } from './progress.ts';
import type { Emit } from './started-deployment.ts';

/** Options of one measurement. */
export interface MeasureOptions {
  readonly seed: number;
  readonly mostBlocks: number;
  /** The time limit of the whole measurement, milliseconds. No block begins that would end later. */
  readonly limitMs: number;
  /** Decides after the warm-up and after each block whether to measure another. */
  readonly another: (soFar: ThroughputEvidence) => boolean;
  readonly emit?: Emit;
  readonly progress?: ReportProgress;
  /** What is served in place of the candidate: a planted fault. */
  readonly served?: Deployment | undefined;
}

/** Two deployments and their load. */
export type Compared = Pick<ThroughputEvidence, 'baseline' | 'candidate' | 'load'>;

/**
 * Measures two deployments in blocks, while no other row runs and no image is built. The baseline is started twice and the candidate
 * once. Each is warmed until its rate is steady, then loaded alone. Everything that was started is stopped.
 *
 * @throws Error if a server does not start, or if the output of ab or a log is not understood.
 */
export async function measureThroughput(
  lab: Lab,
  comparison: Compared,
  options: MeasureOptions,
): Promise<ThroughputEvidence> {
  options.progress?.({ step: 'waits until nothing else runs' });
  return lab.slots.take('last', () => lab.broker.withoutCapture(() => measure(lab, comparison, options)));
}

async function measure(lab: Lab, comparison: Compared, options: MeasureOptions): Promise<ThroughputEvidence> {
  const began = Date.now();
  const { progress = () => undefined } = options;
  progress({ step: 'starts three servers' });
  const servers = await startServers(lab, comparison, options);
  try {
    const timings: Record<string, number> = { start: Date.now() - began };
    const warmUp = await warmUpAll(servers, comparison, progress);
    timings['warm-up'] = Date.now() - began - (timings.start ?? 0);

    const blocks: ThroughputBlock[] = [];
    const soFar: ThroughputEvidence = {
      ...comparison,
      seed: options.seed,
      servers: {
        baseline: servers.baseline.facts,
        baselineAgain: servers.baselineAgain.facts,
        candidate: servers.candidate.facts,
      },
      warmUp,
      blocks,
      notAllowed: [],
      timings,
    };
    const firstBlock = Date.now();
    let longest = 0;
    let goOn = options.another(soFar);
    for (const order of blockOrders(options.seed, options.mostBlocks)) {
      const blockBegan = Date.now();
      if (!goOn || blockBegan - began + longest > options.limitMs) break;
      const sayWhich = (role: Role) =>
        progress({
          step: `block ${blocks.length + 1}: ${roleNames[role]}`,
          done: blocks.length,
          of: options.mostBlocks,
          unit: 'blocks',
          leftMs: longest === 0 ? undefined : (options.mostBlocks - blocks.length) * longest,
        });
      blocks.push(await measureBlock(servers, order, comparison.load, sayWhich));
      longest = Math.max(longest, Date.now() - blockBegan);
      goOn = options.another(soFar);
    }
    timings.blocks = Date.now() - firstBlock;
    const notAllowed = await Promise.all(roles.map((role) => servers[role].notAllowed()));
    return { ...soFar, notAllowed: notAllowed.flat() };
  } finally {
    await Promise.all(roles.map((role) => servers[role][Symbol.asyncDispose]()));
  }
}

type Servers = Readonly<Record<Role, LoadedDeployment>>;

/** Starts all three side by side. If one fails, all are stopped. */
async function startServers(
  lab: Lab,
  { baseline, candidate, load }: Compared,
  { served = candidate, emit = () => undefined }: MeasureOptions,
): Promise<Servers> {
  const deployments = { baseline, baselineAgain: baseline, candidate: served };
  const started = await Promise.allSettled(
    roles.map((role) => LoadedDeployment.start(lab, deployments[role], load.route, emit)),
  );
  const ready = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const [first, second, third] = ready;
  if (first && second && third) return { baseline: first, baselineAgain: second, candidate: third };
  await Promise.all(ready.map((server) => server[Symbol.asyncDispose]()));
  throw started.find((result) => result.status === 'rejected')?.reason;
}

/** Loads one server after the other until its rate is steady. Ends at the first server that cannot be loaded. */
async function warmUpAll(
  servers: Servers,
  comparison: Compared,
  progress: ReportProgress,
): Promise<Partial<Record<Role, Measurement[]>>> {
  const load = { ...comparison.load, requests: warmUpRequests(comparison) };
  const done: Partial<Record<Role, Measurement[]>> = {};
  for (const role of roles) {
    const runs: Measurement[] = [];
    done[role] = runs;
    const rates: number[] = [];
    while (!isSteady(rates) && runs.length < MOST_WARM_UP_RUNS) {
      progress({
        step: `warm-up: ${roleNames[role]}`,
        done: runs.length,
        of: MOST_WARM_UP_RUNS,
        unit: 'runs of ab at most',
      });
      const run = await servers[role].measure(load);
      runs.push(run);
      if (run.ab.kind !== 'finished') return done;
      rates.push(run.ab.requestsPerSecond);
    }
  }
  return done;
}

/** Runs ab against one server after the other. Ends at a server that is stuck. */
async function measureBlock(
  servers: Servers,
  order: readonly Role[],
  load: Load,
  sayWhich: (role: Role) => void,
): Promise<ThroughputBlock> {
  const measurements: Partial<Record<Role, Measurement>> = {};
  for (const role of order) {
    sayWhich(role);
    const measurement = await servers[role].measure(load);
    measurements[role] = measurement;
    if (measurement.ab.kind !== 'finished') break;
  }
  return { order, measurements };
}
