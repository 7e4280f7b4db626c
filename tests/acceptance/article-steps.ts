import { afterAll, describe, expect, type TestContext } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { articleTls, type Load } from '../../helpers/config/load.ts';
import { type Deployment, deployment, deploymentName } from '../../helpers/deployment/deployment.ts';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import { countConnections } from '../../helpers/experiment/connections.ts';
import { WarmServer } from '../../helpers/experiment/warm-server.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { apacheBenchCommand, runApacheBench } from '../../helpers/traffic/apache-bench.ts';
import { connectEverywhere } from '../../helpers/traffic/every-process.ts';
import '../../helpers/report/task-meta.ts';
import { agreedCount } from '../../helpers/verdict/connections.ts';
import { articleDeployments } from '../table/article-deployments.ts';
import { test } from './lab-test.ts';
import { partsOfRow } from './parts.ts';
import { tellOf } from './tell.ts';

// The article's other steps, with nova's heartbeat of 60 s: none of these connections is dropped.
const all = Object.values(articleDeployments).map((row) =>
  deployment({ ...row, heartbeatSeconds: 60 }, partsOfRow),
);
const [prefork8, event1x25] = all as [Deployment, Deployment];
const articleLoad: Load = { route: 'plain', requests: 1000, concurrency: 10, tls: articleTls };
const titled = (it: Deployment): [string, Deployment] => [deploymentName(it), it];

// Each server is started by the first test that asks for it.
const servers = new Map<Deployment, Promise<WarmServer>>();
function served(lab: Lab, it: Deployment): Promise<WarmServer> {
  const server = servers.get(it) ?? connected(lab, it);
  servers.set(it, server);
  return server;
}
async function connected(lab: Lab, it: Deployment): Promise<WarmServer> {
  const server = await WarmServer.start(lab, it, stub, { takeTurn: lab.turns.take });
  await connectEverywhere(server.client, stub, it);
  return server;
}

/** Tests of the article's other steps; the connections are counted beside what else runs side by side in a file. */
export function articleSteps(): void {
  afterAll(async () => {
    for (const server of await Promise.allSettled(servers.values())) {
      if (server.status === 'fulfilled') await server.value[Symbol.asyncDispose]();
    }
  });

  describe.concurrent('AMQP connections while the broker drops none: one for each process, whatever the MPM', () => {
    test.for(all.map(titled))('%s', async ([, it], { lab, task }) => {
      const { tell, heard } = tellOf(task);
      const seen = await lab.turns.take('beside others', async () =>
        countConnections(lab, await served(lab, it)),
      );
      task.meta.cell = { kind: 'connections', deployment: it, ...seen };
      const { connections, doubt } = agreedCount(seen);
      tell('connections', doubt ?? `${connections}, by ss, by the broker’s list and by its log`);
      await heard();
      if (doubt !== undefined) expect.fail(`could not tell: ${doubt}`);
      expect(connections, 'AMQP connections, one for each process').toBe(it.processes);
    });
  });

  describe.concurrent('nova service-list prints its table', () => {
    test.for([prefork8, event1x25].map(titled))('%s', async ([, it], { lab, task }) => {
      const { tell, heard } = tellOf(task);
      const { output, exitCode } = await lab.turns.take('beside others', async () => {
        const address = (await served(lab, it)).server.addressOn(lab.description.network);
        // no Keystone: keystoneauth's plugin `none`; the client wants the other three all the same
        return lab.ask(['nova', '--os-endpoint', `http://${address}/v2.1`, 'service-list'], {
          OS_AUTH_TYPE: 'none',
          OS_AUTH_URL: `http://${address}/`,
          OS_USERNAME: 'demo',
          OS_PROJECT_NAME: 'demo',
        });
      });
      for (const line of output.split('\n').filter((it) => /^[+|]/.test(it))) tell('services', line);
      await heard();
      expect(exitCode, output).toBe(0);
      expect(output.match(/nova-(conductor|scheduler|compute)/g)).toEqual([
        'nova-conductor',
        'nova-scheduler',
        'nova-compute',
      ]);
    });
  });

  describe.concurrent('the article’s single pair of ab runs, for the record: it decides nothing', () => {
    test.for([prefork8, event1x25].map(titled))('%s', async ([, it], { lab, task }) => {
      await singleAb(lab, it, task);
    });
  });
}

async function singleAb(lab: Lab, it: Deployment, task: TestContext['task']): Promise<void> {
  const { tell, heard } = tellOf(task);
  const { server } = await lab.turns.take('beside others', () => served(lab, it));
  const address = server.addressOn(lab.description.network);
  const run = await lab.turns.take('alone', async () =>
    parseAbOutput(await runApacheBench(lab, address, stub.routes.plain.path, articleLoad)),
  );
  if (run.kind !== 'finished') throw new Error(`ab gave up: ${run.words}`);
  const { requestsPerSecond, completeRequests, failedRequests, non2xxResponses } = run;
  task.meta.cell = {
    kind: 'single ab',
    deployment: it,
    command: apacheBenchCommand(articleLoad, 'https://SERVER/').join(' '),
    requestsPerSecond,
    completeRequests,
    failedRequests,
    non2xxResponses,
  };
  tell(
    'ab',
    `${requestsPerSecond.toFixed(0)} requests/s, ${failedRequests} failed, ${non2xxResponses} not 2xx`,
  );
  await heard();
  expect(run).toMatchObject({ completeRequests: 1000, failedRequests: 0, non2xxResponses: 0 });
}
