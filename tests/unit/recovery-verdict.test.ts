import { describe, expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import type { FaultFacts, RouteFacts } from '../../helpers/evidence/fault-facts.ts';
import type { FaultVerdictKind } from '../../helpers/rows/expectation.ts';
import type { FaultName } from '../../helpers/rows/fault.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { droppedInSilence, faultEvidence, faultRecord, outageFacts } from './fixtures/row-record.ts';

const { deployment, traffic, expect: expected } = faultRecord();

function verdictOf(
  facts: Partial<FaultFacts> = {},
  evidence: Partial<Evidence> = {},
  name: FaultName = 'broker down',
) {
  return judge(
    {
      deployment,
      traffic,
      application: stub,
      evidence: { ...faultEvidence, ...evidence },
      fault: { name, facts: { ...outageFacts, ...facts } },
    },
    { expect: expected, preconditions: [] },
  );
}

/** The same facts, with another plain route. */
function plain(change: Partial<RouteFacts>): Partial<FaultFacts> {
  const { routes } = outageFacts;
  return { routes: { ...routes, plain: { ...(routes.plain as RouteFacts), ...change } } };
}

const [, ...afterTheFirst] = outageFacts.brokerListens;
const marked = { ...faultEvidence.applicationLog, markedAfter: [17, 18, 117, 118] };
const reloadLines = ['AH00171: Graceful restart requested, doing restart'];
const afterReload = (facts: Partial<FaultFacts>) =>
  verdictOf({ reloadLines, ...facts }, { applicationLog: marked, serverErrorLog: marked }, 'graceful reload');
const replaced = outageFacts.processesAfter.map((it) => ({ ...it, pid: it.pid + 100 }));

describe('a deployment', () => {
  test.for<[string, Partial<FaultFacts>, FaultVerdictKind, RegExp?]>([
    ['has recovered if every route is answered at the end, and every process answers', {}, 'recovered'],
    [
      'has recovered if a route was answered all the time',
      plain({ meanwhile: { sent: 2, answered: 2 }, againAfterMs: undefined }),
      'recovered',
    ],
    [
      'has not recovered if a process no longer answers',
      { processesAfter: outageFacts.processesAfter.slice(1) },
      'not recovered',
      /1 of 2 processes answered/,
    ],
    [
      'has not recovered if one of the last requests is not answered',
      plain({ atEnd: { sent: 2, answered: 1 } }),
      'not recovered',
      /1 of the last 2 requests on \/ /,
    ],
  ])('%s', ([, facts, kind, reason]) => {
    expect(verdictOf(facts)).toEqual({ kind, ...(reason && { reason: expect.stringMatching(reason) }) });
  });

  test('has recovered even if requests were lost before the end', () => {
    const { requests } = faultEvidence;
    expect(verdictOf({}, { requests: { ...requests, failed: ['/ req-1: 504'] } })).toEqual({
      kind: 'recovered',
    });
  });

  test('can recover from a silent network, and from a reload', () => {
    expect(verdictOf({ brokerListens: [] }, {}, 'network silent')).toEqual({ kind: 'recovered' });
    expect(afterReload({ processesAfter: replaced })).toEqual({ kind: 'recovered' });
  });

  test('has not recovered from a reload if old processes still answer', () => {
    expect(afterReload({})).toEqual({
      kind: 'not recovered',
      reason: expect.stringMatching(/process 17 .*; process 18 /),
    });
  });
});

const broken = { ...faultEvidence.server, versions: { Debian: 'bookworm', RabbitMQ: '4.0.5' } };
const lived = { ...droppedInSilence, ended: undefined, endedAt: undefined };

test.for<[string, Cause, RegExp, Partial<FaultFacts>, Partial<Evidence>, FaultName?]>([
  [
    'another server answered than the row says',
    'another server',
    /: Debian bookworm, expected trixie$/,
    {},
    { server: broken },
  ],
  [
    'another server answered after the fault',
    'another server',
    /: patched false, expected true$/,
    { processesAfter: outageFacts.processesAfter.map((it) => ({ ...it, patched: false })) },
    {},
  ],
  [
    'an instrument was blind',
    'blind instrument',
    /lost the broker: closed by the broker$/,
    {},
    { messageSink: { lost: 'closed by the broker', heard: false } },
  ],
  [
    'requests were sent late',
    'late traffic',
    /1900 ms after it was due/,
    {},
    { requests: { ...faultEvidence.requests, latestMs: 1900 } },
  ],
  [
    'the broker answered during the outage',
    'fault not proven',
    /3 of 53 AMQP handshakes/,
    { handshakes: { failed: 50, completed: 3 } },
    {},
  ],
  [
    'no AMQP handshake was tried during the outage',
    'fault not proven',
    /no AMQP handshake/,
    { handshakes: { failed: 0, completed: 0 } },
    {},
  ],
  [
    'the outage was too short',
    'fault not proven',
    /1000 ms.* 6000 ms/,
    { endingAt: outageFacts.beganAt + 1000 },
    {},
  ],
  [
    'the broker’s log does not show the outage',
    'fault not proven',
    /the broker’s log/,
    { brokerListens: outageFacts.brokerListens.slice(0, 1) },
    {},
  ],
  [
    'the outage was too short by the broker’s log',
    'fault not proven',
    /broker’s log.* 100 ms.* 6000 ms/,
    { brokerListens: afterTheFirst.map((it) => (it.listens ? { ...it, at: it.at - 6800 } : it)) },
    {},
  ],
  [
    'a connection outlived the silence',
    'fault not proven',
    /^httpd:17:0a1b: .*did not drop/,
    {},
    { connections: { opened: 1, all: [lived] } },
    'network silent',
  ],
  [
    'a connection was opened during the silence',
    'fault not proven',
    /^httpd:17:0a1c: .*opened/,
    {},
    {
      connections: {
        opened: 2,
        all: [
          droppedInSilence,
          { ...lived, name: 'httpd:17:0a1c', openedAt: droppedInSilence.openedAt + 7000 },
        ],
      },
    },
    'network silent',
  ],
  [
    'no connection was open when the network fell silent',
    'fault not proven',
    /no connection was open/,
    {},
    { connections: { opened: 0, all: [] } },
    'network silent',
  ],
  [
    'the server did not log the reload, even if its processes are new',
    'fault not proven',
    /server’s error log/,
    { processesAfter: replaced, reloadLines: [] },
    { applicationLog: marked, serverErrorLog: marked },
    'graceful reload',
  ],
  [
    'a new process wrote no marker to the log',
    'logger not proven',
    / 117, 118 .*application’s log/,
    { processesAfter: replaced, reloadLines },
    {},
    'graceful reload',
  ],
  [
    'too few requests were sent on a route during the outage',
    'too little traffic',
    /^0 requests .*plain route.* 2\b/,
    plain({ meanwhile: { sent: 0, answered: 0 } }),
    {},
  ],
  [
    'no request was under way when the server reloaded',
    'fault not proven',
    /no request was under way/,
    { processesAfter: replaced, reloadLines, underWay: 0 },
    {},
    'graceful reload',
  ],
  [
    'a route was not answered before the fault either',
    'no answer',
    /no request on \/ was answered before/,
    plain({ before: { sent: 2, answered: 0 } }),
    {},
  ],
  [
    'a process did not report its heartbeat',
    'heartbeat not confirmed',
    /process 17 opened an AMQP connection/,
    {},
    {
      server: {
        ...faultEvidence.server,
        processes: faultEvidence.server.processes.map((it) => ({ ...it, connections: [] })),
      },
    },
  ],
])('a run is inconclusive if %s', ([, cause, reason, facts, evidence, fault]) => {
  expect(verdictOf(facts, evidence, fault)).toEqual({
    kind: 'inconclusive',
    cause,
    reason: expect.stringMatching(reason),
  });
});
