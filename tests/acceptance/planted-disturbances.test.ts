import { describe, expect } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import { disturbOnce } from '../../helpers/experiment/play-disturbance.ts';
import { type Disturbance, disturbances } from '../../helpers/traffic/disturbances.ts';
import type { DisturbanceVerdict } from '../../helpers/verdict/disturbance.ts';
import { disturbanceObjections } from '../../helpers/verdict/disturbance-expectation.ts';
import { type DisturbanceRow, disturbedRowOf } from '../../helpers/verdict/disturbance-row.ts';
import { test } from './lab-test.ts';

// A disturbance is done wrongly, or the deployment does not get over it: neither may be called recovered.

const row = { mpm: 'prefork', processes: 2, threads: 1, expected: 'recovered', why: 'planted' } as const;
const down = { ...row, disturbance: 'broker down' } as const;
const silent = { ...row, disturbance: 'network silent' } as const;
const reload = {
  ...row,
  disturbance: 'graceful reload',
  databaseWaitSeconds: 0.3,
  leftBehind: 'nothing',
} as const;

const nothing = async () => undefined;
const { 'broker down': realDown, 'graceful reload': realReload } = disturbances;
/** Stops one of the processes that answer requests, which does not end it. */
const stopOne = ['sh', '-c', 'kill -STOP $(pgrep -P 1 apache2 | head -1)'];

interface Planted {
  readonly title: string;
  readonly row: DisturbanceRow;
  readonly done: Disturbance;
  readonly verdict: DisturbanceVerdict;
}

const inconclusive = (cause: 'not disturbed' | 'not played', reason: RegExp): DisturbanceVerdict => ({
  kind: 'inconclusive',
  cause,
  reason: expect.stringMatching(reason),
});
const answered = /^the broker completed \d+ of \d+ AMQP handshakes while it should have been away$/;

const planted: readonly Planted[] = [
  {
    title: 'the broker never goes down',
    row: down,
    done: { begin: nothing, end: nothing },
    verdict: inconclusive('not disturbed', answered),
  },
  {
    title: 'the broker is back at once',
    row: down,
    done: {
      begin: async (target) => {
        await realDown.begin(target);
        await realDown.end(target);
      },
      end: nothing,
    },
    verdict: inconclusive('not disturbed', answered),
  },
  {
    title: 'the broker does not come back',
    row: down,
    done: { ...realDown, end: nothing },
    verdict: inconclusive('not played', /waited 30 s for RabbitMQ to answer an AMQP handshake/),
  },
  {
    title: 'newcomers are kept out, and the broker runs on',
    row: down,
    done: {
      begin: ({ broker }) => broker.silence('tcp flags syn'),
      end: ({ broker }) => broker.endSilence(),
    },
    verdict: inconclusive('not disturbed', /^the broker’s log does not say that it stopped listening/),
  },
  {
    title: 'newcomers are kept out, and who is in is heard',
    row: silent,
    done: {
      begin: ({ broker }) => broker.silence('tcp flags syn'),
      end: ({ broker }) => broker.endSilence(),
    },
    verdict: inconclusive('not disturbed', /: the broker did not drop it while the network was silent$/),
  },
  {
    title: 'the server does not reload',
    row: reload,
    done: { ...realReload, begin: nothing },
    verdict: inconclusive('not disturbed', /^the server’s error log does not say that it reloaded$/),
  },
  {
    title: 'a process does not get over the outage',
    row: down,
    done: {
      ...realDown,
      end: async (target) => {
        await target.server.execute(stopOne);
        await realDown.end(target);
      },
    },
    verdict: {
      kind: 'not recovered',
      reason: expect.stringMatching(/^1 of 2 processes answered after it/),
    },
  },
];

describe.concurrent('a disturbance that is planted wrongly, or not got over', () => {
  test.for(planted.map((it) => [it.title, it] as const))('%s', async ([, { row, done, verdict }], {
    lab,
  }) => {
    const played = disturbedRowOf(row, times.compressed);
    const record = await lab.turns.take('beside others', () => disturbOnce(lab, played, { done }));
    expect(record.verdict).toEqual(verdict);
    expect(disturbanceObjections(record)).not.toEqual([]);
  });

  test('an old process stays after a reload', async ({ lab }) => {
    const played = disturbedRowOf(reload, times.compressed);
    const done: Disturbance = {
      ...realReload,
      begin: async (target) => {
        await target.server.execute(stopOne);
        await realReload.begin(target);
      },
    };
    const record = await lab.turns.take('beside others', () => disturbOnce(lab, played, { done }));
    expect(disturbanceObjections(record)).toContainEqual(
      expect.stringMatching(/^process \d+ has not ended$/),
    );
  });
});
