import { isRow, isThroughput } from '../../record/record.ts';
import { type Results, testsOf } from '../results/results.ts';
import { markdownBlock, markdownTable, markdownText } from './markdown.ts';
import { REPEATS_NOTE, REPEATS_TITLE, repeatsTable } from './repeats-table.ts';
import { faultsMarkdown, heartbeatsMarkdown } from './rows-markdown.ts';
import { comparisonOf, conclusion } from './throughput-table.ts';

/** How a test ended, whether it executed a row or not; or what else failed. */
export interface TestOutcome {
  readonly name: string;
  readonly state: string;
  /** Their messages, without colours. */
  readonly errors?: readonly string[];
}

/** A summary quotes this many lines of a failed test: what it violates, and where the rest is. */
const MOST_LINES = 8;

/**
 * A run for the page of a GitHub job, as Markdown.
 *
 * It has the verdicts, the claims, the conclusions on throughput, what failed, and where the reports are. Everything
 * from a run is text in it, never markup.
 *
 * @param url of the job's run, if it is known.
 */
export function jobSummary(results: Results, outcomes: readonly TestOutcome[], url?: string): string {
  const counted = (state: string) => outcomes.filter((outcome) => outcome.state === state).length;
  const also = [
    [counted('informational'), 'informational (nothing is asserted about the outcome)'],
    [counted('skipped'), 'skipped'],
    [counted('pending'), 'not decided'],
  ] as const;
  const failed = outcomes.filter(({ state }) => state === 'failed');
  const broken = results.failures?.filter(({ state }) => state === 'error') ?? [];
  const sections = [
    [
      '## Does Apache’s MPM decide whether the heartbeat dies?',
      '',
      `**${counted('passed')} passed, ${failed.length} failed**${also.map(([number, what]) => (number > 0 ? `, ${number} ${what}` : '')).join('')}, in ${duration(results.seconds)} (${results.times} times).`,
    ],
    results.endedEarly === undefined ? [] : [`**${markdownText(results.endedEarly)}**`],
    failures([...failed, ...broken]),
    doubts(results),
    claimSection(results),
    section('Verdicts', heartbeatsMarkdown(results)),
    section('With a fault in the middle of the traffic', faultsMarkdown(results)),
    section(REPEATS_TITLE, repeats(results)),
    throughput(results),
    [
      `Everything that was observed is in an artifact ${url ? `of [this run](${url}#artifacts)` : 'of this run'}: index.html (opens without a network), results.json, junit.xml, and the logs of the rows that failed.`,
    ],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The page of the GitHub run that this environment belongs to, or undefined. */
export function jobUrl(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = environment;
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return undefined;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}

function failures(failed: readonly TestOutcome[]): string[] {
  if (failed.length === 0) return [];
  const each = failed.flatMap(({ name, errors = [] }) => {
    const quoted = errors.flatMap((message) => message.split('\n')).slice(0, MOST_LINES);
    return ['', `**${markdownText(name)}**`, '', ...markdownBlock(quoted)];
  });
  return ['### Failed', ...each];
}

function doubts(results: Results): string[] {
  const lines = testsOf(results, isRow).flatMap(({ cell: { id, earlier, verdict } }) =>
    earlier.flatMap((execution) =>
      execution.verdict.kind === 'inconclusive'
        ? [`- \`${id}\`: at first: ${markdownText(execution.verdict.reason)}; then: ${verdict.kind}`]
        : [],
    ),
  );
  return section('Executed again, alone', lines);
}

function claimSection({ claims }: Results): string[] {
  const rows = claims.map(({ answer, sentence, because }) => [answer, sentence, because]);
  return rows.length === 0
    ? []
    : section('The article’s claims', markdownTable([['', 'claim', 'because'], ...rows]));
}

function repeats(results: Results): string[] {
  const rows = repeatsTable(results);
  return rows.length === 0 ? [] : [...markdownTable(rows), '', REPEATS_NOTE];
}

function throughput(results: Results): string[] {
  const sentences = testsOf(results, isThroughput).map(({ cell }) => {
    const comparison = comparisonOf(cell);
    const { id, title, verdict } = comparison;
    return `- \`${id}\`: \`${verdict.kind}\` (${markdownText(title)}): ${markdownText(conclusion(comparison))}`;
  });
  return section('Throughput', sentences);
}

/** Lines below their heading; nothing if there are none. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`### ${title}`, '', ...lines];
}

/** A time in whole seconds: `45 s`, `2 min 34 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
