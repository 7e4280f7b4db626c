import { stripVTControlCharacters } from 'node:util';
import Builder from 'fast-xml-builder';
import { loggers } from '../evidence/evidence.ts';
import {
  type CellRecord,
  type FaultRecord,
  type HeartbeatRecord,
  isFault,
  isHeartbeat,
  isRow,
} from '../record/record.ts';
import { RESULTS_VERSION } from '../record/results-schema.ts';
import { expectationWords } from '../rows/expectation.ts';
import { treatmentWords } from '../rows/row.ts';
import { countLoggedBy } from '../verdict/logged-by.ts';
import { faultColumns, figuresOf } from './table-of-rows.ts';
import { verdictInShort } from './verdict-in-short.ts';

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
   * - `error`: what surrounds a test failed, such as the loading of its file.
   * - `informational`: the row that it executed asserts nothing; JUnit has no word for that, and gets `skipped`.
   */
  readonly state: 'passed' | 'failed' | 'error' | 'skipped' | 'informational';
  /** Why it was skipped, if it says so. */
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
 * JUnit's XML, in the form of tests/unit/fixtures/junit.xsd. A row's id, verdict and reason are properties of its test
 * case; docs/interface.md names them. Vitest's own reporter writes annotations as such, but with white space in elements
 * that may have none, and so no schema accepts its file.
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
        '@skipped': cases.filter(({ state }) => state === 'skipped' || state === 'informational').length,
        '@time': seconds(milliseconds),
        properties: { property: { '@name': 'version', '@value': RESULTS_VERSION } },
        testcase: cases.map((junitCase) => testCase(file, junitCase)),
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
    ...(state === 'informational' && { skipped: { '@message': clean(informationalWords(cell)) } }),
    ...(state === 'failed' && { failure: elements }),
    ...(state === 'error' && { error: elements }),
    ...(output && { 'system-out': clean(output) }),
  };
}

function informationalWords(cell: CellRecord | undefined): string {
  return `informational: ${cell && isRow(cell) ? verdictInShort(cell) : 'nothing is asserted'}`;
}

function propertiesOf(cell: CellRecord | undefined): { '@name': string; '@value': string }[] {
  if (!cell || !isRow(cell)) return [];
  const { id, verdict, expect, earlier } = cell;
  const named: [name: string, value: string | undefined][] = [
    ['id', id],
    ['verdict', verdict.kind],
    ['expected', expectationWords(expect)],
    ['reason', 'reason' in verdict ? verdict.reason : undefined],
    ...earlier.map((execution): [string, string | undefined] => [
      'executed again',
      'reason' in execution.verdict ? execution.verdict.reason : undefined,
    ]),
    ...(isHeartbeat(cell) ? heartbeatProperties(cell) : []),
    ...(isFault(cell) ? faultProperties(cell) : []),
  ];
  return named.flatMap(([name, value]) =>
    value === undefined ? [] : [{ '@name': name, '@value': clean(value) }],
  );
}

function faultProperties(cell: FaultRecord): [name: string, value: string][] {
  const figures = figuresOf(cell, faultColumns).map(([name, words]): [string, string] => [name, words]);
  return [['fault', treatmentWords(cell)], ...(cell.evidence ? figures : [])];
}

function heartbeatProperties({ evidence }: HeartbeatRecord): [name: string, value: string][] {
  if (!evidence) return [];
  const { brokerDrops, requests } = evidence;
  const counts = countLoggedBy(brokerDrops);
  const figures: [name: string, number][] = [
    ['drops', brokerDrops.length],
    ...loggers.map((loggedBy): [string, number] => [`drops logged by ${loggedBy}`, counts[loggedBy]]),
    ['requests slowed', requests.slowedMs.length],
    ...slowOtherwise(requests.slowOtherwiseMs.length),
    ['requests lost', requests.failed.length],
  ];
  return figures.map(([name, number]): [string, string] => [name, `${number}`]);
}

/** Left out if there are none. */
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
