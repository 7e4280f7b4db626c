import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import { image } from '../../helpers/engine/images.ts';
import { ClientContainer } from '../../helpers/lab/client-container.ts';
import { clientLayer } from '../../helpers/lab/layers.ts';
import { removeRun } from '../../helpers/lab/removal.ts';
import { until } from '../../helpers/lab/until.ts';
import { test } from './lab-test.ts';

const HOLD = fileURLToPath(new URL('hold-reaper.ts', import.meta.url));
const quietly = () => undefined;

test('if the process that holds its connection is killed, the reaper removes the containers of its own run only', async ({
  lab: { engine, description },
}) => {
  const { dockerode } = engine.container;
  const { options, runId: runOfTests } = description;
  const runId = randomBytes(4).toString('hex');
  onTestFinished(() => removeRun(engine, runId));
  const client = await image({ engine, options, say: quietly }, options.release, clientLayer);
  const ofRun = await new ClientContainer(client, engine, runId, 'none').start();
  const label = `mpm-heartbeat.bystander=${runId}`;
  const bystander = await new ClientContainer(client, engine, runOfTests, 'none')
    .withLabels(Object.fromEntries([label.split('=') as [string, string]]))
    .start();

  const holder = execa('node', ['--import', 'tsx', HOLD, runId], { stdin: 'pipe', reject: false });
  await Promise.race([once(holder.stdout, 'data'), holder.then(({ stderr }) => expect.unreachable(stderr))]);
  const [reaper] = await dockerode.listContainers({
    filters: { label: [`mpm-heartbeat.process=${holder.pid}`] },
  });
  const { Id = '' } = reaper ?? {};
  expect(await dockerode.getContainer(Id).inspect()).toMatchObject({
    HostConfig: { NetworkMode: 'none', PortBindings: {} },
    NetworkSettings: { Ports: {} },
  });
  const second = await dockerode
    .getContainer(Id)
    .attach({ stream: true, stdin: true, stdout: true, hijack: true });
  second.on('error', quietly).write(`label=${label}\n`);

  holder.kill('SIGKILL');
  const left = async () => (await dockerode.listContainers({ all: true })).map((container) => container.Id);
  await until('the reaper’s end', 15_000, async () => ((await left()).includes(Id) ? undefined : true));
  expect(await left()).toContain(bystander.getId());
  expect(await left()).not.toContain(ofRun.getId());
});
