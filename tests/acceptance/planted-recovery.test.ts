import { describe, expect } from 'vitest';
import type { TrafficRow } from '../../helpers/rows/row.ts';
import { type Fault, faults } from '../../helpers/traffic/faults.ts';
import { prefork2 } from '../table/deployments.ts';
import { test } from './lab-test.ts';
import { couldNotTell, executePlanted, plantedRow } from './planted-row.ts';

// If a fault is injected wrongly, or the deployment does not recover, the verdict must not be `recovered`.

const expects = { verdict: 'recovered' } as const;
const down = plantedRow(prefork2, { fault: 'broker down', expect: expects });
const silent = plantedRow(prefork2, { fault: 'network silent', expect: expects });
const reload = plantedRow(
  { ...prefork2, databaseWaitSeconds: 0.3 },
  { fault: 'graceful reload', expect: { ...expects, leftBehind: 'nothing' } },
);

const nothing = async () => undefined;
const { 'broker down': realDown, 'graceful reload': realReload } = faults;
/** Blocks new connections. Open connections are not affected. */
const newcomersOut: Fault = {
  begin: ({ broker }) => broker.silence('tcp flags syn'),
  end: ({ broker }) => broker.endSilence(),
};
/** Stops one of the processes that answer requests, but does not end it. */
const stopOne = ['sh', '-c', 'kill -STOP $(pgrep -P 1 apache2 | head -1)'];

interface Planted {
  readonly title: string;
  readonly row: TrafficRow;
  /** Injected instead of the row's fault. */
  readonly fault: Fault;
  readonly verdict: object;
}

const answered = couldNotTell('fault not proven', /\d+ of \d+ AMQP handshakes/);

const planted: readonly Planted[] = [
  {
    title: 'the broker never goes down',
    row: down,
    fault: { begin: nothing, end: nothing },
    verdict: answered,
  },
  {
    title: 'the broker is back at once',
    row: down,
    fault: {
      begin: async (target) => {
        await realDown.begin(target);
        await realDown.end(target);
      },
      end: nothing,
    },
    verdict: answered,
  },
  {
    title: 'the broker does not come back',
    row: down,
    fault: { ...realDown, end: nothing },
    verdict: couldNotTell('not executed', '30 s', 'RabbitMQ', 'AMQP handshake'),
  },
  {
    title: 'nobody can connect, but the broker keeps running',
    row: down,
    fault: newcomersOut,
    verdict: couldNotTell('fault not proven', 'broker’s log', 'stopped listening'),
  },
  {
    title: 'nobody can connect, but open connections survive',
    row: silent,
    fault: newcomersOut,
    verdict: couldNotTell('fault not proven', /:\d+:/, 'did not drop it', 'the network was silent'),
  },
  {
    title: 'the server does not reload',
    row: reload,
    fault: { ...realReload, begin: nothing },
    verdict: couldNotTell('fault not proven', 'server’s error log', 'reloaded'),
  },
  {
    title: 'a process does not recover from the outage',
    row: down,
    fault: {
      ...realDown,
      end: async (target) => {
        await target.server.execute(stopOne);
        await realDown.end(target);
      },
    },
    verdict: { kind: 'not recovered', reason: expect.stringMatching(/^1 of 2 processes/) },
  },
];

describe.concurrent('a fault that is not injected, or from which a deployment does not recover, is detected', () => {
  test.for(planted.map((each) => [each.title, each] as const))('%s', async ([, { row, fault, verdict }], {
    lab,
  }) => {
    const record = await executePlanted(lab, row, () => ({ fault }));
    expect(record.verdict).toEqual(verdict);
    expect(record.violations).not.toEqual([]);
  });

  test('an old process stays after a reload', async ({ lab }) => {
    const fault: Fault = {
      ...realReload,
      begin: async (target) => {
        await target.server.execute(stopOne);
        await realReload.begin(target);
      },
    };
    const { violations } = await executePlanted(lab, reload, () => ({ fault }));
    expect(violations).toContainEqual(expect.stringMatching(/^process \d+ has not ended$/));
  });
});
