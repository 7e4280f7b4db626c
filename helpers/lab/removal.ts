import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/log.ts';
import { RUN_LABEL } from '../engine/run-container.ts';

/** The first container of a run is running within this time after the run's network was made, milliseconds. */
const START_LIMIT_MS = 30_000;

/** A container or network of a run, as the engine lists it; a network has no state. */
export interface Belonging {
  readonly runId: string;
  /** The engine's word: `running`, `exited`. */
  readonly state?: string;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

/** Removes the containers, volumes and networks of a run. @throws the engine's error for a network that it keeps. */
export async function removeRun({ container }: Engine, runId: string): Promise<void> {
  const { dockerode } = container;
  const filters = { label: [`${RUN_LABEL}=${runId}`] };
  const containers = await dockerode.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id }) =>
      dockerode
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch(() => undefined),
    ),
  );
  const networks = await dockerode.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => dockerode.getNetwork(Id).remove()));
}

/**
 * Removes what is left of runs whose engine ended: their reapers ended with it, so nothing else removes it. It does not
 * check whether the runs' processes are alive, because these may have run in a container or on another machine. Failure is
 * only printed.
 */
export async function removeDeadRuns(engine: Engine, say: Log): Promise<void> {
  const { dockerode } = engine.container;
  const filters = { label: [RUN_LABEL] };
  try {
    const [containers, networks] = await Promise.all([
      dockerode.listContainers({ all: true, filters }),
      dockerode.listNetworks({ filters }),
    ]);
    const dead = deadRuns(
      [
        ...containers.map(({ Labels, State, Created }) => ({
          runId: Labels[RUN_LABEL] ?? '',
          state: State,
          madeAt: Created * 1000,
        })),
        ...networks.map(({ Labels, Created }) => ({
          runId: Labels?.[RUN_LABEL] ?? '',
          madeAt: Date.parse(Created ?? ''),
        })),
      ],
      Date.now(),
    );
    if (dead.length === 0) return;
    await Promise.all(dead.map((runId) => removeRun(engine, runId)));
    say(
      `engine: removed what ${dead.length === 1 ? 'an earlier run' : `${dead.length} earlier runs`} left behind`,
    );
  } catch (error) {
    say(`engine: the containers of an earlier run could not be removed: ${(error as Error).message}`);
  }
}

/** The runs without any running container, and without anything so new that a container may still be starting. */
export function deadRuns(belongings: readonly Belonging[], now: number): string[] {
  const alive = belongings.filter(
    ({ state = '', madeAt }) =>
      ['running', 'paused', 'restarting'].includes(state) || !(now - madeAt > START_LIMIT_MS),
  );
  const live = new Set(alive.map(({ runId }) => runId));
  return [...new Set(belongings.map(({ runId }) => runId))].filter((id) => !live.has(id));
}
