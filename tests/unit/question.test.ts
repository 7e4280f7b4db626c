import { expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { checkQuestion, parseQuestion, QuestionError } from '../../helpers/verdict/question.ts';
import { recorded } from './recorded/index.ts';

test.for([
  ['prefork-8', 'reproduced', { 'slowed=none': true, 'slowed=some': false, 'logged-by=heartbeat': true }],
  [
    'prefork-8-2019',
    'reproduced',
    { 'slowed=some': true, 'line=heartbeart': true, 'line=recoverable': false },
  ],
  [
    'event-8x25',
    'dropped',
    { 'logged-by=heartbeat': false, 'line=is unreachable': true, reproduced: false, dropped: true },
  ],
] as const)('questions about the recorded %s', ([name, kind, answers]) => {
  const evidence = evidenceOf(recorded(name));
  for (const [question, answer] of Object.entries(answers)) {
    expect(parseQuestion(question).isMet({ verdict: { kind }, evidence }), question).toBe(answer);
  }
});

test('a request that was slow for another reason leaves doubt about slowed requests', () => {
  expect(parseQuestion('slowed=some').expect.slowed).toBe('none');
});

test.for(['', 'good', 'slowed=all', 'logged-by=', 'line=('])('refuses the question “%s”', (text) => {
  expect(() => parseQuestion(text)).toThrow(QuestionError);
});

test.for([
  ['slowed=none', 'unreachable'],
  ['slowed=some', 'unreachable'],
  ['logged-by=request', 'unreachable'],
  ['logged-by=nobody', 'heartbeatErrors'],
  ['logged-by=heartbeat', 'heartbeatErrors'],
  ['reproduced', 'heartbeatErrors'],
] as const)('refuses %s if the application’s record has no %s, because the answer would never change', ([
  text,
  missing,
]) => {
  const application = {
    ...stub,
    signatures: { ...stub.signatures, heartbeatErrors: [], unreachable: undefined },
  };
  expect(() => checkQuestion(parseQuestion(text), stub)).not.toThrow();
  expect(() => checkQuestion(parseQuestion(text), application)).toThrow(missing);
});

test('asks about the verdict of an application that logs nothing about its connections', () => {
  const application = {
    ...stub,
    signatures: { ...stub.signatures, heartbeatErrors: [], unreachable: undefined },
  };
  expect(() => checkQuestion(parseQuestion('clean'), application)).not.toThrow();
});

test('could not tell if a process no longer logs, or if a request was lost instead of slowed', () => {
  const { applicationLog, requests, ...others } = evidenceOf(recorded('prefork-8'));
  const answer = (text: string, change: Partial<Evidence>) =>
    parseQuestion(text).isMet({
      verdict: { kind: 'reproduced' },
      evidence: { applicationLog, requests, ...others, ...change },
    });
  const silent = { applicationLog: { ...applicationLog, markerAfter: [] } };
  const lossy = { requests: { ...requests, failed: ['/amqp req-1: 500'] } };
  expect(answer('slowed=none', silent)).toBeUndefined();
  expect(answer('logged-by=nobody', silent)).toBeUndefined();
  expect(answer('slowed=none', lossy)).toBeUndefined();
  expect(answer('slowed=none', {})).toBe(true);
});
