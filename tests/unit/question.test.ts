import { expect, test } from 'vitest';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { parseQuestion, QuestionError } from '../../helpers/verdict/question.ts';
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
