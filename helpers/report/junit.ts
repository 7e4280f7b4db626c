import { stripVTControlCharacters } from 'node:util';
import Builder from 'fast-xml-builder';
import { tellers } from '../evidence/evidence.ts';
import type { CellRecord, DisturbanceRecord, HeartbeatRecord } from '../verdict/cell-record.ts';
import { disturbanceWords } from '../verdict/disturbance-row.ts';
import { countTellers } from '../verdict/tellers.ts';
import { disturbanceFigures } from './disturbance-table.ts';
import { RESULTS_VERSION } from './results-schema.ts';
import { expectedWords, isJudged, verdictInShort } from './verdict-in-short.ts';

/** A test file, as JUnit's XML has it: a test suite. */
export interface JunitSuite {
  /** Relative to the project. */
  readonly file: string;
  readonly milliseconds: number;
  readonly cases: readonly JunitCase[];
}

export interface JunitCase {
  readonly name: string;
  readonly milliseconds: number;
  /**
   * - `error`: not a test failed, but what surrounds it, such as the loading of its file.
   * - `reported`: nothing is asserted of the row that it played; JUnit has no word for that, and gets `skipped`.
   */
  readonly state: 'passed' | 'failed' | 'error' | 'skipped' | 'reported';
  /** Why it was skipped, where it says so. */
  readonly note?: string | undefined;
  readonly problems?: readonly JunitProblem[];
  /** What the test printed. */
  readonly output?: string;
  readonly cell?: CellRecord | undefined;
}

export interface JunitProblem {
  readonly type: string;
  readonly message: string;
  /** Where: one line a frame. */
  readonly stack: readonly string[];
}

const builder = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  format: true,
});

/**
 * JUnit's XML, in the form of tests/unit/fixtures/junit.xsd. A cell's verdict and reason are properties of its
 * test case; docs/interface.md names them. Vitest's own reporter writes annotations as such, but with white space in elements that may
 * have none, and so no schema accepts its file. Pure.
 */
export function junitXml(suites: readonly JunitSuite[]): string {
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      ...counts(suites.flatMap(({ cases }) => cases)),
      '@time': seconds(suites.reduce((sum, { milliseconds }) => sum + milliseconds, 0)),
      testsuite: suites.map(({ file, milliseconds, cases }) => ({
        '@name': clean(file),
        ...counts(cases),
        '@skipped': cases.filter(({ state }) => state === 'skipped' || state === 'reported').length,
        '@time': seconds(milliseconds),
        properties: { property: { '@name': 'version', '@value': RESULTS_VERSION } },
        testcase: cases.map((it) => testCase(file, it)),
      })),
    },
  });
}

function counts(cases: readonly JunitCase[]) {
  return {
    '@tests': cases.length,
    '@failures': cases.filter(({ state }) => state === 'failed').length,
    '@errors': cases.filter(({ state }) => state === 'error').length,
  };
}

function testCase(file: string, { name, milliseconds, state, note, problems = [], output, cell }: JunitCase) {
  const properties = propertiesOf(cell);
  const elements = problems.map(({ type, message, stack }) => ({
    '@message': clean(message.split('\n')[0] ?? ''),
    '@type': clean(type),
    '#text': clean([message, ...stack].join('\n')),
  }));
  return {
    '@classname': clean(file),
    '@name': clean(name),
    '@time': seconds(milliseconds),
    ...(properties.length > 0 && { properties: { property: properties } }),
    ...(state === 'skipped' && { skipped: note === undefined ? '' : { '@message': clean(note) } }),
    ...(state === 'reported' && { skipped: { '@message': clean(reportedWords(cell)) } }),
    ...(state === 'failed' && { failure: elements }),
    ...(state === 'error' && { error: elements }),
    ...(output && { 'system-out': clean(output) }),
  };
}

function reportedWords(cell: CellRecord | undefined): string {
  return `reported: ${isJudged(cell) ? verdictInShort(cell) : 'nothing is asserted of it'}`;
}

function propertiesOf(cell: CellRecord | undefined): { '@name': string; '@value': string }[] {
  if (!isJudged(cell)) return [];
  const { verdict } = cell;
  const named: [name: string, value: string | undefined][] = [
    ['verdict', verdict.kind],
    ['expected', expectedWords(cell)],
    ['reason', 'reason' in verdict ? verdict.reason : undefined],
    ...(cell.kind === 'heartbeat' ? heartbeatProperties(cell) : []),
    ...(cell.kind === 'disturbance' ? disturbanceProperties(cell) : []),
  ];
  return named.flatMap(([name, value]) =>
    value === undefined ? [] : [{ '@name': name, '@value': clean(value) }],
  );
}

function disturbanceProperties(cell: DisturbanceRecord): [name: string, value: string][] {
  const figures = disturbanceFigures(cell).map(([name, words]): [string, string] => [name, words]);
  return [...triedAgain(cell), ['disturbed by', disturbanceWords(cell)], ...(cell.evidence ? figures : [])];
}

function triedAgain({ earlier }: Pick<HeartbeatRecord | DisturbanceRecord, 'earlier'>): [string, string][] {
  return earlier.flatMap((it): [string, string][] =>
    it.kind === 'inconclusive' ? [['tried again', it.reason]] : [],
  );
}

function heartbeatProperties({ earlier, evidence }: HeartbeatRecord): [name: string, value: string][] {
  const again = triedAgain({ earlier });
  if (!evidence) return again;
  const { brokerDrops, requests } = evidence;
  const counts = countTellers(brokerDrops);
  const figures: [name: string, number][] = [
    ['drops', brokerDrops.length],
    ...tellers.map((teller): [string, number] => [`drops told by ${teller}`, counts[teller]]),
    ['requests slowed', requests.slowedMs.length],
    ...slowOtherwise(requests.slowOtherwiseMs.length),
    ['requests lost', requests.failed.length],
  ];
  return [...again, ...figures.map(([name, number]): [string, string] => [name, `${number}`])];
}

/** Shown only where there are any. */
function slowOtherwise(number: number): [name: string, number][] {
  return number > 0 ? [['requests slow otherwise', number]] : [];
}

/** Without what XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets), colours included. */
function clean(text: string): string {
  return stripVTControlCharacters(text).replace(
    /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu,
    '',
  );
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
