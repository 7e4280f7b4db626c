import { serverOf } from '../deployment/deployment.ts';
import type { Broker } from '../lab/broker.ts';
import { LabError } from '../lab/lab-error.ts';
import type { StartedServerContainer } from '../lab/server-container.ts';
import type { FaultName } from '../rows/fault.ts';

/** What is disturbed: a deployment, and the broker that it has for itself. */
export interface Target {
  readonly broker: Broker;
  readonly server: StartedServerContainer;
}

/** A way to disturb a deployment in the middle of its traffic. */
export interface Fault {
  /** Settles when it has been done. */
  readonly begin: (target: Target) => Promise<void>;
  /** Undoes it. */
  readonly end: (target: Target) => Promise<void>;
  /** Whether the server replaces its processes. */
  readonly replacesProcesses?: true;
}

const nothing = async () => undefined;

export const faults: Readonly<Record<FaultName, Fault>> = {
  'broker down': {
    begin: ({ broker }) => broker.stop(),
    end: ({ broker }) => broker.start(),
  },
  'network silent': {
    begin: ({ broker }) => broker.silence(),
    end: ({ broker }) => broker.endSilence(),
  },
  'graceful reload': {
    begin: ({ server }) => reload(server),
    end: nothing,
    replacesProcesses: true,
  },
};

async function reload(server: StartedServerContainer): Promise<void> {
  const { name, reload } = serverOf(server.deployment);
  if (!reload) throw new LabError(`nobody has said how ${name} reloads`);
  await server.execute(reload.command);
}
