import { describe, expect } from 'vitest';
import { stubApi } from '../../helpers/config/application.ts';
import { type Deployment, deployment } from '../../helpers/config/deployment.ts';
import { type Scenario, times } from '../../helpers/config/scenario.ts';
import { evidenceOf } from '../../helpers/evidence/evidence.ts';
import { type ObserveOptions, observe } from '../../helpers/evidence/observe.ts';
import { BROKER_LOG, Broker } from '../../helpers/lab/broker.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { type HeartbeatVerdict, heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import { articleDeployments } from '../table/article-deployments.ts';
import { test } from './lab-test.ts';

// A fault is planted in real parts, and the verdict must be `inconclusive` with that reason, never `clean`. What
// cannot be planted so is done with recorded evidence, in tests/unit/heartbeat-verdict.test.ts.
const short: Scenario = {
  ...times.compressed.scenarios.trickle,
  phases: [{ route: 'amqp', requests: 4, intervalMs: 500 }],
};
const prefork = deployment(articleDeployments.prefork1);
const event = deployment(articleDeployments.event1x25);

async function verdictOf(lab: Lab, it: Deployment, planted: ObserveOptions): Promise<HeartbeatVerdict> {
  const seen = await lab.turns.take('beside others', () =>
    observe(lab, { deployment: it, scenario: short }, { takeTurn: lab.turns.take, ...planted }),
  );
  return heartbeatVerdict(it, short, evidenceOf(seen));
}

describe.concurrent('a planted fault makes the verdict inconclusive', () => {
  test('the server runs another MPM than its deployment says', async ({ lab }) => {
    expect(await verdictOf(lab, prefork, { served: event })).toEqual({
      kind: 'inconclusive',
      reason: 'the server is not what the deployment says: apachectl -M lists event, expected prefork',
    });
  });

  test('the application is not patched', async ({ lab }) => {
    const served = { ...prefork, concurrency: 'threads' } as const;
    expect(await verdictOf(lab, prefork, { served })).toEqual({
      kind: 'inconclusive',
      reason: 'the server is not what the deployment says: patched false, expected true',
    });
  });

  test('the application’s log is not there', async ({ lab }) => {
    const application = { ...stubApi, log: '/var/log/nova/missing.log' };
    expect(await verdictOf(lab, prefork, { application })).toEqual({
      kind: 'inconclusive',
      reason: expect.stringMatching(
        /^the application’s log could not be read to its end: .*missing\.log.*No such file or directory/,
      ),
    });
  });

  test('the application does not log', async ({ lab }) => {
    const application = { ...stubApi, log: '/var/log/apache2/other_vhosts_access.log' };
    expect(await verdictOf(lab, prefork, { application })).toEqual({
      kind: 'inconclusive',
      reason: 'the application’s log could not be read to its end',
    });
  });

  test('the broker’s log is cut off', async ({ lab }) => {
    const { engine, description } = lab;
    const cut = `${BROKER_LOG}.cut`;
    await lab.broker.ready();
    await engine.container.exec(engine.container.getById(description.broker.containerId), [
      'cp',
      BROKER_LOG,
      cut,
    ]);
    using broker = await Broker.attach(engine, description.broker, cut);
    expect(await verdictOf(lab, prefork, { broker })).toEqual({
      kind: 'inconclusive',
      reason: 'the broker’s log could not be read to its end',
    });
  });
});
