import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { newestStable } from '../../helpers/config/options.ts';
import { executeOnce } from '../../helpers/execution/execute-row.ts';
import { event1x25, prefork1, prefork2 } from '../table/deployments.ts';
import { test } from './lab-test.ts';
import { amqpTraffic, couldNotTell, plantedRow } from './planted-row.ts';
import { shellBefore } from './plants.ts';

// The containers' clock differs from this machine's clock, as it may if the engine runs in a virtual machine.

/** An image layer that sets the clock five seconds ahead. */
const LATER = fileURLToPath(new URL('faketime', import.meta.url));
const LATER_MS = 5000;
/** Its log lines do not name their request, so only the time shows which request they belong to. */
const event = { ...event1x25, logging: 'stdlib' } as const;
/** The connection is dropped between the two requests, so the second request meets a dead connection. */
const traffic = amqpTraffic(2, 6000);

describe.concurrent('the containers’ clock is five seconds ahead', () => {
  test('a request is matched with the line that its process logged for it', async ({ lab }) => {
    await using later = await lab.withOwnBroker(newestStable, LATER);
    const { verdict, evidence } = await lab.slots.take('shared', () =>
      executeOnce(later, plantedRow(event, { traffic })),
    );
    expect(verdict).toEqual({ kind: 'dropped' });
    expect(evidence?.brokerDrops).toMatchObject([{ loggedBy: 'request' }]);
    expect(evidence?.unreachableLines[0]?.line).not.toContain('req-');
    expect(evidence?.requests.slowedMs).toHaveLength(1);
    expect(evidence?.clock?.aheadMs).toBeGreaterThan(LATER_MS - 500);
    expect(evidence?.clock?.aheadMs).toBeLessThan(LATER_MS + 500);
  });

  test('an outage is matched with the broker’s log', async ({ lab }) => {
    await using later = await lab.withOwnBroker(newestStable, LATER);
    const row = plantedRow(prefork2, { fault: 'network silent' });
    const { verdict } = await lab.slots.take('shared', () => executeOnce(later, row));
    expect(verdict).toEqual({ kind: 'recovered' });
  });

  test('a row is inconclusive if the clock is set while it runs', async ({ lab }) => {
    await using later = await lab.withOwnBroker(newestStable, LATER);
    const set = ['sh', '-c', 'echo +9 > /etc/faketimerc'];
    const { verdict } = await lab.slots.take('shared', () =>
      executeOnce(later, plantedRow(prefork1, { traffic }), {
        beside: async ({ server }) =>
          void (await Promise.all([server.execute(set), later.broker.execute(set)])),
      }),
    );
    expect(verdict).toEqual(couldNotTell('blind instrument', 'clock', /\b(3\.9\d*|4(\.0\d*)?) s/));
  });
});

test('a base image with a time zone changes no time in the application’s log', async ({ lab }) => {
  const inKolkata = shellBefore('ln -sf /usr/share/zoneinfo/Asia/Kolkata /etc/localtime');
  const { verdict } = await lab.slots.take('shared', () =>
    executeOnce(lab, plantedRow(prefork1, { traffic }), inKolkata(lab)),
  );
  expect(verdict).toEqual({ kind: 'reproduced' });
});
