import { describe, expect } from 'vitest';
import { executeOnce } from '../../helpers/execution/execute-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';
import { times } from '../../helpers/rows/traffic.ts';
import { prefork1 } from '../table/deployments.ts';
import { test } from './lab-test.ts';
import { couldNotTell, naming, plantedRow } from './planted-row.ts';
import { BROKER } from './plants.ts';

// Tools of the lab fail or hang. The error must name what was awaited, and other cells must not be delayed.

const row = plantedRow(prefork1, { traffic: times.compressed.traffic.fresh, expect: { verdict: 'clean' } });

/** Freezes every process of the broker's container. */
async function pauseBroker({ broker, engine, description: { network } }: Lab): Promise<void> {
  const { dockerode } = engine.container;
  const all = await dockerode.listContainers();
  const own = all.find(
    ({ NetworkSettings }) => NetworkSettings.Networks[network]?.IPAddress === broker.host.address,
  );
  await dockerode.getContainer(own?.Id ?? '').pause();
}

describe.concurrent('the lab', () => {
  test.for([
    ['the broker’s process is stopped', ({ broker }: Lab) => broker.execute(['pkill', '-STOP', BROKER])],
    ['the broker’s container is paused', pauseBroker],
  ] as const)('does not delay other cells if a cell’s broker hangs during its warm-up: %s', async ([, hang], {
    lab,
  }) => {
    await using own = await lab.withOwnBroker();
    const { broker } = own;
    const create = broker.create.bind(broker);
    broker.create = async (virtualHost) => {
      await create(virtualHost);
      await hang(own);
    };
    const execute = (at: Lab) => lab.slots.take('shared', () => executeOnce(at, row));
    const [hung, ...others] = await Promise.all([execute(own), execute(lab), execute(lab)]);
    expect(hung.verdict).toEqual(couldNotTell('not executed', 'AMQP handshake', '10 s'));
    expect(others.map(({ verdict }) => verdict)).toEqual([{ kind: 'clean' }, { kind: 'clean' }]);
  });

  test('does not show a password in an error of the broker', async ({ lab }) => {
    const virtualHost = lab.broker.virtualHost('refused');
    await lab.broker.create(virtualHost);
    const error: Error = await lab.broker.create(virtualHost).catch((refused) => refused);
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toMatch(naming('virtual host', virtualHost.name, 'user_already_exists'));
    expect(error.message).not.toContain(virtualHost.password);
  });

  test('receives the whole output of each program, however many run side by side', async ({ lab }) => {
    const count = 100_000;
    const outputs = await Promise.all(Array.from({ length: 20 }, () => lab.runInClient(['seq', `${count}`])));
    const ends = outputs.map(({ stdout }) => stdout.trimEnd().split('\n').at(-1));
    expect(ends).toEqual(outputs.map(() => `${count}`));
  });
});
