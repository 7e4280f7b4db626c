import { describe, expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import type { Part } from '../../helpers/config/parts.ts';
import { type DeploymentRow, deployment } from '../../helpers/deployment/deployment.ts';
import { lastException } from '../../helpers/evidence/application-log.ts';
import type { ServerFacts } from '../../helpers/evidence/evidence.ts';
import type { DriverConnection, PartReport } from '../../helpers/evidence/process-report.ts';
import { serverDifference } from '../../helpers/verdict/server-difference.ts';

const green: DriverConnection = {
  heartbeatTimeoutThreshold: 1,
  heartbeatRate: 3,
  heartbeatThread: 'green',
  loop: 'oslo_messaging._drivers.impl_rabbit.Connection._heartbeat_thread_job',
  startedOn: 7,
  runsOn: 7,
  option: true,
};
const native: DriverConnection = { ...green, heartbeatThread: 'native', runsOn: 8 };

/** How prefork 1 with one connection, and with these parts, differs from what a row says. */
function difference(
  row: Partial<DeploymentRow>,
  found: { readonly connection?: DriverConnection; readonly parts?: readonly PartReport[] } = {},
): string | undefined {
  const it = deployment({ mpm: 'prefork', processes: 1, threads: 1, ...row });
  const server: ServerFacts = {
    modules: ['mpm_prefork_module'],
    imageRelease: 'trixie',
    versions: { Debian: 'trixie', RabbitMQ: '4.0.5' },
    processes: [
      {
        pid: 7,
        server: { server: 'mod_wsgi', mpm: 'prefork' },
        processes: 1,
        threads: 1,
        patched: true,
        logging: { level: 'INFO', handlers: [] },
        connections: [found.connection ?? green],
        ...(found.parts && { parts: found.parts }),
        application: stub.says(it),
      },
    ],
  };
  return serverDifference(it, server);
}

describe('the heartbeat’s thread', () => {
  test('is what the row says', () => {
    expect(difference({})).toBeUndefined();
    expect(difference({}, { connection: native })).toBe('heartbeat thread native, expected green');
    expect(difference({ heartbeatThread: 'native' }, { connection: native })).toBeUndefined();
    expect(difference({ heartbeatThread: 'native' })).toBe('heartbeat thread green, expected native');
  });

  test('may be either if it is the library’s own, but must run as its class says', () => {
    expect(difference({ heartbeatThread: 'default' })).toBeUndefined();
    expect(difference({ heartbeatThread: 'default' }, { connection: native })).toBeUndefined();
    expect(difference({ heartbeatThread: 'default' }, { connection: { ...native, runsOn: 7 } })).toBe(
      'thread that the heartbeat runs on green, expected native',
    );
  });
});

test('a report of another library is accepted if the row asks for no more', () => {
  const { loop: _, heartbeatRate: __, option: ___, ...own } = green;
  const none: DriverConnection = { ...own, heartbeatThread: null, startedOn: null, runsOn: null };
  expect(difference({}, { connection: own })).toBeUndefined();
  expect(difference({}, { connection: none })).toBe('heartbeat thread null, expected green');
  expect(difference({ heartbeatThread: 'default' }, { connection: none })).toBeUndefined();
  expect(difference({ messaging: '2019' }, { connection: own })).toBe('heartbeat loop distro, expected 2019');
  expect(difference({ heartbeatRate: 5 }, { connection: own })).toBe('heartbeat_rate undefined, expected 5');
});

describe('a part', () => {
  const kombu: Part = { kind: 'archive', from: '/kombu', label: '5.4.0', version: '5.4.0', content: 'a1' };
  const report: PartReport = {
    name: 'kombu',
    content: 'a1',
    place: '/usr/local/lib/python3.13/dist-packages',
    built: '5.4.0',
    version: '5.4.0',
    files: ['/usr/local/lib/python3.13/dist-packages/kombu/__init__.py'],
  };
  const found = (change: Partial<PartReport>) =>
    difference({ parts: { kombu } }, { parts: [{ ...report, ...change }] });

  test('is in use as the row says', () => {
    expect(found({})).toBeUndefined();
    expect(difference({ parts: { kombu } })).toBe('parts none, expected kombu');
    expect(difference({}, { parts: [report] })).toBe('parts kombu, expected none');
  });

  test.for<[Partial<PartReport>, string]>([
    [{ content: 'b2' }, 'content of kombu b2, expected a1'],
    [{ built: '5.3.0', version: '5.3.0' }, 'version of kombu 5.3.0, expected 5.4.0'],
    [{ version: null }, 'version of kombu null, expected 5.4.0'],
    [{ built: '5.3.0' }, 'version of kombu as it was built 5.3.0, expected 5.4.0'],
    [{ files: [] }, 'kombu is loaded false, expected true'],
    [
      { files: [...report.files, '/usr/lib/python3/dist-packages/kombu/__init__.py'] },
      'kombu is loaded from /usr/lib/python3/dist-packages/kombu/__init__.py, expected /usr/local/lib/python3.13/dist-packages',
    ],
  ])('%o makes it another server', ([change, words]) => {
    expect(found(change)).toBe(words);
  });
});

test('an import error is the last line of the last traceback', () => {
  const log = `[Wed Nov 25 22:35:32.4 2026] [wsgi:error] [pid 18:tid 18] Traceback (most recent call last):
[Wed Nov 25 22:35:32.4 2026] [wsgi:error] [pid 18:tid 18]   File "/x.py", line 1, in <module>
[Wed Nov 25 22:35:32.4 2026] [wsgi:error] [pid 18:tid 18] KeyError: 'first'
[Wed Nov 25 22:35:33.4 2026] [wsgi:error] [pid 18:tid 18] Traceback (most recent call last):
[Wed Nov 25 22:35:33.4 2026] [wsgi:error] [pid 19:tid 19] something of another process
[Wed Nov 25 22:35:33.4 2026] [wsgi:error] [pid 18:tid 18]   File "/y.py", line 1, in <module>
[Wed Nov 25 22:35:33.4 2026] [wsgi:error] [pid 18:tid 18] ModuleNotFoundError: No module named 'six'`;
  expect(lastException(log)).toBe("ModuleNotFoundError: No module named 'six'");
  expect(lastException('[Wed] [mpm_event:notice] resuming normal operations')).toBeUndefined();
});
