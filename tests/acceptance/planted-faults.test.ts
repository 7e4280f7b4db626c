import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { describe, expect } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { articleTls } from '../../helpers/config/load.ts';
import { type Phase, type Scenario, times } from '../../helpers/config/scenario.ts';
import { type Deployment, type DeploymentRow, deployment } from '../../helpers/deployment/deployment.ts';
import { lookUpParts } from '../../helpers/engine/parts.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { measurementProblem } from '../../helpers/evidence/throughput-block.ts';
import { countConnections } from '../../helpers/experiment/connections.ts';
import { LoadedServer } from '../../helpers/experiment/loaded-server.ts';
import { observe } from '../../helpers/experiment/observe.ts';
import { playOnce, playRow } from '../../helpers/experiment/play-row.ts';
import { WarmServer } from '../../helpers/experiment/warm-server.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { connectEverywhere } from '../../helpers/traffic/every-process.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { agreedCount } from '../../helpers/verdict/connections.ts';
import { objections } from '../../helpers/verdict/expectation.ts';
import { heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import { type Row, rowOf } from '../../helpers/verdict/row.ts';
import { articleDeployments } from '../table/article-deployments.ts';
import {
  BROKER,
  BROKER_LOG,
  besideTraffic,
  brokerMeanwhile,
  loggerDies,
  outputThrough,
  type Plant,
  pythonAfter,
  shellBefore,
  shellMeanwhile,
} from './faults.ts';
import { test } from './lab-test.ts';

// A fault is planted in a real part, and nothing may be concluded, with that reason. What cannot be planted so is
// done with recorded evidence, in tests/unit/heartbeat-verdict.test.ts.

const prefork = deployment(articleDeployments.prefork1);
const event = deployment(articleDeployments.event1x25);

const traffic = (requests: number, intervalMs: number): Scenario => {
  const phase: Phase = { route: 'amqp', requests, intervalMs };
  return { ...times.compressed.scenarios.trickle, phases: [phase] };
};
/** The connection lives. */
const lives = traffic(4, 500);
/** The connection is dropped between the requests. */
const dies = traffic(2, 4000);

interface Fault {
  readonly title: string;
  readonly plant: Plant;
  readonly cause: Cause;
  readonly reason: RegExp;
  readonly deployment?: Deployment;
  readonly scenario?: Scenario;
}

const other = (served: DeploymentRow): Plant => {
  return () => ({ served: deployment(served) });
};
const anotherServer = (title: string, served: DeploymentRow, difference: RegExp): Fault => ({
  title,
  plant: other(served),
  cause: 'another server',
  reason: new RegExp(`^the server is not what the deployment says: ${difference.source}`),
});

/** What a row varies, and something else is served. */
const served: readonly Fault[] = [
  anotherServer(
    'another MPM',
    articleDeployments.event1x25,
    /apachectl -M lists mpm_event_module, expected mpm_prefork_module$/,
  ),
  anotherServer('not patched', { ...prefork, concurrency: 'threads' }, /patched false, expected true$/),
  anotherServer(
    'a native heartbeat thread',
    { ...prefork, heartbeatThread: 'native' },
    /heartbeat thread native, expected green$/,
  ),
  {
    ...anotherServer('a green heartbeat thread', prefork, /heartbeat thread green, expected native$/),
    deployment: { ...prefork, heartbeatThread: 'native' },
  },
  anotherServer(
    'the loop of 2019',
    { ...prefork, messaging: '2019' },
    /heartbeat loop 2019, expected distro$/,
  ),
  anotherServer(
    'another heartbeat',
    { ...prefork, heartbeatSeconds: 2 },
    /heartbeat_timeout_threshold 2, expected 1$/,
  ),
  anotherServer(
    'another logger',
    { ...prefork, logging: 'stdlib' },
    /log written by stdlib, expected oslo\.log$/,
  ),
  anotherServer('another level', { ...prefork, logLevel: 'debug' }, /log from level DEBUG, expected INFO$/),
  {
    ...anotherServer(
      'another heartbeat_rate',
      { ...prefork, heartbeatRate: 6 },
      /heartbeat_rate 6, expected 5$/,
    ),
    deployment: { ...prefork, heartbeatRate: 5 },
  },
  {
    ...anotherServer(
      'an option that is not ignored',
      { ...prefork, pthreadIgnored: true },
      /heartbeat thread native, expected green$/,
    ),
    deployment: { ...prefork, pthreadIgnored: true },
  },
  anotherServer(
    'another broker',
    { ...prefork, broker: 'bookworm' },
    /RabbitMQ is that of bookworm, expected trixie$/,
  ),
  anotherServer(
    'another wait',
    { ...prefork, databaseWaitSeconds: 0.2 },
    /database_wait 0\.2, expected 0\.01$/,
  ),
  anotherServer('a burden', { ...prefork, extraCpuMs: 5 }, /extra_cpu 0\.005, expected 0$/),
];

/** Its module is a link to a file of the part. */
const part = fileURLToPath(new URL('part', import.meta.url));
const withPart = deployment(
  { ...articleDeployments.prefork1, parts: { 'mpm-heartbeat-part': part } },
  lookUpParts,
);
/** Where its layer has it; there is one Python in the image. */
const PART_PLACE = '/usr/local/lib/python3.*/dist-packages';
const MANIFEST = '/usr/local/share/mpm-heartbeat/parts.json';
/** Each process loads the part after the application, and before that something is done to it. */
const partLoaded = (script: string): Plant =>
  shellBefore(`${script}\necho 'import mpm_heartbeat_part' >> /usr/lib/python3/dist-packages/probe/wsgi.py`);
const anotherPart = (title: string, plant: Plant, difference: RegExp): Fault => ({
  ...anotherServer(title, articleDeployments.prefork1, difference),
  deployment: withPart,
  plant,
});

/** A part is there, and something else is in use. */
const parts: readonly Fault[] = [
  anotherPart('nothing loads it', shellBefore(''), /mpm-heartbeat-part is loaded false, expected true$/),
  anotherPart(
    'its distribution says another version',
    partLoaded(`sed -i 's/^Version: .*/Version: 2.0/' ${PART_PLACE}/mpm_heartbeat_part-*.dist-info/METADATA`),
    /version of mpm-heartbeat-part 2\.0, expected 1\.0$/,
  ),
  anotherPart(
    'its module is another one',
    partLoaded('mkdir /tmp/a && touch /tmp/a/mpm_heartbeat_part.py && export PYTHONPATH=/tmp/a'),
    /mpm-heartbeat-part is loaded from \/tmp\/a\/\S+, expected \/usr\/local\/lib\/python3\.\d+\/dist-packages$/,
  ),
  anotherPart(
    'it was built from something else',
    partLoaded(`sed -i 's/"content": "[^"]*"/"content": "0"/' ${MANIFEST}`),
    /content of mpm-heartbeat-part 0, expected [0-9a-f]{12}$/,
  ),
  anotherPart('it is not there', partLoaded(`rm ${MANIFEST}`), /parts none, expected mpm-heartbeat-part$/),
];

/** Each record is printed six seconds after it was made. */
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
const logs: readonly Fault[] = [
  {
    title: 'the application’s logger prints nothing from the start',
    plant: pythonAfter('import logging\nlogging.disable(logging.CRITICAL)'),
    cause: 'blind instrument',
    reason: /^the application’s log, before the first AMQP request, shows no mark of process \d+/,
  },
  {
    title: 'the application’s logger dies, and a connection with it',
    plant: loggerDies,
    scenario: dies,
    cause: 'logger not proven',
    reason: /^the application’s log, after the window, shows no mark of process \d+/,
  },
  {
    title: 'the application’s logger dies, and no connection',
    plant: loggerDies,
    cause: 'logger not proven',
    reason: /^the application’s log, after the window, shows no mark of process \d+/,
  },
  {
    title: 'the logger’s level is above the heartbeat’s',
    plant: pythonAfter('import logging\nlogging.getLogger("oslo.messaging").setLevel(logging.WARNING)'),
    cause: 'another server',
    reason: /: log from level WARNING, expected INFO$/,
  },
  {
    title: 'the application logs to another file',
    plant: shellBefore(
      `export APPLICATION_CONFIGURATION="$(echo "$APPLICATION_CONFIGURATION" | sed s,${stub.log},/var/log/nova/other.log,)"`,
    ),
    cause: 'blind instrument',
    reason: /^the application’s log, before the first AMQP request, shows no mark of process \d+/,
  },
  {
    title: 'the application’s log is late',
    plant: pythonAfter(logsLate),
    cause: 'blind instrument',
    reason: /^the application’s log, before the first AMQP request, shows no mark of process \d+/,
  },
  {
    title: 'the application’s log is cut off',
    plant: shellMeanwhile(`truncate -s 0 ${stub.log}`),
    cause: 'blind instrument',
    reason: /^the application’s log was disturbed while it was read: .*file truncated/,
  },
  {
    title: 'the application’s log is renamed',
    plant: shellMeanwhile(`mv ${stub.log} ${stub.log}.1`),
    cause: 'blind instrument',
    reason: /^the application’s log was disturbed while it was read: .*(inaccessible|replaced)/,
  },
  {
    title: 'the application’s log is replaced',
    plant: shellMeanwhile(`mv ${stub.log} ${stub.log}.1; install -o www-data /dev/null ${stub.log}`),
    cause: 'blind instrument',
    reason: /^the application’s log was disturbed while it was read: .*replaced/,
  },
  {
    title: 'the server’s error log is another file',
    plant: shellBefore('sed -i s,/dev/stderr,/tmp/other.log, /etc/apache2/sites-enabled/application.conf'),
    cause: 'blind instrument',
    reason: /^the server’s error log, before the first AMQP request, shows no mark of process \d+/,
  },
  {
    title: 'the server’s error log is cut off',
    plant: outputThrough("sed -u '/marker/q'"),
    cause: 'blind instrument',
    reason: /^the server’s error log, after the window, shows no mark of process \d+/,
  },
  {
    title: 'the server’s error log is late',
    plant: outputThrough('while read -r line; do (sleep 20; echo "$line") & done'),
    cause: 'blind instrument',
    reason: /^the server’s error log, (before|after) .* shows no mark of process \d+/,
  },
];

const IMPL_RABBIT = '/usr/lib/python3/dist-packages/oslo_messaging/_drivers/impl_rabbit.py';
const notPatched = deployment({ ...articleDeployments.event1x25, concurrency: 'threads' });

/** The library does what no row expects of it. */
const library: readonly Fault[] = [
  {
    title: 'the heartbeat logs its error in other words',
    plant: shellBefore(
      `sed -i 's,A recoverable connection/channel,The broker went away: an,' ${IMPL_RABBIT}`,
    ),
    scenario: dies,
    cause: 'unknown line',
    reason:
      /^the heartbeat’s logger wrote 1 line beside a dropped connection .*: .*The broker went away: an error/,
  },
  {
    title: 'the client closes connections, and the row does not say so',
    deployment: notPatched,
    plant: other({ ...notPatched, poolTtlSeconds: 3 }),
    scenario: times.compressed.scenarios.lull,
    cause: 'connection ended',
    reason:
      /^the broker dropped nothing, but \d connections? ended in another way: mod_wsgi:\d+:\S+: closed by the client/,
  },
];

/** These have a broker of their own: what is done to it would be done to others'. */
const brokers: readonly Fault[] = [
  {
    title: 'the broker’s log is cut off',
    plant: brokerMeanwhile(`truncate -s 0 ${BROKER_LOG}`),
    cause: 'blind instrument',
    reason: /^the broker’s log (was disturbed while it was read|could not be read to its end): .*truncated/,
  },
  {
    title: 'the broker’s log is renamed',
    plant: brokerMeanwhile(`mv ${BROKER_LOG} ${BROKER_LOG}.1`),
    cause: 'blind instrument',
    reason: /^the broker’s log (was disturbed while it was read|could not be read to its end): /,
  },
  {
    title: 'the broker logs errors only',
    plant: besideTraffic((_, { broker }) => broker.setLogLevel('error')),
    cause: 'blind instrument',
    reason: /^the broker’s log could not be read to its end/,
  },
  {
    title: 'the capture ends',
    plant: brokerMeanwhile('pkill -KILL dumpcap'),
    cause: 'blind instrument',
    reason: /^the capture of the frames could not be read to its end/,
  },
  {
    title: 'the capture is late',
    plant: brokerMeanwhile('pkill -STOP dumpcap'),
    cause: 'blind instrument',
    reason: /^the capture of the frames could not be read to its end/,
  },
  {
    title: 'the broker hangs',
    plant: brokerMeanwhile(`pkill -STOP ${BROKER}`),
    cause: 'blind instrument',
    reason: /^the broker’s log could not be read to its end: no AMQP handshake with the broker: waited 10 s$/,
  },
  {
    title: 'the conductor gets nothing any more',
    plant: besideTraffic(async ({ virtualHost }) => {
      const connection = await connect(virtualHost.amqpUrl, {
        clientProperties: { connection_name: 'suite:fault' },
      });
      await (await connection.createChannel()).deleteExchange('nova');
      await connection.close();
    }),
    cause: 'blind instrument',
    reason: /^the conductor (lost the broker|did not get a message)/,
  },
];

async function verdictOf(
  lab: Lab,
  { plant, scenario = lives, deployment = prefork }: Pick<Fault, 'plant' | 'scenario' | 'deployment'>,
) {
  const seen = await lab.turns.take('beside others', () =>
    observe(lab, { deployment, scenario }, { takeTurn: lab.turns.take, ...plant(lab) }),
  );
  return heartbeatVerdict(deployment, scenario, evidenceOf(seen));
}

/** What a row asserts of its requests alone. */
const requestsOnly: Row = {
  ...rowOf({ ...articleDeployments.prefork1, why: 'planted' }, times.compressed),
  scenario: lives,
};

describe.concurrent('what a row asserts is not met, whatever its verdict', () => {
  test('the logger dies, and the row asserts nothing of its heartbeat', async ({ lab }) => {
    const record = await lab.turns.take('beside others', () => playOnce(lab, requestsOnly, loggerDies(lab)));
    expect(objections(record)).toEqual([expect.stringMatching(/^could not tell \(logger not proven\): /)]);
  });

  test('the first execution could not be judged, and showed an error', async ({ lab }) => {
    const error = '2026-01-31 12:00:00.000 9 ERROR nova.api [-] planted';
    const { beside } = shellMeanwhile(`echo '${error}' >> ${stub.log}; sleep 0.5; truncate -s 0 ${stub.log}`)(
      lab,
    );
    let executions = 0;
    const record = await playRow(lab, requestsOnly, {
      beside: async (...given) => (executions++ === 0 ? beside?.(...given) : undefined),
    });
    expect(record).toMatchObject({ verdict: { kind: 'clean' }, earlier: [{ cause: 'blind instrument' }] });
    expect(objections(record)).toEqual([`in an earlier execution: nobody declared: ${error}`]);
  });
});

describe.concurrent('the library does something else than is known of it', () => {
  test.for(library.map((fault) => [fault.title, fault] as const))('%s', async ([, fault], { lab }) => {
    const { cause, reason } = fault;
    expect(await verdictOf(lab, fault)).toEqual({
      kind: 'inconclusive',
      cause,
      reason: expect.stringMatching(reason),
    });
  });
});

describe.concurrent('something else is served than the row says', () => {
  test.for([...served, ...parts].map((fault) => [fault.title, fault] as const))('%s', async ([, fault], {
    lab,
  }) => {
    const { cause, reason } = fault;
    expect(await verdictOf(lab, fault)).toEqual({
      kind: 'inconclusive',
      cause,
      reason: expect.stringMatching(reason),
    });
  });
});

test('a part that is loaded from its place is what the row says', async ({ lab }) => {
  const seen = await verdictOf(lab, { plant: partLoaded(''), deployment: withPart });
  expect(seen).toEqual({ kind: 'clean' });
});

describe.concurrent('an instrument is blind', () => {
  test.for(logs.map((fault) => [fault.title, fault] as const))('%s', async ([, fault], { lab }) => {
    const { cause, reason } = fault;
    expect(await verdictOf(lab, fault)).toEqual({
      kind: 'inconclusive',
      cause,
      reason: expect.stringMatching(reason),
    });
  });

  test.for(brokers.map((fault) => [fault.title, fault] as const))('%s', async ([, fault], { lab }) => {
    const { cause, reason } = fault;
    await using apart = await lab.apart();
    expect(await verdictOf(apart, fault)).toEqual({
      kind: 'inconclusive',
      cause,
      reason: expect.stringMatching(reason),
    });
  });

  test('the broker’s log is another broker’s', async ({ lab }) => {
    await using elsewhere = await lab.apart();
    const { alias, address } = elsewhere.broker.host;
    const fault: Fault = {
      title: '',
      // The other broker knows no such user: the application's connection is refused there.
      plant: () => ({
        beside: async ({ virtualHost }) => elsewhere.broker.create(virtualHost),
        prepare: (container) =>
          void container
            .withExtraHosts([{ host: alias, ipAddress: address }])
            .withEntrypoint([
              'sh',
              '-c',
              `export APPLICATION_CONFIGURATION="$(echo "$APPLICATION_CONFIGURATION" | sed s,@broker:,@${alias}:,)"; exec /usr/local/bin/serve`,
            ]),
      }),
      cause: 'blind instrument',
      reason: /of which the broker’s log knows nothing/,
    };
    const { cause, reason } = fault;
    expect(await verdictOf(lab, fault)).toEqual({
      kind: 'inconclusive',
      cause,
      reason: expect.stringMatching(reason),
    });
  });

  test('ss sees another container', async ({ lab }) => {
    const counts = await lab.turns.take('beside others', async () => {
      await using warm = await WarmServer.start(lab, deployment({ ...prefork, heartbeatSeconds: 60 }), stub, {
        takeTurn: lab.turns.take,
        prepare: shellBefore('ln -sf /bin/true "$(command -v ss)"')(lab).prepare,
      });
      await connectEverywhere(warm.client, stub, prefork);
      return await countConnections(lab, warm);
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
    const problem = await lab.turns.take('beside others', async () => {
      await using server = await LoadedServer.start(lab, event, 'plain', () => undefined);
      const first = await server.measure(load);
      const bytes = first.ab.kind === 'finished' ? (first.ab.document.bytes ?? 0) : 0;
      const expected = { requests: 100, concurrency: 10, status: 200, bytes, tls: articleTls };
      expect(measurementProblem(first, expected)).toBeUndefined();
      await server.disturb(script);
      return await server.measure(load).then(
        (second) => measurementProblem(second, expected),
        (error: Error) => error.message,
      );
    });
    expect(problem).toMatch(/^the access log has \d+ answers, expected 100$|access log cannot be read/);
  });
});
