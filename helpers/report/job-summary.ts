import { stripVTControlCharacters } from 'node:util';
import { markdownBlock, markdownTable, markdownText } from './markdown.ts';
import type { Results } from './results.ts';
import { comparisonOf } from './throughput-comparison.ts';
import { conclusion } from './throughput-table.ts';
import { disturbanceTableMarkdown, truthTableMarkdown } from './truth-table-markdown.ts';

/** How a test ended, whether it is of a cell or not. */
export interface Outcome {
  readonly name: string;
  readonly state: string;
  readonly errors?: readonly { readonly message: string }[] | undefined;
}

/** What a summary quotes of a failed test: what is against it, and where the whole is. */
const MOST_LINES = 8;

/**
 * A run for the page of a GitHub job: the verdicts, the claims, what may be said of throughput, what
 * failed, and where the reports are. Markdown; all that comes from a run is text in it. Pure.
 *
 * @param url of the job's run, where it is known.
 */
export function jobSummary(results: Results, outcomes: readonly Outcome[], url?: string): string {
  const counted = (state: string) => outcomes.filter((it) => it.state === state).length;
  const also = [
    [counted('reported'), 'reported (nothing is asserted)'],
    [counted('skipped'), 'skipped'],
    [counted('pending'), 'not decided'],
  ] as const;
  const sections = [
    [
      '## Does Apache’s MPM decide whether the heartbeat dies?',
      '',
      `**${counted('passed')} passed, ${counted('failed')} failed**${also.map(([number, what]) => (number > 0 ? `, ${number} ${what}` : '')).join('')}, in ${duration(results.seconds)} (${results.times} times).`,
    ],
    results.endedEarly === undefined ? [] : [`**${markdownText(results.endedEarly)}**`],
    failures([...outcomes.filter(({ state }) => state === 'failed'), ...errorsOf(results)]),
    doubts(results),
    claimSection(results),
    verdicts(results),
    disturbed(results),
    throughput(results),
    [
      `Everything observed is in an artifact ${url ? `of [this run](${url}#artifacts)` : 'of this run'}: index.html (opens without a network), results.json, junit.xml, and the logs of the cells that failed.`,
    ],
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
}

/** The page of the GitHub run that this environment belongs to, or undefined. */
export function jobUrl(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = environment;
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return undefined;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}

/** What failed and is no test: a file that did not load, a hook, an error that no test caught. */
function errorsOf({ failures = [] }: Results): Outcome[] {
  return failures
    .filter(({ state }) => state === 'error')
    .map(({ name, state, errors }) => ({ name, state, errors: errors.map((message) => ({ message })) }));
}

function failures(failed: readonly Outcome[]): string[] {
  if (failed.length === 0) return [];
  const each = failed.flatMap(({ name, errors = [] }) => {
    const lines = errors.flatMap(({ message }) => stripVTControlCharacters(message).split('\n'));
    const quoted = lines.slice(0, MOST_LINES);
    return ['', `**${markdownText(name)}**`, '', ...markdownBlock(quoted)];
  });
  return ['### Failed', ...each];
}

function doubts({ tests }: Results): string[] {
  const lines = tests.flatMap(({ name, cell }) => {
    if (cell.kind !== 'heartbeat' && cell.kind !== 'disturbance') return [];
    return cell.earlier.flatMap((it) =>
      it.kind === 'inconclusive'
        ? [
            `- ${markdownText(name)}: tried again, and then ${cell.verdict.kind}; at first: ${markdownText(it.reason)}`,
          ]
        : [],
    );
  });
  return lines.length === 0 ? [] : ['### Tried again, alone', '', ...lines];
}

function claimSection({ claims }: Results): string[] {
  if (claims.length === 0) return [];
  const rows = claims.map(({ answer, sentence, because }) => [answer, sentence, because]);
  return ['### The article’s claims', '', ...markdownTable([['', 'claim', 'because'], ...rows])];
}

function verdicts(results: Results): string[] {
  const table = truthTableMarkdown(results);
  return table.length === 0 ? [] : ['### Verdicts', '', ...table];
}

function disturbed(results: Results): string[] {
  const table = disturbanceTableMarkdown(results);
  return table.length === 0 ? [] : ['### Disturbed in the middle of the traffic', '', ...table];
}

function throughput({ tests }: Results): string[] {
  const sentences = tests.flatMap(({ cell }) => {
    if (cell.kind !== 'throughput') return [];
    const it = comparisonOf(cell);
    return [`- \`${cell.verdict.kind}\` (${markdownText(it.title)}): ${markdownText(conclusion(it))}`];
  });
  return sentences.length === 0 ? [] : ['### Throughput', '', ...sentences];
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
