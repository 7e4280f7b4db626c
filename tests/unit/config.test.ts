import { describe, expect, test } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import {
  type DeploymentInput,
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
      registry_push: false,
      release: 'trixie',
      side_by_side: false,
      times: 'compressed',
      repeat: 1,
      throughput: 'article',
      tolerance: 0.1,
      requests: 1000,
      concurrency: 10,
      confidence: 0.95,
      blocks: 10,
      logs: 'failed',
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
    ['SIDE_BY_SIDE', '1', 'MPM_HEARTBEAT_PARTS'],
    ['REGISTRY_PUSH', '1', 'set MPM_HEARTBEAT_REGISTRY'],
    ['REGISTRY', 'owner/mpm-heartbeat', 'registry.example/owner/mpm-heartbeat'],
    ['REGISTRY', 'registry.example/Owner/mpm-heartbeat', 'in lower case'],
    ['REGISTRY', 'registry.example/mpm-heartbeat:latest', 'a registry and a path'],
    ['ENGIN', 'auto', 'MPM_HEARTBEAT_ENGINE?'],
    ['KEEP', 'yes', '0 (default) or 1'],
    ['RELEASE', 'sid', 'forky or trixie (default) or bookworm or bullseye'],
    ['APT_PROXY', 'proxy', 'URL'],
    ['APT_SOURCE', 'x', '"deb "'],
    ['TOLERANCE', '10', 'above 0, below 1 (default 0.1)'],
    ['REQUESTS', '99.5', 'whole number from 100 to 100000 (default 1000)'],
    ['CONCURRENCY', '0', 'whole number from 1 to 100 (default 10)'],
    ['CONFIDENCE', '95', 'from 0.8, below 1 (default 0.95)'],
    ['BLOCKS', '4', 'whole number from 5 to 100 (default 10)'],
    ['SEED', '-1', 'whole number from 0 to 2147483647'],
  ] as const)('MPM_HEARTBEAT_%s=%s is refused, and what is allowed is named', ([name, value, allowed]) => {
    const read = () => readOptions({ [`MPM_HEARTBEAT_${name}`]: value });
    expect(read).toThrow(`MPM_HEARTBEAT_${name}`);
    expect(read).toThrow(allowed);
  });
});

describe('deployments', () => {
  test.for<[DeploymentInput, string]>([
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
    [{ mpm: 'winnt', processes: 8, threads: 1 }, /"winnt".*: mpm: .*prefork, event, worker/],
    [{ processes: 1, threads: 1 }, /: mpm: .*prefork, event, worker/],
    [{ mpm: 'prefork', processes: 8, threads: 25 }, /: threads: prefork /],
    [{ mpm: 'event', processes: 0, threads: 25 }, /: processes: /],
    [{ mpm: 'event', processes: 1, threads: 25, colour: 'red' }, /: colour: httpd /],
    [{ server: 'uwsgi', mpm: 'event', processes: 1, threads: 1 }, /: mpm: uwsgi /],
    [{ server: 'uwsgi', wsgi: 'daemon', processes: 1, threads: 1 }, /: wsgi: uwsgi /],
    [
      { mpm: 'prefork', processes: 8, threads: 1, application: 'masakari', concurrency: 'threads' },
      /: concurrency: masakari /,
    ],
  ] as const)('%j is refused, and the option is named', ([row, fact]) => {
    expect(() => deployment(row as never)).toThrow(fact);
  });

  test.for<[DeploymentInput, string[]]>([
    [
      { mpm: 'event', processes: 8, threads: 25 },
      [
        'LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so',
        'StartServers 8',
        'ServerLimit 8',
        'ThreadLimit 25',
        'ThreadsPerChild 25',
        'MinSpareThreads 200',
        'MaxSpareThreads 200',
        'MaxRequestWorkers 200',
      ],
    ],
    [
      { mpm: 'prefork', processes: 8, threads: 1 },
      [
        'LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so',
        'StartServers 8',
        'ServerLimit 8',
        'MinSpareServers 8',
        'MaxSpareServers 8',
        'MaxRequestWorkers 8',
      ],
    ],
  ])('%j has its own lines in Apache’s configuration', ([row, own]) => {
    const made = deployment(row);
    const common = ['MaxConnectionsPerChild 0', 'WSGIApplicationGroup %{GLOBAL}', ''];
    expect(serverOf(made).configuration(made)?.split('\n')).toEqual([...own, ...common]);
  });
});

test.for<[Traffic['phases'], string]>([
  [[{ route: 'amqp', requests: 40, intervalMs: 500 }], '40 requests (amqp), one every 0.5 s'],
  [
    [{ route: 'call', requests: 20, intervalMs: 0, oneAtATime: true }],
    '20 requests (call), one after another',
  ],
  [
    [{ route: 'plain', requests: 500, atOnce: 10, intervalMs: 20 }],
    '500 requests (plain), 10 at once every 0.02 s',
  ],
  [
    [
      { route: 'amqp', requests: 1, intervalMs: 0 },
      { route: 'yield', requests: 100, intervalMs: 200 },
    ],
    '1 request (amqp); then 100 requests (yield), one every 0.2 s',
  ],
])('traffic of the phases %j is described in words', ([phases, words]) => {
  expect(trafficWords({ phases })).toBe(words);
});
