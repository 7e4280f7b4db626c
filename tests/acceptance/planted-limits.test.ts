import { describe, expect } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { playOnce } from '../../helpers/experiment/play-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';
import type { Row } from '../../helpers/verdict/row.ts';
import { articleDeployments } from '../table/article-deployments.ts';
import { BROKER } from './faults.ts';
import { test } from './lab-test.ts';

// The lab's own tools fail, or hang: whoever waits is told what was awaited, and nobody else waits for that.

const row: Row = {
  deployment: deployment(articleDeployments.prefork1),
  scenario: { ...times.compressed.scenarios.fresh },
  expected: { verdict: ['clean'], requests: 'all answered', slowed: 'none' },
  why: 'planted',
};

/** Freezes every process of its broker's container. */
async function pauseBroker({ broker, engine, description: { network } }: Lab): Promise<void> {
  const { dockerode } = engine.container;
  const all = await dockerode.listContainers();
  const its = all.find(
    ({ NetworkSettings }) => NetworkSettings.Networks[network]?.IPAddress === broker.host.address,
  );
  await dockerode.getContainer(its?.Id ?? '').pause();
}

describe.concurrent('the lab', () => {
  test.for([
    ['its process is stopped', ({ broker }: Lab) => broker.execute(['pkill', '-STOP', BROKER])],
    ['its container is paused', pauseBroker],
  ] as const)('a broker that hangs while a cell warms up holds up no other cell: %s', async ([, hang], {
    lab,
  }) => {
    await using apart = await lab.apart();
    const { broker } = apart;
    const create = broker.create.bind(broker);
    broker.create = async (virtualHost) => {
      await create(virtualHost);
      await hang(apart);
    };
    const play = (at: Lab) => lab.turns.take('beside others', () => playOnce(at, row));
    const [hung, ...others] = await Promise.all([play(apart), play(lab), play(lab)]);
    expect(hung.verdict).toEqual({
      kind: 'inconclusive',
      cause: 'not played',
      reason: 'the row could not be played: no AMQP handshake with the broker: waited 10 s',
    });
    expect(others.map(({ verdict }) => verdict)).toEqual([{ kind: 'clean' }, { kind: 'clean' }]);
  });

  test('what the broker refuses is told without a password', async ({ lab }) => {
    const virtualHost = lab.broker.virtualHost('refused');
    await lab.broker.create(virtualHost);
    const error: Error = await lab.broker.create(virtualHost).catch((it) => it);
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toMatch(
      new RegExp(`^the broker did not make the virtual host ${virtualHost.name}: .*user_already_exists`),
    );
    expect(error.message).not.toContain(virtualHost.password);
  });

  test('a program’s output is all there, however many run side by side', async ({ lab }) => {
    const count = 100_000;
    const outputs = await Promise.all(Array.from({ length: 20 }, () => lab.ask(['seq', `${count}`])));
    const ends = outputs.map(({ stdout }) => stdout.trimEnd().split('\n').at(-1));
    expect(ends).toEqual(outputs.map(() => `${count}`));
  });
});
