import { describe, expect, test } from 'vitest';
import type { DisturbanceName } from '../../helpers/config/disturbance.ts';
import { times } from '../../helpers/config/scenario.ts';
import type { DisturbanceFacts, RouteFacts } from '../../helpers/evidence/disturbance-facts.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';
import type { DisturbanceRecord } from '../../helpers/verdict/cell-record.ts';
import { type DisturbanceKind, disturbanceVerdict } from '../../helpers/verdict/disturbance.ts';
import { disturbanceObjections } from '../../helpers/verdict/disturbance-expectation.ts';
import {
  type DisturbanceExpectation,
  disturbedRowOf,
  disturbedRowTitle,
} from '../../helpers/verdict/disturbance-row.ts';
import {
  disturbanceRecord,
  disturbedEvidence,
  droppedInSilence,
  outageFacts,
} from './fixtures/disturbance-record.ts';

const { deployment, scenario } = disturbanceRecord();

function verdictOf(
  facts: Partial<DisturbanceFacts> = {},
  evidence: Partial<Evidence> = {},
  disturbance: DisturbanceName = 'broker down',
) {
  return disturbanceVerdict(
    { deployment, scenario: { ...times.compressed.disturbed.outage, ...scenario }, disturbance },
    { ...disturbedEvidence, ...evidence },
    { ...outageFacts, ...facts },
  );
}

/** The same facts, with another plain route. */
function plain(change: Partial<RouteFacts>): Partial<DisturbanceFacts> {
  const { routes } = outageFacts;
  return { routes: { ...routes, plain: { ...(routes.plain as RouteFacts), ...change } } };
}

const [, ...afterTheFirst] = outageFacts.brokerListens;
const marks = { ...disturbedEvidence.applicationLog, markedAfter: [17, 18, 117, 118] };
const reloadLines = ['AH00171: Graceful restart requested, doing restart'];
const afterReload = (facts: Partial<DisturbanceFacts>) =>
  verdictOf({ reloadLines, ...facts }, { applicationLog: marks, serverErrorLog: marks }, 'graceful reload');
const replaced = outageFacts.processesAfter.map((it) => ({ ...it, pid: it.pid + 100 }));

describe('recovered, or not', () => {
  test.for<[string, Partial<DisturbanceFacts>, DisturbanceKind, RegExp?]>([
    ['each route is answered at the end, from each process', {}, 'recovered'],
    [
      'the plain route was answered all the time',
      plain({ meanwhile: { sent: 2, answered: 2 }, againAfterMs: undefined }),
      'recovered',
    ],
    [
      'a process does not answer any more',
      { processesAfter: outageFacts.processesAfter.slice(1) },
      'not recovered',
      /^1 of 2 processes answered after it$/,
    ],
    [
      'one of the last requests is not answered',
      plain({ atEnd: { sent: 2, answered: 1 } }),
      'not recovered',
      /^1 of the last 2 requests on \/ were not answered$/,
    ],
  ])('%s', ([, facts, kind, reason]) => {
    expect(verdictOf(facts)).toEqual({ kind, ...(reason && { reason: expect.stringMatching(reason) }) });
  });

  test('what was lost before the end is the price, and no verdict', () => {
    const { requests } = disturbedEvidence;
    expect(verdictOf({}, { requests: { ...requests, failed: ['/ req-1: 504'] } })).toEqual({
      kind: 'recovered',
    });
  });

  test('a silent network, and a reload', () => {
    expect(verdictOf({ brokerListens: [] }, {}, 'network silent')).toEqual({ kind: 'recovered' });
    expect(afterReload({ processesAfter: replaced })).toEqual({ kind: 'recovered' });
  });

  test('an old process that answers after the reload was not replaced', () => {
    expect(afterReload({})).toEqual({
      kind: 'not recovered',
      reason:
        'process 17 answered after the reload as before: it was not replaced; process 18 answered after the reload as before: it was not replaced',
    });
  });
});

const broken = { ...disturbedEvidence.server, versions: { Debian: 'bookworm', RabbitMQ: '4.0.5' } };
const lived = { ...droppedInSilence, ended: undefined, endedAt: undefined };

test.for<[string, Cause, RegExp, Partial<DisturbanceFacts>, Partial<Evidence>, DisturbanceName?]>([
  [
    'another server is served',
    'another server',
    /: Debian bookworm, expected trixie$/,
    {},
    { server: broken },
  ],
  [
    'another server answers afterwards',
    'another server',
    /: patched false, expected true$/,
    { processesAfter: outageFacts.processesAfter.map((it) => ({ ...it, patched: false })) },
    {},
  ],
  [
    'an instrument was blind',
    'blind instrument',
    /^the conductor lost the broker: /,
    {},
    { conductor: { lost: 'closed by the broker', heard: false } },
  ],
  [
    'requests left late',
    'late traffic',
    /a request left 1900 ms after it was due/,
    {},
    { requests: { ...disturbedEvidence.requests, latestMs: 1900 } },
  ],
  [
    'the broker answered meanwhile',
    'not disturbed',
    /^the broker completed 3 of 53 AMQP handshakes while it should have been away$/,
    { handshakes: { failed: 50, completed: 3 } },
    {},
  ],
  [
    'nobody asked the broker',
    'not disturbed',
    /^no AMQP handshake was tried meanwhile$/,
    { handshakes: { failed: 0, completed: 0 } },
    {},
  ],
  [
    'it was away for too short a time',
    'not disturbed',
    /^the broker was away for 1000 ms, and should have been for 6000 ms$/,
    { endingAt: outageFacts.beganAt + 1000 },
    {},
  ],
  [
    'the broker’s log says nothing of it',
    'not disturbed',
    /^the broker’s log does not say that it stopped listening, and began again$/,
    { brokerListens: outageFacts.brokerListens.slice(0, 1) },
    {},
  ],
  [
    'by the broker’s log it was away for too short a time',
    'not disturbed',
    /^by the broker’s log it did not listen for 100 ms, and should not have for 6000 ms$/,
    { brokerListens: afterTheFirst.map((it) => (it.listens ? { ...it, at: it.at - 6800 } : it)) },
    {},
  ],
  [
    'a connection lived through the silence',
    'not disturbed',
    /^httpd:17:0a1b: the broker did not drop it while the network was silent$/,
    {},
    { connections: { opened: 1, all: [lived] } },
    'network silent',
  ],
  [
    'a connection was opened in the silence',
    'not disturbed',
    /^httpd:17:0a1c: it was opened while the network was silent$/,
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
    'no connection was open that could fall silent',
    'not disturbed',
    /^no connection was open when the network fell silent$/,
    {},
    { connections: { opened: 0, all: [] } },
    'network silent',
  ],
  [
    'the server does not say that it reloaded, whatever its processes are',
    'not disturbed',
    /^the server’s error log does not say that it reloaded$/,
    { processesAfter: replaced, reloadLines: [] },
    { applicationLog: marks, serverErrorLog: marks },
    'graceful reload',
  ],
  [
    'a new process left no mark in the log',
    'logger not proven',
    /^the application’s log, after the window, shows no mark of process 117, 118, /,
    { processesAfter: replaced, reloadLines },
    {},
    'graceful reload',
  ],
  [
    'hardly a request was sent on a route while the broker was away',
    'too little traffic',
    /^0 requests were sent on the plain route while it lasted, expected 2 at least$/,
    plain({ meanwhile: { sent: 0, answered: 0 } }),
    {},
  ],
  [
    'no request was under way when the server reloaded',
    'not disturbed',
    /^no request was under way when the server reloaded$/,
    { processesAfter: replaced, reloadLines, underWay: 0 },
    {},
    'graceful reload',
  ],
  [
    'a route was not answered before either',
    'no answer',
    /^no request on \/ was answered before anything was disturbed$/,
    plain({ before: { sent: 2, answered: 0 } }),
    {},
  ],
  [
    'a process does not say what heartbeat it has',
    'heartbeat not confirmed',
    /^process 17 opened an AMQP connection/,
    {},
    {
      server: {
        ...disturbedEvidence.server,
        processes: disturbedEvidence.server.processes.map((it) => ({ ...it, connections: [] })),
      },
    },
  ],
])('nothing can be concluded: %s', ([, cause, reason, facts, evidence, disturbance]) => {
  expect(verdictOf(facts, evidence, disturbance)).toEqual({
    kind: 'inconclusive',
    cause,
    reason: expect.stringMatching(reason),
  });
});

describe('a row', () => {
  const of = (expected: Partial<DisturbanceExpectation>, change: Partial<DisturbanceRecord> = {}) =>
    disturbanceObjections(disturbanceRecord({ expected: { lost: 'reported', ...expected }, ...change }));

  test('that is as expected', () => {
    expect(disturbanceObjections(disturbanceRecord())).toEqual([]);
    expect(of({})).toEqual([]);
  });

  test('that is not', () => {
    const verdict = { kind: 'not recovered', reason: '1 of 2 processes answered after it' } as const;
    expect(of({ verdict: 'recovered' }, { verdict })).toEqual([
      'the verdict is not recovered (1 of 2 processes answered after it), expected recovered',
    ]);
    expect(of({ plainMeanwhile: 'all' })).toEqual([
      'none of the requests on / were answered meanwhile (0 of 2), expected all',
    ]);
    const { requests, messages } = disturbedEvidence;
    const evidence = {
      ...disturbedEvidence,
      requests: { ...requests, failed: ['/v2.1/call req-1: 504'] },
      messages: { ...messages, lost: ['req-2'] },
      undeclared: ['ERROR'],
    };
    expect(of({}, { evidence })).toEqual(['nobody declared: ERROR']);
    expect(of({ lost: 'nothing' }, { evidence })).toEqual([
      'a request failed: /v2.1/call req-1: 504',
      'a message never arrived: req-2',
      'nobody declared: ERROR',
    ]);
  });

  test('that must leave nothing behind, or something', () => {
    const left = { oldProcesses: [17, 18], left: [17], connectionsLeft: ['httpd:17:0a1b'] };
    const none = { oldProcesses: [17, 18], lastEndedMs: 900, left: [], connectionsLeft: [] };
    const after = (replacement?: typeof left | typeof none, expected: 'nothing' | 'something' = 'nothing') =>
      of({ leftBehind: expected }, { facts: { ...outageFacts, replacement } });
    expect(after(none)).toEqual([]);
    expect(after(left)).toEqual([
      'process 17 has not ended',
      'the broker still has a connection of an old process: httpd:17:0a1b',
    ]);
    expect(after()).toEqual(['nobody looked for old processes']);
    expect(after(left, 'something')).toEqual([]);
    expect(after(none, 'something')).toEqual([
      'each old process has ended, and one at least should not have',
    ]);
  });

  test('against which an earlier execution found something', () => {
    const found = { earlierFindings: ['a request failed: / req-1: 504'] };
    expect(of({}, found)).toEqual(['in an earlier execution: a request failed: / req-1: 504']);
  });

  test('of which nothing could be told: whatever it expects', () => {
    const verdict = { kind: 'inconclusive', cause: 'not disturbed', reason: 'why' } as const;
    expect(of({}, { verdict })).toEqual(['could not tell (not disturbed): why']);
    expect(of({}, { evidence: undefined, facts: undefined })).toEqual(['there is no evidence']);
  });

  test('is called by its deployment, what is done to it, and what is asserted', () => {
    const row = { mpm: 'prefork', processes: 2, threads: 1, disturbance: 'broker down', why: '' } as const;
    const title = (change: object) =>
      disturbedRowTitle(disturbedRowOf({ ...row, ...change }, times.compressed));
    expect([
      title({ expected: 'recovered', plainMeanwhile: 'none' }),
      title({ scenario: 'outage, call', lost: 'reported' }),
    ]).toEqual([
      'prefork 2, broker down: recovered, nothing lost, none of / answered meanwhile',
      'prefork 2, broker down, call: reported',
    ]);
  });
});
