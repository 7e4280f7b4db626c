import { serverOf } from '../deployment/deployment.ts';
import type { Broker } from '../lab/broker.ts';
import { LabError } from '../lab/lab-error.ts';
import type { StartedServerContainer } from '../lab/server-container.ts';
import type { FaultName } from '../rows/fault-name.ts';

/** The target of a fault: a deployment, and its own broker. */
export interface Target {
  readonly broker: Broker;
  readonly server: StartedServerContainer;
}

/** A fault that is injected while traffic runs. */
export interface Fault {
  /** Injects the fault. */
  readonly begin: (target: Target) => Promise<void>;
  /** Removes the fault. */
  readonly end: (target: Target) => Promise<void>;
  /** Whether the server replaces its processes. */
  readonly replacesProcesses?: true;
}

const nothing = async () => undefined;

/** All faults, by name. */
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
  if (!reload) throw new LabError(`the record of ${name} has no reload command`);
  await server.execute(reload.command);
}
