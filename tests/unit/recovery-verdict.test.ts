import { describe, expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import type { AmqpConnection, Evidence } from '../../helpers/evidence/evidence.ts';
import type { FaultFacts, RouteFacts } from '../../helpers/evidence/fault-facts.ts';
import type { FaultName } from '../../helpers/rows/fault-name.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { droppedInSilence, faultEvidence, faultRecord, outageFacts } from './fixtures/row-record.ts';

const { deployment, traffic, expect: expected } = faultRecord();
const { requests, server } = faultEvidence;
const { processesAfter, brokerListens, beganAt } = outageFacts;

/** What differs from an outage that went well. */
interface Change {
  readonly fault?: FaultName;
  readonly facts?: Partial<FaultFacts>;
  readonly evidence?: Partial<Evidence>;
}

function verdictOf({ fault: name = 'broker down', facts, evidence }: Change) {
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

/** Another plain route. */
const plain = (change: Partial<RouteFacts>): Change => ({
  facts: {
    routes: { ...outageFacts.routes, plain: { ...(outageFacts.routes.plain as RouteFacts), ...change } },
  },
});

/** A silent network, with these connections at the broker. */
const silence = (...all: AmqpConnection[]): Change => ({
  fault: 'network silent',
  evidence: { connections: { opened: all.length, all } },
});
const lived = { ...droppedInSilence, ended: undefined, endedAt: undefined };
const openedInSilence = { ...lived, name: 'httpd:17:0a1c', openedAt: droppedInSilence.openedAt + 7000 };

/** A graceful reload that went well, but for these facts. */
const reload = (facts: Partial<FaultFacts> = {}): Change => {
  const marked = { ...faultEvidence.applicationLog, markerAfter: [17, 18, 117, 118] };
  const replaced = processesAfter.map((process) => ({ ...process, pid: process.pid + 100 }));
  const reloadLines = ['AH00171: Graceful restart requested, doing restart'];
  return {
    fault: 'graceful reload',
    facts: { processesAfter: replaced, reloadLines, ...facts },
    evidence: { applicationLog: marked, serverErrorLog: marked },
  };
};

test.for<[string, Change]>([
  ['every route is answered at the end, and every process answers', {}],
  [
    'a route was answered all the time',
    plain({ meanwhile: { sent: 2, answered: 2 }, againAfterMs: undefined }),
  ],
  [
    'requests were lost before the end',
    { evidence: { requests: { ...requests, failed: ['/ req-1: 504'] } } },
  ],
  ['the network was silent', { fault: 'network silent', facts: { brokerListens: [] } }],
  ['the server reloaded', reload()],
])('a deployment has recovered if %s', ([, change]) => {
  expect(verdictOf(change)).toEqual({ kind: 'recovered' });
});

test.for<[string, Change, RegExp]>([
  [
    'a process no longer answers',
    { facts: { processesAfter: processesAfter.slice(1) } },
    /1 of 2 processes answered/,
  ],
  [
    'one of the last requests is not answered',
    plain({ atEnd: { sent: 2, answered: 1 } }),
    /1 of .* 2 .* \/ /,
  ],
  ['old processes still answer after a reload', reload({ processesAfter }), /process 17 .*; process 18 /],
])('a deployment has not recovered if %s', ([, change, fact]) => {
  expect(verdictOf(change)).toEqual({ kind: 'not recovered', reason: expect.stringMatching(fact) });
});

const bookworm = { ...server, versions: { Debian: 'bookworm', RabbitMQ: '4.0.5' } };
const notPatched = processesAfter.map((process) => ({ ...process, patched: false }));
const silentProcesses = server.processes.map((process) => ({ ...process, connections: [] }));
const soonBack = brokerListens
  .slice(1)
  .map((look) => (look.listens ? { ...look, at: look.at - 6800 } : look));

/** What differs, and a fact that the reason names. */
type Cases = Readonly<Record<string, readonly [change: Change, fact: RegExp]>>;

const cases: Partial<Record<Cause, Cases>> = {
  'another server': {
    'another server answered than the row says': [
      { evidence: { server: bookworm } },
      /bookworm, expected trixie$/,
    ],
    'another server answered after the fault': [
      { facts: { processesAfter: notPatched } },
      /patched false, expected true$/,
    ],
  },
  'blind instrument': {
    'an instrument was blind': [{ evidence: { messageSink: { heard: false } } }, /message sink/],
  },
  'late traffic': {
    'requests were sent late': [{ evidence: { requests: { ...requests, latestMs: 1900 } } }, /1900 ms/],
  },
  'fault not proven': {
    'the broker answered during the outage': [
      { facts: { handshakes: { failed: 50, completed: 3 } } },
      /3 of 53 AMQP handshakes/,
    ],
    'no AMQP handshake was tried during the outage': [
      { facts: { handshakes: { failed: 0, completed: 0 } } },
      /no AMQP handshake/,
    ],
    'the outage was too short': [{ facts: { endingAt: beganAt + 1000 } }, /1000 ms.* 6000 ms/],
    'the broker’s log does not show the outage': [
      { facts: { brokerListens: brokerListens.slice(0, 1) } },
      /broker’s log/,
    ],
    'the outage was too short by the broker’s log': [
      { facts: { brokerListens: soonBack } },
      /broker’s log.* 100 ms.* 6000 ms/,
    ],
    'a connection outlived the silence': [silence(lived), /^httpd:17:0a1b: /],
    'a connection was opened during the silence': [
      silence(droppedInSilence, openedInSilence),
      /^httpd:17:0a1c: .*opened/,
    ],
    'no connection was open when the network fell silent': [silence(), /no connection was open/],
    'the server did not log the reload, even if its processes are new': [
      reload({ reloadLines: [] }),
      /server’s error log/,
    ],
    'no request was under way when the server reloaded': [reload({ underWay: 0 }), /no request .*under way/],
  },
  'logger not proven': {
    'a new process wrote no marker to the log': [
      { ...reload(), evidence: {} },
      /\b117, 118\b.*application’s log/,
    ],
  },
  'too little traffic': {
    'too few requests were sent on a route during the outage': [
      plain({ meanwhile: { sent: 0, answered: 0 } }),
      /^0 requests .*plain route.* 2\b/,
    ],
  },
  'no answer': {
    'a route was not answered before the fault either': [
      plain({ before: { sent: 2, answered: 0 } }),
      /no request on \/ .* before/,
    ],
  },
  'heartbeat not confirmed': {
    'a process did not report its heartbeat': [
      { evidence: { server: { ...server, processes: silentProcesses } } },
      /process 17\b/,
    ],
  },
};

describe.for(Object.entries(cases))('a run is inconclusive with the cause “%s” if', ([cause, ofCause]) => {
  test.for(Object.entries(ofCause))('%s', ([, [change, fact]]) => {
    expect(verdictOf(change)).toEqual({ kind: 'inconclusive', cause, reason: expect.stringMatching(fact) });
  });
});
