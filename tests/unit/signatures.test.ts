import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { patternOf, watchedLines } from '../../helpers/diagnosis/causes/watched-lines.ts';
import { connectionsOf } from '../../helpers/evidence/broker-log.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { hotsosScenario, lokiRules } from '../../helpers/report/text/signatures.ts';
import { brokerForms, madeUpHistory } from './fixtures/printed-logs.ts';
import { recorded } from './recorded/index.ts';

const patterns = Object.fromEntries(watchedLines.map((line) => [line.id, new RegExp(patternOf(line))]));
const counted = (id: string, lines: readonly string[]) =>
  lines.filter((line) => patterns[id]?.test(line)).length;

test.for(
  watchedLines.map((line) => [line.id, patternOf(line)] as const),
)('the pattern of %s is in the syntax that RE2 and Python have as well', ([, pattern]) => {
  expect(pattern).not.toMatch(/\(\?(?!:)|\\[1-9]|\\k|`/);
});

describe.for([
  'prefork-8',
  'prefork-8-2019',
  'event-8x25',
] as const)('in the logs of a real run, %s,', (name) => {
  const seen = recorded(name);
  const { heartbeatErrors, unreachableLines } = evidenceOf(seen);

  test('each drop is a line to watch', () => {
    const { lines } = seen.brokerLog;
    const all = new Set(
      connectionsOf(lines, seen.user, seen.application).flatMap(({ dropLines = [] }) => dropLines),
    );
    const missed = [...all].filter((line) => line.includes('missed heartbeats'));
    expect(missed.length).toBeGreaterThan(0);
    expect(counted('missed-heartbeats', missed)).toBe(missed.length);
  });

  test('each line of a lost connection is a line to watch', () => {
    const lines = [...heartbeatErrors, ...unreachableLines].map(({ line }) => line);
    expect(lines.length).toBeGreaterThan(0);
    expect(counted('connection-lost', lines)).toBe(lines.length);
  });
});

test.for(Object.keys(brokerForms))('each made-up drop is a line to watch in the form of %s', (name) => {
  const events = madeUpHistory(7);
  const lines = events.flatMap((event) => brokerForms[name]?.print(event) ?? []);
  const ended = (how: string) =>
    events.filter(({ kind, connection }) => kind === 'ended' && connection.how === how).length;
  expect(counted('missed-heartbeats', lines)).toBe(ended('missed heartbeats'));
  expect(counted('client-gone', lines)).toBe(ended('lost by the client'));
  expect(counted('heartbeat-not-sent', lines)).toBe(ended('network error'));
});

test('Loki’s rules have a name, an expression and a summary each', () => {
  const { groups } = parse(lokiRules({ broker: '{job="rabbitmq"}', application: '{job="nova"}' }));
  expect(groups).toMatchObject([{ name: 'mpm-heartbeat' }]);
  expect(groups[0].rules).toHaveLength(watchedLines.length);
  expect(groups[0].rules[0]).toMatchObject({
    alert: 'MissedHeartbeats',
    expr: `sum(count_over_time({job="rabbitmq"} |~ \`${patterns['missed-heartbeats']?.source}\` [10m])) > 0`,
    annotations: { summary: expect.stringContaining('RabbitMQ') },
  });
});

test('each conclusion of hotsos’s scenario is of checks that it has', () => {
  const { checks, conclusions } = parse(hotsosScenario());
  const used = Object.values<{ decision: { or: string[] } }>(conclusions).flatMap(
    ({ decision }) => decision.or,
  );
  expect(used.sort()).toEqual(Object.keys(checks).sort());
  // hotsos matches from the beginning of a line.
  const line = '2026-11-26 03:00:00+00:00 [error] <0.1.0> missed heartbeats from client, timeout: 60s';
  expect(line).toMatch(new RegExp(`^${checks.missed_heartbeats_rabbitmq.expr}`));
});
