import { expect, test } from 'vitest';
import { addApplication } from '../../helpers/applications/index.ts';
import { stub } from '../../helpers/applications/stub.ts';
import type { Part } from '../../helpers/config/parts.ts';
import { type DeploymentInput, deployment } from '../../helpers/deployment/deployment.ts';
import type { ServerFacts } from '../../helpers/evidence/evidence.ts';
import type { DriverConnection, PartReport, ProcessReport } from '../../helpers/evidence/process-report.ts';
import { serverDifference } from '../../helpers/verdict/server-difference.ts';
import { serverFacts } from './fixtures/server-facts.ts';

/** What one server of prefork 1 says that is not as its row says. */
interface Change {
  readonly server?: Partial<ServerFacts>;
  readonly report?: Partial<ProcessReport>;
  readonly connection?: Partial<DriverConnection>;
}

function difference(
  row: Partial<DeploymentInput>,
  { server, report, connection }: Change,
): string | undefined {
  const made = deployment({ mpm: 'prefork', processes: 1, threads: 1, ...row });
  const facts = serverFacts(made, [7]);
  const processes = facts.processes.map((asSaid) => ({
    ...asSaid,
    connections: asSaid.connections.map((own) => ({ ...own, ...connection })),
    ...report,
  }));
  return serverDifference(made, { ...facts, processes, ...server });
}

const green: Change = { connection: { heartbeatThread: 'green', runsOn: 7 } };
const native: Change = { connection: { heartbeatThread: 'native', runsOn: 8 } };
/** What another library's connection reports. */
const own: DriverConnection = {
  heartbeatTimeoutThreshold: 1,
  heartbeatThread: 'green',
  startedOn: 7,
  runsOn: 7,
};
const other: Change = { report: { connections: [own] } };
const none: Change = { connection: { heartbeatThread: null, startedOn: null, runsOn: null } };

const place = '/usr/local/lib/python3.13/dist-packages';
const kombu: Part = { kind: 'archive', from: '/kombu', label: '5.4.0', version: '5.4.0', content: 'a1' };
const withKombu = (change: Partial<PartReport> = {}): Change => {
  const built = {
    content: 'a1',
    place,
    built: '5.4.0',
    version: '5.4.0',
    files: [`${place}/kombu/__init__.py`],
  };
  return { report: { parts: [{ name: 'kombu', ...built, ...change }] } };
};
const elsewhere = '/usr/lib/python3/dist-packages/kombu/__init__.py';
const stdlib = { level: 'INFO', handlers: [{ formatter: 'logging.Formatter', lock: '_thread.RLock' }] };

addApplication({ ...stub, name: 'own', options: [] });

test.for<[string, Partial<DeploymentInput>, Change]>([
  ['is as its row says', {}, {}],
  ['has a native heartbeat, as its row says', { heartbeatThread: 'native' }, {}],
  ['has a green heartbeat, if the row leaves it to the library', { heartbeatThread: 'default' }, green],
  ['has a native heartbeat, if the row leaves it to the library', { heartbeatThread: 'default' }, native],
  ['has no heartbeat, if the row leaves it to the library', { heartbeatThread: 'default' }, none],
  ['reports less, because it has another library', {}, other],
  ['has the part of its row', { parts: { kombu } }, withKombu()],
])('a server is the same if it %s', ([, row, change]) => {
  expect(difference(row, change)).toBeUndefined();
});

test.for<[Partial<DeploymentInput>, Change, string]>([
  [{}, { server: { modules: ['mpm_event_module'] } }, 'mpm_event_module, expected mpm_prefork_module'],
  [
    {},
    { server: { modules: ['mpm_event_module', 'mpm_prefork_module'] } },
    'mpm_event_module and mpm_prefork_module, expected mpm_prefork_module',
  ],
  [
    { wsgi: 'daemon' },
    { report: { server: { server: 'mod_wsgi', mpm: 'prefork', wsgi: 'embedded' } } },
    'wsgi embedded, expected daemon',
  ],
  [{ release: 'bookworm' }, { server: { versions: { Debian: 'trixie' } } }, 'trixie, expected bookworm'],
  [{}, { server: { imageRelease: 'bullseye' } }, 'Debian trixie, expected bullseye'],
  [{}, { server: { processes: [] } }, 'no report'],
  [{ processes: 8 }, {}, ' 1, expected 8'],
  [{}, { report: { patched: false, patchedModules: ['socket'] } }, 'patched false, expected true'],
  [
    { concurrency: 'threads' },
    { report: { patchedModules: ['socket'] } },
    'eventlet has patched socket, expected nothing',
  ],
  [
    { application: 'trove', concurrency: 'threads' },
    { report: { patchedModules: [] } },
    'eventlet has patched nothing, expected socket',
  ],
  [
    { concurrency: 'threads' },
    { report: { patchedModules: undefined } },
    'patched unknown, expected nothing',
  ],
  [{}, { report: { logging: stdlib } }, 'log written by stdlib, expected oslo.log'],
  [{}, native, 'heartbeat thread native, expected green'],
  [{}, none, 'heartbeat thread null, expected green'],
  [
    { application: 'own' },
    native,
    "own’s heartbeat is always native, add usual: { heartbeatThread: 'native' }",
  ],
  [{ application: 'own' }, { report: { patched: false } }, "add usual: { concurrency: 'threads' }"],
  [{}, { connection: { runsOn: 8 } }, 'runs on native, expected green'],
  [{}, { connection: { heartbeatTimeoutThreshold: 60 } }, 'heartbeat_timeout_threshold 60, expected 1'],
  [{ heartbeatThread: 'native' }, green, 'heartbeat thread green, expected native'],
  [
    { heartbeatThread: 'native' },
    { connection: { ...green.connection, option: false } },
    'heartbeat_in_pthread',
  ],
  [
    { heartbeatThread: 'default' },
    { connection: { heartbeatThread: 'native', runsOn: 7 } },
    'runs on green, expected native',
  ],
  [{ messaging: '2019' }, { connection: { heartbeatRate: 3 } }, 'heartbeat_rate 3, expected 2'],
  [{ messaging: '2019' }, other, 'heartbeat loop distro, expected 2019'],
  [{ heartbeatRate: 5 }, other, 'heartbeat_rate undefined, expected 5'],
  [{ parts: { kombu } }, {}, 'parts none, expected kombu'],
  [{}, withKombu(), 'parts kombu, expected none'],
  [{ parts: { kombu } }, withKombu({ content: 'b2' }), 'content of kombu b2, expected a1'],
  [{ parts: { kombu } }, withKombu({ built: '5.3.0', version: '5.3.0' }), 'kombu 5.3.0, expected 5.4.0'],
  [{ parts: { kombu } }, withKombu({ version: null }), 'version of kombu null, expected 5.4.0'],
  [{ parts: { kombu } }, withKombu({ built: '5.3.0' }), 'built 5.3.0, expected 5.4.0'],
  [{ parts: { kombu } }, withKombu({ files: [] }), 'kombu is loaded false, expected true'],
  [
    { parts: { kombu } },
    withKombu({ files: [`${place}/kombu/__init__.py`, elsewhere] }),
    `kombu is loaded from ${elsewhere}, expected ${place}`,
  ],
])('a server is another one if the row says %j and the server %j', ([row, change, fact]) => {
  expect(difference(row, change)).toContain(fact);
});
