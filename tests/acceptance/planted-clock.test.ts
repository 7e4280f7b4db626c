import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { newestStable } from '../../helpers/config/options.ts';
import { times } from '../../helpers/config/scenario.ts';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { observe } from '../../helpers/experiment/observe.ts';
import { disturbOnce } from '../../helpers/experiment/play-disturbance.ts';
import { disturbedRowOf } from '../../helpers/verdict/disturbance-row.ts';
import { heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import { articleDeployments } from '../table/article-deployments.ts';
import { shellBefore } from './faults.ts';
import { test } from './lab-test.ts';

// The containers' clock is not this machine's, as where the engine runs in a virtual machine.

/** A layer by whose clock it is five seconds later. */
const LATER = fileURLToPath(new URL('faketime', import.meta.url));
const LATER_MS = 5000;
const event = deployment(articleDeployments.event1x25);
const prefork = deployment(articleDeployments.prefork1);
/** The connection is dropped between the requests, and the second meets that. */
const scenario = {
  ...times.compressed.scenarios.trickle,
  phases: [{ route: 'amqp', requests: 2, intervalMs: 4000 }],
} as const;

describe.concurrent('the containers’ clock is five seconds ahead', () => {
  test('a request is matched with what its process logged for it', async ({ lab }) => {
    await using later = await lab.apart(newestStable, LATER);
    const seen = await lab.turns.take('beside others', () =>
      observe(later, { deployment: event, scenario }, { takeTurn: lab.turns.take }),
    );
    const evidence = evidenceOf(seen);
    expect(heartbeatVerdict(event, scenario, evidence)).toEqual({ kind: 'dropped' });
    expect(evidence.brokerDrops).toMatchObject([{ teller: 'request' }]);
    expect(evidence.requests.slowedMs).toHaveLength(1);
    expect(evidence.clock?.aheadMs).toBeGreaterThan(LATER_MS - 500);
    expect(evidence.clock?.aheadMs).toBeLessThan(LATER_MS + 500);
  });

  test('an outage is matched with the broker’s log', async ({ lab }) => {
    await using later = await lab.apart(newestStable, LATER);
    const row = disturbedRowOf(
      {
        mpm: 'prefork',
        processes: 2,
        threads: 1,
        disturbance: 'network silent',
        expected: 'recovered',
        why: 'planted',
      },
      times.compressed,
    );
    const { verdict } = await lab.turns.take('beside others', () => disturbOnce(later, row));
    expect(verdict).toEqual({ kind: 'recovered' });
  });

  test('a clock that is set while a row runs makes it inconclusive', async ({ lab }) => {
    await using later = await lab.apart(newestStable, LATER);
    const set = ['sh', '-c', 'echo +9 > /etc/faketimerc'];
    const seen = await lab.turns.take('beside others', () =>
      observe(
        later,
        { deployment: prefork, scenario },
        {
          takeTurn: lab.turns.take,
          beside: async ({ server }) =>
            void (await Promise.all([server.execute(set), later.broker.execute(set)])),
        },
      ),
    );
    expect(heartbeatVerdict(prefork, scenario, evidenceOf(seen))).toEqual({
      kind: 'inconclusive',
      cause: 'blind instrument',
      reason: expect.stringMatching(
        /^the containers’ clock moved by (3\.9\d*|4(\.0\d*)?) s against this machine’s/,
      ),
    });
  });
});

test('a base image with a time zone changes no time in the application’s log', async ({ lab }) => {
  const inKolkata = shellBefore('ln -sf /usr/share/zoneinfo/Asia/Kolkata /etc/localtime');
  const seen = await lab.turns.take('beside others', () =>
    observe(lab, { deployment: prefork, scenario }, { takeTurn: lab.turns.take, ...inKolkata(lab) }),
  );
  expect(heartbeatVerdict(prefork, scenario, evidenceOf(seen))).toEqual({ kind: 'reproduced' });
});
