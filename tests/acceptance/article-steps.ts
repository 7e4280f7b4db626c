import { afterAll, describe, expect, type TestContext } from 'vitest';
import { articleTls, type Load } from '../../helpers/config/load.ts';
import {
  applicationOf,
  type Deployment,
  deploymentName,
  RefusedError,
} from '../../helpers/deployment/deployment.ts';
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
import { deploymentOfRun, ownApplication, unlessRefused } from './rows-of-run.ts';
import { sayRefused, tellOf } from './tell.ts';

// The article's other steps, with nova's heartbeat of 60 s: none of these connections is dropped.
const all = Object.values(articleDeployments).map((row) =>
  unlessRefused(row, deploymentName, () => deploymentOfRun({ ...row, heartbeatSeconds: 60 })),
);
const pair = all.slice(0, 2);
const articleLoad: Load = { route: 'plain', requests: 1000, concurrency: 10, tls: articleTls };

// Each server is started by the first test that asks for it.
const servers = new Map<Deployment, Promise<WarmServer>>();
function served(lab: Lab, it: Deployment): Promise<WarmServer> {
  const server = servers.get(it) ?? connected(lab, it);
  servers.set(it, server);
  return server;
}
async function connected(lab: Lab, it: Deployment): Promise<WarmServer> {
  const application = applicationOf(it);
  const server = await WarmServer.start(lab, it, application, { takeTurn: lab.turns.take });
  await connectEverywhere(server.client, application, it);
  return server;
}

/** Tests of the article's other steps; the connections are counted beside what else runs side by side in a file. */
export function articleSteps(): void {
  afterAll(async () => {
    // One that has not come yet has been given up, and goes with the run.
    const started = [...servers.values()].map((it) => Promise.race([it, undefined]));
    for (const server of await Promise.allSettled(started)) {
      if (server.status === 'fulfilled') await server.value?.[Symbol.asyncDispose]();
    }
  });

  describe.concurrent('AMQP connections while the broker drops none: one for each process, whatever the MPM', () => {
    test.for(all)('%s', async ([, it], { lab, task, skip }) => {
      if (it instanceof RefusedError) return skip(await sayRefused(task, it));
      const { tell, heard } = tellOf(task);
      const seen = await lab.turns.take('beside others', async () =>
        countConnections(lab, await served(lab, it)),
      );
      const { connections, doubt } = agreedCount(seen);
      tell('connections', doubt ?? `${connections}, by ss, by the broker’s list and by its log`);
      await heard();
      task.meta.cell = { kind: 'connections', deployment: it, ...seen };
      if (doubt !== undefined) expect.fail(`could not tell: ${doubt}`);
      const { name, connections: each } = applicationOf(it);
      if (each === undefined) return skip(`reported: ${name} does not say how many a process has`);
      expect(connections, 'AMQP connections of all processes').toBe(each * it.processes);
    });
  });

  describe.concurrent('nova service-list prints its table', () => {
    test.for(pair)('%s', async ([, it], { lab, task, skip }) => {
      if (it instanceof RefusedError) return skip(await sayRefused(task, it));
      if (ownApplication) return skip(`novaclient has nothing to ask ${ownApplication.name}`);
      const { tell, heard } = tellOf(task);
      const { stdout, stderr, exitCode } = await lab.turns.take('beside others', async () => {
        const address = (await served(lab, it)).server.addressOn(lab.description.network);
        // no Keystone: keystoneauth's plugin `none`; the client wants the other three all the same
        return lab.ask(['nova', '--os-endpoint', `http://${address}/v2.1`, 'service-list'], {
          environment: {
            OS_AUTH_TYPE: 'none',
            OS_AUTH_URL: `http://${address}/`,
            OS_USERNAME: 'demo',
            OS_PROJECT_NAME: 'demo',
          },
          limitMs: 120_000,
          exitCodes: 'any',
        });
      });
      for (const line of stdout.split('\n').filter((it) => /^[+|]/.test(it))) tell('services', line);
      await heard();
      expect(exitCode, stdout + stderr).toBe(0);
      expect(stdout.match(/nova-(conductor|scheduler|compute)/g)).toEqual([
        'nova-conductor',
        'nova-scheduler',
        'nova-compute',
      ]);
    });
  });

  describe.concurrent('the article’s single pair of ab runs, for the record: it decides nothing', () => {
    test.for(pair)('%s', async ([, it], { lab, task, skip }) => {
      if (it instanceof RefusedError) return skip(await sayRefused(task, it));
      const { name, routes } = applicationOf(it);
      if (!routes.plain) return skip(`${name} has no plain route`);
      await singleAb(lab, it, routes.plain.path, task);
    });
  });
}

async function singleAb(lab: Lab, it: Deployment, path: string, task: TestContext['task']): Promise<void> {
  const { tell, heard } = tellOf(task);
  const { server } = await lab.turns.take('beside others', () => served(lab, it));
  const address = server.addressOn(lab.description.network);
  const run = await lab.turns.take('alone', async () =>
    parseAbOutput(await runApacheBench(lab, address, path, articleLoad)),
  );
  if (run.kind !== 'finished') throw new Error(`ab gave up: ${run.words}`);
  const { requestsPerSecond, completeRequests, failedRequests, non2xxResponses } = run;
  tell(
    'ab',
    `${requestsPerSecond.toFixed(0)} requests/s, ${failedRequests} failed, ${non2xxResponses} not 2xx`,
  );
  await heard();
  task.meta.cell = {
    kind: 'single ab',
    deployment: it,
    command: apacheBenchCommand(articleLoad, 'https://SERVER/').join(' '),
    requestsPerSecond,
    completeRequests,
    failedRequests,
    non2xxResponses,
  };
  expect(run).toMatchObject({ completeRequests: 1000, failedRequests: 0, non2xxResponses: 0 });
}
