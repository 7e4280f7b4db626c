import { afterAll, describe, expect, type TestContext } from 'vitest';
import { getOrMake } from '../../helpers/config/get-or-make.ts';
import {
  applicationOf,
  type Deployment,
  deploymentName,
  RefusedError,
} from '../../helpers/deployment/deployment.ts';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import { countConnections } from '../../helpers/execution/count-connections.ts';
import { type StartedDeployment, startDeployment } from '../../helpers/execution/started-deployment.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import '../../helpers/report/results/task-meta.ts';
import { articleTls, type Load } from '../../helpers/rows/load.ts';
import { type Titled, unlessRefused } from '../../helpers/rows/titled-row.ts';
import { apacheBenchCommand, runApacheBench } from '../../helpers/traffic/apache-bench.ts';
import { connectEverywhere } from '../../helpers/traffic/every-process.ts';
import { agreedCount } from '../../helpers/verdict/connection-counts.ts';
import { event1x25, event8x25, prefork1, prefork8 } from '../table/deployments.ts';
import { emitterOf } from './emit.ts';
import { test } from './lab-test.ts';
import { emitRefused } from './row-tests.ts';
import { deploymentOfRun, ownApplication } from './rows-of-run.ts';

// The article's other steps, with nova's heartbeat of 60 s, so that the broker drops no connection.
const all = [prefork8, event1x25, prefork1, event8x25].map((row): Titled<Deployment> => {
  const planned = unlessRefused(row, () => deploymentOfRun({ ...row, heartbeatSeconds: 60 }));
  return [deploymentName(planned instanceof RefusedError ? planned.deployment : planned), planned];
});
const pair = all.slice(0, 2);
const articleLoad: Load = { route: 'plain', requests: 1000, concurrency: 10, tls: articleTls };

/** The first test that needs a deployment starts it. */
const started = new Map<Deployment, Promise<StartedDeployment>>();
function startedOf(lab: Lab, deployment: Deployment): Promise<StartedDeployment> {
  return getOrMake(started, deployment, () => start(lab, deployment));
}
async function start(lab: Lab, deployment: Deployment): Promise<StartedDeployment> {
  const application = applicationOf(deployment);
  const server = await startDeployment(lab, deployment, application, { takeSlot: lab.slots.take });
  await connectEverywhere(server.client, application, deployment);
  return server;
}

/**
 * Defines the tests of the article's other steps. The first ones, which count
 * connections and run nova's client, run beside the file's rows. The pair of ab runs is alone.
 */
export function articleSteps(): void {
  afterAll(async () => {
    // A server that has not started yet is removed at the end of the run.
    const ready = [...started.values()].map((server) => Promise.race([server, undefined]));
    for (const server of await Promise.allSettled(ready)) {
      if (server.status === 'fulfilled') await server.value?.[Symbol.asyncDispose]();
    }
  });

  describe.concurrent('AMQP connections while the broker drops none: one for each process, whatever the MPM', () => {
    test.for(all)('%s', async ([, deployment], { lab, task, skip }) => {
      if (deployment instanceof RefusedError) return skip(await emitRefused(task, deployment));
      const { emit, flush } = emitterOf(task);
      const counts = await lab.slots.take('shared', async () =>
        countConnections(lab, await startedOf(lab, deployment)),
      );
      const { connections, doubt } = agreedCount(counts);
      emit('connections', doubt ?? `${connections}, by ss, by the broker’s list and by its log`);
      await flush();
      task.meta.cell = { kind: 'connections', deployment, ...counts };
      if (doubt !== undefined) expect.fail(`could not tell: ${doubt}`);
      const { name, connections: each } = applicationOf(deployment);
      if (each === undefined) {
        return skip(`informational: the record of ${name} does not say how many connections a process has`);
      }
      expect(connections, 'AMQP connections of all processes').toBe(each * deployment.processes);
    });
  });

  describe.concurrent('nova service-list prints its table', () => {
    test.for(pair)('%s', async ([, deployment], { lab, task, skip }) => {
      if (deployment instanceof RefusedError) return skip(await emitRefused(task, deployment));
      if (ownApplication) return skip(`novaclient cannot ask ${ownApplication.name}`);
      const { emit, flush } = emitterOf(task);
      const { stdout, stderr, exitCode } = await lab.slots.take('shared', async () => {
        const { server } = await startedOf(lab, deployment);
        const address = server.getIpAddress(lab.description.network);
        // Without Keystone, keystoneauth's plugin is `none`. The client requires the other three anyway.
        return lab.runInClient(['nova', '--os-endpoint', `http://${address}/v2.1`, 'service-list'], {
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
      for (const line of stdout.split('\n').filter((printed) => /^[+|]/.test(printed)))
        emit('services', line);
      await flush();
      expect(exitCode, stdout + stderr).toBe(0);
      expect(stdout.match(/nova-(conductor|scheduler|compute)/g)).toEqual([
        'nova-conductor',
        'nova-scheduler',
        'nova-compute',
      ]);
    });
  });

  describe.concurrent('the article’s single pair of ab runs, for the record: it decides nothing', () => {
    test.for(pair)('%s', async ([, deployment], { lab, task, skip }) => {
      if (deployment instanceof RefusedError) return skip(await emitRefused(task, deployment));
      const { name, routes } = applicationOf(deployment);
      const { plain } = routes;
      if (!plain || plain.method) return skip(`${name} has no plain route that ab can send`);
      await singleAb(lab, deployment, plain.path, task);
    });
  });
}

async function singleAb(
  lab: Lab,
  deployment: Deployment,
  path: string,
  task: TestContext['task'],
): Promise<void> {
  const { emit, flush } = emitterOf(task);
  const { server } = await lab.slots.take('shared', () => startedOf(lab, deployment));
  const address = server.getIpAddress(lab.description.network);
  const run = await lab.slots.take('alone', async () =>
    parseAbOutput(await runApacheBench(lab, address, path, articleLoad)),
  );
  if (run.kind !== 'finished') throw new Error(`ab gave up: ${run.words}`);
  const { requestsPerSecond, completeRequests, failedRequests, non2xxResponses } = run;
  emit(
    'ab',
    `${requestsPerSecond.toFixed(0)} requests/s, ${failedRequests} failed, ${non2xxResponses} not 2xx`,
  );
  await flush();
  task.meta.cell = {
    kind: 'single ab',
    deployment,
    command: apacheBenchCommand(articleLoad, 'https://SERVER/').join(' '),
    requestsPerSecond,
    completeRequests,
    failedRequests,
    non2xxResponses,
  };
  expect(run).toMatchObject({ completeRequests: 1000, failedRequests: 0, non2xxResponses: 0 });
}
