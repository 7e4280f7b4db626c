import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { describe, expect } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { type DeploymentInput, deployment } from '../../helpers/deployment/deployment.ts';
import { measurementProblem } from '../../helpers/evidence/throughput-block.ts';
import { countConnections } from '../../helpers/execution/count-connections.ts';
import { executeRow } from '../../helpers/execution/execute-row.ts';
import { LoadedDeployment } from '../../helpers/execution/loaded-deployment.ts';
import { startDeployment } from '../../helpers/execution/started-deployment.ts';
import { BROKER_LOG } from '../../helpers/lab/broker.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { articleTls } from '../../helpers/rows/load.ts';
import { type Traffic, times } from '../../helpers/rows/traffic.ts';
import { connectEverywhere } from '../../helpers/traffic/every-process.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { agreedCount } from '../../helpers/verdict/connection-counts.ts';
import type { Verdict } from '../../helpers/verdict/verdict.ts';
import { event1x25, native, notPatched, prefork1 } from '../table/deployments.ts';
import { test } from './lab-test.ts';
import { amqpTraffic, couldNotTell, executePlanted, naming, plantedRow } from './planted-row.ts';
import {
  BROKER,
  besideTraffic,
  brokerMeanwhile,
  loggerDies,
  outputThrough,
  type Plant,
  pythonAfter,
  shellBefore,
  shellMeanwhile,
} from './plants.ts';

// Each test plants a fault in a real program. The verdict must be inconclusive, with the right cause. Faults that cannot be
// planted here are planted in recorded evidence, in tests/unit/heartbeat-verdict.test.ts.

/** The connection survives. */
const lives = amqpTraffic(4, 500);
/** The connection is dropped between the requests. */
const dies = amqpTraffic(2, 4000);

interface Planted {
  readonly title: string;
  readonly plant: Plant;
  readonly cause: Cause;
  /** The facts that the verdict's reason must name. */
  readonly facts: readonly (string | RegExp)[];
  /** One process of prefork, unless the fault needs another deployment. */
  readonly deployment?: DeploymentInput;
  readonly traffic?: Traffic;
}

const other = (served: DeploymentInput): Plant => {
  return () => ({ served: deployment(served) });
};
const anotherServer = (title: string, served: DeploymentInput, difference: RegExp): Planted => ({
  title,
  plant: other(served),
  cause: 'another server',
  facts: [difference],
});

/** The server differs from the row. */
const served: readonly Planted[] = [
  anotherServer(
    'another MPM',
    event1x25,
    /apachectl -M lists mpm_event_module, expected mpm_prefork_module$/,
  ),
  anotherServer('daemons', { ...prefork1, wsgi: 'daemon' }, /wsgi daemon, expected embedded$/),
  anotherServer('not patched', { ...prefork1, ...notPatched }, /patched false, expected true$/),
  {
    title: 'not patched, but for one module',
    plant: shellBefore(
      "echo 'from eventlet import patcher; patcher.monkey_patch(all=False, socket=True)' >> /usr/lib/python3/dist-packages/probe/wsgi.py",
    ),
    cause: 'another server',
    facts: [/eventlet has patched socket, expected nothing$/],
    deployment: { ...prefork1, ...notPatched },
  },
  anotherServer(
    'a native heartbeat thread',
    { ...prefork1, ...native },
    /heartbeat thread native, expected green$/,
  ),
  {
    ...anotherServer('a green heartbeat thread', prefork1, /heartbeat thread green, expected native$/),
    deployment: { ...prefork1, ...native },
  },
  anotherServer(
    'the loop of 2019',
    { ...prefork1, messaging: '2019' },
    /heartbeat loop 2019, expected distro$/,
  ),
  anotherServer(
    'another heartbeat',
    { ...prefork1, heartbeatSeconds: 2 },
    /heartbeat_timeout_threshold 2, expected 1$/,
  ),
  anotherServer(
    'another logger',
    { ...prefork1, logging: 'stdlib' },
    /log written by stdlib, expected oslo\.log$/,
  ),
  anotherServer('another level', { ...prefork1, logLevel: 'debug' }, /log from level DEBUG, expected INFO$/),
  {
    ...anotherServer(
      'another heartbeat_rate',
      { ...prefork1, heartbeatRate: 6 },
      /heartbeat_rate 6, expected 5$/,
    ),
    deployment: { ...prefork1, heartbeatRate: 5 },
  },
  {
    ...anotherServer(
      'an option that is not ignored',
      { ...prefork1, pthreadIgnored: true },
      /heartbeat thread native, expected green$/,
    ),
    deployment: { ...prefork1, pthreadIgnored: true },
  },
  anotherServer(
    'another broker',
    { ...prefork1, broker: 'bookworm' },
    /RabbitMQ is that of bookworm, expected trixie$/,
  ),
  anotherServer(
    'another wait',
    { ...prefork1, databaseWaitSeconds: 0.2 },
    /database_wait 0\.2, expected 0\.01$/,
  ),
  anotherServer(
    'extra work in each request',
    { ...prefork1, extraCpuMs: 5 },
    /extra_cpu 0\.005, expected 0$/,
  ),
];

/** A part whose module is a link to another file of the part. */
const part = fileURLToPath(new URL('part', import.meta.url));
const withPart = { ...prefork1, parts: { 'mpm-heartbeat-part': part } };
/** The folder that the layer installs the part to; the image has one Python. */
const PART_PLACE = '/usr/local/lib/python3.*/dist-packages';
const MANIFEST = '/usr/local/share/mpm-heartbeat/parts.json';
/** Runs a script, then makes each process load the part after the application. */
const partLoaded = (script: string): Plant =>
  shellBefore(`${script}\necho 'import mpm_heartbeat_part' >> /usr/lib/python3/dist-packages/probe/wsgi.py`);
const anotherPart = (title: string, plant: Plant, difference: RegExp): Planted => ({
  ...anotherServer(title, prefork1, difference),
  deployment: withPart,
  plant,
});

/** The part is built, but the processes use something else. */
const parts: readonly Planted[] = [
  anotherPart('no process loads it', shellBefore(''), /mpm-heartbeat-part is loaded false, expected true$/),
  anotherPart(
    'its metadata names another version',
    partLoaded(`sed -i 's/^Version: .*/Version: 2.0/' ${PART_PLACE}/mpm_heartbeat_part-*.dist-info/METADATA`),
    /version of mpm-heartbeat-part 2\.0, expected 1\.0$/,
  ),
  anotherPart(
    'another module is loaded in its place',
    partLoaded('mkdir /tmp/a && touch /tmp/a/mpm_heartbeat_part.py && export PYTHONPATH=/tmp/a'),
    /mpm-heartbeat-part is loaded from \/tmp\/a\/\S+, expected \/usr\/local\/lib\/python3\.\d+\/dist-packages$/,
  ),
  anotherPart(
    'it was built from something else',
    partLoaded(`sed -i 's/"content": "[^"]*"/"content": "0"/' ${MANIFEST}`),
    /content of mpm-heartbeat-part 0, expected [0-9a-f]{12}$/,
  ),
  anotherPart(
    'it is not installed',
    partLoaded(`rm ${MANIFEST}`),
    /parts none, expected mpm-heartbeat-part$/,
  ),
];

/** Prints each log record six seconds late. */
const logsLate = `
import logging
from eventlet import patcher
def _late(handler, thread=patcher.original("_thread")):
    emit = handler.emit
    def later(record):
        native.sleep(6)
        emit(record)
    handler.emit = lambda record: thread.start_new_thread(later, (record,))
for _handler in logging.getLogger().handlers:
    _late(_handler)
`;
const otherForm = `
import logging
def _configured_again(environ, start_response, served=application):
    if environ["PATH_INFO"].startswith("/v2.1"):
        for handler in logging.getLogger().handlers:
            handler.formatter.format = lambda record: record.levelname + ": " + record.getMessage()
    return served(environ, start_response)
application = _configured_again
`;
const BEFORE = 'before the first AMQP request';
const AFTER = 'after the window';
const logs: readonly Planted[] = [
  {
    title: 'the application’s logger never prints anything',
    plant: pythonAfter('import logging\nlogging.disable(logging.CRITICAL)'),
    cause: 'blind instrument',
    facts: ['application’s log', BEFORE, /process \d+/],
  },
  {
    title: 'the application’s logger dies, and a connection is dropped',
    plant: loggerDies,
    traffic: dies,
    cause: 'logger not proven',
    facts: ['application’s log', AFTER, /process \d+/],
  },
  {
    title: 'the logger’s level is above the heartbeat’s',
    plant: pythonAfter('import logging\nlogging.getLogger("oslo.messaging").setLevel(logging.WARNING)'),
    cause: 'another server',
    facts: [/log from level WARNING, expected INFO$/],
  },
  {
    title: 'the application logs to another file',
    plant: shellBefore(
      `export APPLICATION_CONFIGURATION="$(echo "$APPLICATION_CONFIGURATION" | sed s,${stub.log},/var/log/nova/other.log,)"`,
    ),
    cause: 'blind instrument',
    facts: ['application’s log', BEFORE, /process \d+/],
  },
  {
    title: 'the application’s log is late',
    plant: pythonAfter(logsLate),
    cause: 'blind instrument',
    facts: ['application’s log', BEFORE, /process \d+/],
  },
  {
    title: 'the application configures its logging again, in another form',
    plant: pythonAfter(otherForm),
    cause: 'blind instrument',
    facts: ['application’s log', 'logEntry'],
  },
  {
    title: 'the application’s log is cut off',
    plant: shellMeanwhile(`truncate -s 0 ${stub.log}`),
    cause: 'blind instrument',
    facts: ['application’s log', 'file truncated'],
  },
  {
    title: 'the application’s log is renamed',
    plant: shellMeanwhile(`mv ${stub.log} ${stub.log}.1`),
    cause: 'blind instrument',
    facts: ['application’s log', /inaccessible|replaced/],
  },
  {
    title: 'the application’s log is replaced',
    plant: shellMeanwhile(`mv ${stub.log} ${stub.log}.1; install -o www-data /dev/null ${stub.log}`),
    cause: 'blind instrument',
    facts: ['application’s log', 'replaced'],
  },
  {
    title: 'the server’s error log is another file',
    plant: shellBefore('sed -i s,/dev/stderr,/tmp/other.log, /etc/apache2/sites-enabled/application.conf'),
    cause: 'blind instrument',
    facts: ['server’s error log', BEFORE, /process \d+/],
  },
  {
    title: 'the server’s error log is cut off',
    plant: outputThrough("sed -u '/marker/q'"),
    cause: 'blind instrument',
    facts: ['server’s error log', AFTER, /process \d+/],
  },
  {
    title: 'the server’s error log is late',
    plant: outputThrough('while read -r line; do (sleep 20; echo "$line") & done'),
    cause: 'blind instrument',
    facts: ['server’s error log', /before|after/, /process \d+/],
  },
];

const IMPL_RABBIT = '/usr/lib/python3/dist-packages/oslo_messaging/_drivers/impl_rabbit.py';
const eventNotPatched = { ...event1x25, ...notPatched };

const { lull } = times.compressed.traffic;
const MANY = { requests: 20, atOnce: 20 };

/** The library behaves in a way that no row expects. */
const library: readonly Planted[] = [
  {
    title: 'the heartbeat logs its error in other words',
    plant: shellBefore(
      `sed -i 's,A recoverable connection/channel,The broker went away: an,' ${IMPL_RABBIT}`,
    ),
    traffic: dies,
    cause: 'unknown line',
    facts: ['heartbeat’s logger', '1 line', 'The broker went away: an error'],
  },
  {
    title: 'the client closes connections, which the row does not expect',
    deployment: eventNotPatched,
    plant: other({ ...eventNotPatched, poolTtlSeconds: 3 }),
    // On a busy machine six requests at once may share two connections, and the pool never closes its last two.
    traffic: { ...lull, phases: lull.phases.map((phase) => (phase.atOnce ? { ...phase, ...MANY } : phase)) },
    cause: 'connection ended',
    facts: [/mod_wsgi:\d+:\S+: closed by the client/],
  },
];

/** Each gets a separate broker, because a fault in the shared broker would affect other cells. */
const brokers: readonly Planted[] = [
  {
    title: 'the broker’s log is cut off',
    plant: brokerMeanwhile(`truncate -s 0 ${BROKER_LOG}`),
    cause: 'blind instrument',
    facts: ['broker’s log', 'truncated'],
  },
  {
    title: 'the broker’s log is renamed',
    plant: brokerMeanwhile(`mv ${BROKER_LOG} ${BROKER_LOG}.1`),
    cause: 'blind instrument',
    facts: ['broker’s log', /: ./],
  },
  {
    title: 'the broker logs errors only',
    plant: besideTraffic((_, { broker }) => broker.setLogLevel('error')),
    cause: 'blind instrument',
    facts: ['broker’s log', 'to its end'],
  },
  {
    title: 'the capture ends',
    plant: brokerMeanwhile('pkill -KILL dumpcap'),
    cause: 'blind instrument',
    facts: ['capture', 'to its end'],
  },
  {
    title: 'the capture is late',
    plant: brokerMeanwhile('pkill -STOP dumpcap'),
    cause: 'blind instrument',
    facts: ['capture', 'to its end'],
  },
  {
    title: 'the broker hangs',
    plant: brokerMeanwhile(`pkill -STOP ${BROKER}`),
    cause: 'blind instrument',
    facts: ['broker’s log', 'AMQP handshake', '10 s'],
  },
  {
    title: 'the message sink no longer receives messages',
    plant: besideTraffic(async ({ virtualHost }) => {
      const connection = await connect(virtualHost.amqpUrl, {
        clientProperties: { connection_name: 'suite:fault' },
      });
      await (await connection.createChannel()).deleteExchange('nova');
      await connection.close();
    }),
    cause: 'blind instrument',
    facts: ['message sink', /lost its connection|did not receive/],
  },
];

async function verdictOf(
  lab: Lab,
  { plant, traffic = lives, deployment = prefork1 }: Pick<Planted, 'plant' | 'traffic' | 'deployment'>,
): Promise<Verdict> {
  const { verdict } = await executePlanted(lab, plantedRow(deployment, { traffic }), plant);
  return verdict;
}

/** A row that asserts only that each request is answered. */
const requestsOnly = plantedRow(prefork1, { traffic: lives, expect: {} });

describe.concurrent('a row that does not assert its verdict still fails', () => {
  test('if the logger dies, and no connection is dropped', async ({ lab }) => {
    const { verdict, violations } = await executePlanted(lab, requestsOnly, loggerDies);
    expect(verdict).toEqual(couldNotTell('logger not proven', 'application’s log', AFTER, /process \d+/));
    expect(violations).toEqual([expect.stringContaining('(logger not proven)')]);
  });

  test('if the first execution could not be judged, and logged an error', async ({ lab }) => {
    const error = '2026-01-31 12:00:00.000 9 ERROR nova.api [-] planted';
    const { beside } = shellMeanwhile(`echo '${error}' >> ${stub.log}; sleep 0.5; truncate -s 0 ${stub.log}`)(
      lab,
    );
    let executions = 0;
    const record = await executeRow(lab, requestsOnly, {
      beside: async (...given) => (executions++ === 0 ? beside?.(...given) : undefined),
    });
    expect(record).toMatchObject({
      verdict: { kind: 'clean' },
      earlier: [{ verdict: { cause: 'blind instrument' }, findings: [expect.stringContaining(error)] }],
    });
    expect(record.violations).toEqual([expect.stringMatching(naming('first execution', error))]);
  });
});

describe.concurrent('unknown behaviour of the library is detected', () => {
  test.for(titled(library))('%s', expectDoubt);
});

describe.concurrent('a server that differs from the row is detected', () => {
  test.for(titled([...served, ...parts]))('%s', expectDoubt);
});

test('a part that is loaded from its own folder is accepted', async ({ lab }) => {
  const verdict = await verdictOf(lab, { plant: partLoaded(''), deployment: withPart });
  expect(verdict).toEqual({ kind: 'clean' });
});

describe.concurrent('a blind instrument is detected', () => {
  test.for(titled(logs))('%s', expectDoubt);

  test.for(titled(brokers))('%s', async (titled, { lab }) => {
    await using own = await lab.withOwnBroker();
    await expectDoubt(titled, { lab: own });
  });

  test('the broker’s log is another broker’s', async ({ lab }) => {
    await using elsewhere = await lab.withOwnBroker();
    const { alias, address } = elsewhere.broker.host;
    // The other broker must know the application's user, or it would refuse the connection.
    const plant: Plant = () => ({
      beside: async ({ virtualHost }) => elsewhere.broker.create(virtualHost),
      changeContainer: (container) =>
        void container
          .withExtraHosts([{ host: alias, ipAddress: address }])
          .withEntrypoint([
            'sh',
            '-c',
            `export APPLICATION_CONFIGURATION="$(echo "$APPLICATION_CONFIGURATION" | sed s,@broker:,@${alias}:,)"; exec /usr/local/bin/serve`,
          ]),
    });
    expect(await verdictOf(lab, { plant })).toEqual(
      couldNotTell('blind instrument', /process \d+/, 'broker’s log'),
    );
  });

  test('ss lists no connections', async ({ lab }) => {
    const patient = deployment({ ...prefork1, heartbeatSeconds: 60 });
    const counts = await lab.slots.take('shared', async () => {
      await using started = await startDeployment(lab, patient, stub, {
        takeSlot: lab.slots.take,
        ...shellBefore('ln -sf /bin/true "$(command -v ss)"')(lab),
      });
      await connectEverywhere(started.client, stub, patient);
      return await countConnections(lab, started);
    });
    expect(agreedCount(counts)).toEqual({
      doubt: 'ss counts 0 connections, the broker lists 1, its log counts 1',
    });
  });

  test.for([
    ['cut off', 'truncate -s 0 /var/log/apache2/access.log'],
    ['renamed', 'mv /var/log/apache2/access.log /var/log/apache2/access.log.1'],
  ] as const)('the access log is %s', async ([, script], { lab }) => {
    const load = { route: 'plain', requests: 100, concurrency: 10, tls: articleTls } as const;
    const problem = await lab.slots.take('shared', async () => {
      await using server = await LoadedDeployment.start(lab, deployment(event1x25), 'plain', () => undefined);
      const first = await server.measure(load);
      const bytes = first.ab.kind === 'finished' ? first.ab.document.bytes : 0;
      const expected = { requests: 100, concurrency: 10, bytes, tls: articleTls };
      expect(measurementProblem(first, expected)).toBeUndefined();
      await server.runShell(script);
      return await server.measure(load).then(
        (second) => measurementProblem(second, expected),
        (error: Error) => error.message,
      );
    });
    expect(problem).toMatch(/^the access log has \d+ answers, expected 100$|access log cannot be read/);
  });
});

function titled(all: readonly Planted[]): (readonly [title: string, planted: Planted])[] {
  return all.map((planted) => [planted.title, planted]);
}

async function expectDoubt(
  [, planted]: readonly [title: string, planted: Planted],
  { lab }: { readonly lab: Lab },
): Promise<void> {
  expect(await verdictOf(lab, planted)).toEqual(couldNotTell(planted.cause, ...planted.facts));
}
