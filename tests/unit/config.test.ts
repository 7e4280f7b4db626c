import { describe, expect, test } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import {
  type DeploymentRow,
  deployment,
  deploymentName,
  serverOf,
} from '../../helpers/deployment/deployment.ts';
import { type Traffic, trafficWords } from '../../helpers/rows/traffic.ts';

describe('options', () => {
  test('have defaults', () => {
    expect(readOptions({ PATH: '/bin' })).toEqual({
      engine: 'auto',
      keep: false,
      rebuild: false,
      release: 'trixie',
      side_by_side: false,
      times: 'compressed',
      throughput: 'article',
      tolerance: 0.1,
      requests: 1000,
      concurrency: 10,
      confidence: 0.95,
      blocks: 10,
    });
  });

  test('are numbers where they should be', () => {
    const environment = {
      MPM_HEARTBEAT_TOLERANCE: '0.05',
      MPM_HEARTBEAT_REQUESTS: '500',
      MPM_HEARTBEAT_CONCURRENCY: '1',
      MPM_HEARTBEAT_CONFIDENCE: '0.9',
      MPM_HEARTBEAT_BLOCKS: '20',
      MPM_HEARTBEAT_SEED: '0',
    };
    expect(readOptions(environment)).toMatchObject({
      tolerance: 0.05,
      requests: 500,
      concurrency: 1,
      confidence: 0.9,
      blocks: 20,
      seed: 0,
    });
  });

  test.for([
    [
      { MPM_HEARTBEAT_SIDE_BY_SIDE: '1' },
      'MPM_HEARTBEAT_SIDE_BY_SIDE=1 executes rows with and without parts: MPM_HEARTBEAT_PARTS must say which',
    ],
    [{ MPM_HEARTBEAT_KEEPS: '1' }, 'MPM_HEARTBEAT_KEEPS is not an option; did you mean MPM_HEARTBEAT_KEEP?'],
    [
      { MPM_HEARTBEAT_ENGIN: 'auto' },
      'MPM_HEARTBEAT_ENGIN is not an option; did you mean MPM_HEARTBEAT_ENGINE?',
    ],
    [{ MPM_HEARTBEAT_KEEP: 'yes' }, 'MPM_HEARTBEAT_KEEP=yes is not allowed; expected 0 (default) or 1'],
    [
      { MPM_HEARTBEAT_RELEASE: 'sid' },
      'MPM_HEARTBEAT_RELEASE=sid is not allowed; expected forky or trixie (default) or bookworm or bullseye',
    ],
    [{ MPM_HEARTBEAT_APT_PROXY: 'proxy' }, 'MPM_HEARTBEAT_APT_PROXY=proxy is not allowed; expected a URL'],
    [
      { MPM_HEARTBEAT_APT_SOURCE: 'x' },
      'MPM_HEARTBEAT_APT_SOURCE=x is not allowed; expected a line of sources.list, starting with "deb "',
    ],
    [
      { MPM_HEARTBEAT_TOLERANCE: '10' },
      'MPM_HEARTBEAT_TOLERANCE=10 is not allowed; expected a number above 0, below 1 (default 0.1)',
    ],
    [
      { MPM_HEARTBEAT_TOLERANCE: 'ten' },
      'MPM_HEARTBEAT_TOLERANCE=ten is not allowed; expected a number above 0, below 1 (default 0.1)',
    ],
    [
      { MPM_HEARTBEAT_REQUESTS: '99.5' },
      'MPM_HEARTBEAT_REQUESTS=99.5 is not allowed; expected a whole number from 100 to 100000 (default 1000)',
    ],
    [
      { MPM_HEARTBEAT_CONCURRENCY: '0' },
      'MPM_HEARTBEAT_CONCURRENCY=0 is not allowed; expected a whole number from 1 to 100 (default 10)',
    ],
    [
      { MPM_HEARTBEAT_CONFIDENCE: '95' },
      'MPM_HEARTBEAT_CONFIDENCE=95 is not allowed; expected a number from 0.8, below 1 (default 0.95)',
    ],
    [
      { MPM_HEARTBEAT_BLOCKS: '4' },
      'MPM_HEARTBEAT_BLOCKS=4 is not allowed; expected a whole number from 5 to 100 (default 10)',
    ],
    [
      { MPM_HEARTBEAT_SEED: '-1' },
      'MPM_HEARTBEAT_SEED=-1 is not allowed; expected a whole number from 0 to 2147483647',
    ],
  ])('%o is refused in one line', ([environment, message]) => {
    expect(() => readOptions(environment as Record<string, string>)).toThrow(message as string);
  });
});

describe('deployments', () => {
  test.for<[DeploymentRow, string]>([
    [{ mpm: 'prefork', processes: 8, threads: 1 }, 'prefork 8'],
    [{ mpm: 'event', processes: 1, threads: 25 }, 'event 1 × 25'],
    [{ mpm: 'event', processes: 8, threads: 25, messaging: '2019' }, 'event 8 × 25, messaging 2019'],
    [{ mpm: 'worker', processes: 1, threads: 25, concurrency: 'threads' }, 'worker 1 × 25, not patched'],
    [{ mpm: 'prefork', processes: 8, threads: 1, cpus: 1 }, 'prefork 8, 1 CPU'],
    [
      { mpm: 'prefork', processes: 8, threads: 1, cpus: 0.5, extraCpuMs: 0.25 },
      'prefork 8, 0.5 CPUs, slowed by 0.25 ms',
    ],
  ])('%o is called %s', ([row, name]) => {
    expect(deploymentName(deployment(row))).toBe(name);
  });

  test.for([
    [
      { mpm: 'winnt', processes: 8, threads: 1 },
      /deployment .*"winnt".*: mpm: httpd has an MPM: prefork, event, worker/,
    ],
    [{ mpm: 'prefork', processes: 8, threads: 25 }, /threads: prefork has one thread in each process/],
    [{ mpm: 'event', processes: 0, threads: 25 }, /processes: Too small/],
    [{ mpm: 'event', processes: 1, threads: 25, colour: 'red' }, /: colour: httpd has no such option/],
  ] as const)('%o is refused in one line', ([row, message]) => {
    expect(() => deployment(row as never)).toThrow(message);
  });

  const configurationOf = (row: DeploymentRow) => {
    const it = deployment(row);
    return serverOf(it).configuration(it);
  };

  test('differ in one file of Apache’s configuration', () => {
    expect(configurationOf({ mpm: 'event', processes: 8, threads: 25 })).toMatchInlineSnapshot(`
      "LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
      StartServers 8
      ServerLimit 8
      ThreadLimit 25
      ThreadsPerChild 25
      MinSpareThreads 200
      MaxSpareThreads 200
      MaxRequestWorkers 200
      MaxConnectionsPerChild 0
      WSGIApplicationGroup %{GLOBAL}
      "
    `);
    expect(configurationOf({ mpm: 'prefork', processes: 8, threads: 1 })).toMatchInlineSnapshot(`
      "LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
      StartServers 8
      ServerLimit 8
      MinSpareServers 8
      MaxSpareServers 8
      MaxRequestWorkers 8
      MaxConnectionsPerChild 0
      WSGIApplicationGroup %{GLOBAL}
      "
    `);
  });
});

test('traffic is described in words', () => {
  const words = (...phases: Traffic['phases']) => trafficWords({ phases });
  expect([
    words({ route: 'amqp', requests: 40, intervalMs: 500 }),
    words({ route: 'call', requests: 20, intervalMs: 0, oneAtATime: true }),
    words({ route: 'plain', requests: 500, atOnce: 10, intervalMs: 20 }),
    words({ route: 'amqp', requests: 1, intervalMs: 0 }, { route: 'yield', requests: 100, intervalMs: 200 }),
  ]).toEqual([
    '40 requests (amqp), one every 0.5 s',
    '20 requests (call), one after another',
    '500 requests (plain), 10 at once every 0.02 s',
    '1 request (amqp); then 100 requests (yield), one every 0.2 s',
  ]);
});
