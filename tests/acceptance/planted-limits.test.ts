import { describe, expect } from 'vitest';
import { executeOnce } from '../../helpers/execution/execute-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';
import { times } from '../../helpers/rows/traffic.ts';
import { prefork1 } from '../table/deployments.ts';
import { test } from './lab-test.ts';
import { couldNotTell, naming, plantedRow } from './planted-row.ts';
import { BROKER } from './plants.ts';

// The lab's own tools fail or hang. Whoever waits for them learns what was awaited, and no other cell waits.

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
    ['its process is stopped', ({ broker }: Lab) => broker.execute(['pkill', '-STOP', BROKER])],
    ['its container is paused', pauseBroker],
  ] as const)('a broker that hangs while a cell warms up does not delay other cells: %s', async ([, hang], {
    lab,
  }) => {
    await using apart = await lab.withOwnBroker();
    const { broker } = apart;
    const create = broker.create.bind(broker);
    broker.create = async (virtualHost) => {
      await create(virtualHost);
      await hang(apart);
    };
    const execute = (at: Lab) => lab.slots.take('shared', () => executeOnce(at, row));
    const [hung, ...others] = await Promise.all([execute(apart), execute(lab), execute(lab)]);
    expect(hung.verdict).toEqual(couldNotTell('not executed', 'AMQP handshake', '10 s'));
    expect(others.map(({ verdict }) => verdict)).toEqual([{ kind: 'clean' }, { kind: 'clean' }]);
  });

  test('an error of the broker does not name the password', async ({ lab }) => {
    const virtualHost = lab.broker.virtualHost('refused');
    await lab.broker.create(virtualHost);
    const error: Error = await lab.broker.create(virtualHost).catch((refused) => refused);
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toMatch(naming('virtual host', virtualHost.name, 'user_already_exists'));
    expect(error.message).not.toContain(virtualHost.password);
  });

  test('each program’s output is complete, however many run side by side', async ({ lab }) => {
    const count = 100_000;
    const outputs = await Promise.all(Array.from({ length: 20 }, () => lab.ask(['seq', `${count}`])));
    const ends = outputs.map(({ stdout }) => stdout.trimEnd().split('\n').at(-1));
    expect(ends).toEqual(outputs.map(() => `${count}`));
  });
});
