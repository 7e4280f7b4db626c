/**
 * Lists the rows without starting anything:
 *
 *     npm run rows                    all of them, in groups
 *     npm run rows -- kolla           the rows that `npm run table -- -t kolla` executes
 *     npm run rows -- kolla night     the rows that both words find
 *
 * A word is a regular expression for a row's group, id and title, as Vitest's `-t` is. With MPM_HEARTBEAT_APPLICATION,
 * the rows are those of the user's own application.
 */

import { applicationOfRun } from '../helpers/applications/own-application.ts';
import { count } from '../helpers/config/count.ts';
import { grouped } from '../helpers/config/grouped.ts';
import { OneLineError } from '../helpers/config/one-line.ts';
import { readOptions } from '../helpers/config/options.ts';
import { lookUpParts } from '../helpers/config/part-files.ts';
import { deploymentName, RefusedError } from '../helpers/deployment/deployment.ts';
import { nearestNames } from '../helpers/report/terminal/none-executed.ts';
import { aligned } from '../helpers/report/text/aligned.ts';
import { scriptOf } from '../helpers/report/text/rerun-command.ts';
import { expectationWords } from '../helpers/rows/expectation.ts';
import { type PlannedRow, type Row, servedWords, treatmentWords } from '../helpers/rows/row.ts';
import { titledRow } from '../helpers/rows/titled-row.ts';
import { table } from '../tests/table/index.ts';
import { runCommand } from './run-command.ts';

/** A row as the list shows it. */
interface Listed {
  readonly script: string | undefined;
  readonly group: string;
  /** Id, deployment, treatment and what is expected. */
  readonly columns: readonly string[];
  /** The name of its test, after the group's. */
  readonly name: string;
}

await runCommand(() => list(process.argv.slice(2)));

function list(words: readonly string[]): void {
  const all = rows();
  const patterns = words.map(patternOf);
  const found = all.filter(({ group, name }) =>
    patterns.every((pattern) => pattern.test(`${group} ${name}`)),
  );
  if (found.length === 0) {
    const names = all.map(({ name }) => name);
    throw new OneLineError(`No row has “${words.join('” and “')}”. ${nearestNames(words.join(' '), names)}`);
  }
  const groups = [...grouped(found, ({ group }) => group)].map(([title, ofGroup]) => [
    title,
    ...aligned(ofGroup.map(({ columns }) => columns)),
  ]);
  const scripts = [...new Set(found.flatMap(({ script }) => script ?? []))];
  const [word] = words.length === 1 ? words : [];
  const execute =
    word === undefined ? [] : scripts.map((script) => `npm run ${script} -- -t ${quoted(word)}`);
  const end = [count(found.length, 'row'), ...execute];
  console.log([...groups.map((lines) => lines.join('\n  ')), end.join('\n')].join('\n\n'));
}

/** @throws OneLineError for text that is not a regular expression. */
function patternOf(word: string): RegExp {
  try {
    return new RegExp(word);
  } catch (error) {
    throw new OneLineError(`npm run rows: ${(error as Error).message}`);
  }
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** All rows, as the options of this environment plan them. */
function rows(): Listed[] {
  const options = readOptions(process.env);
  const own = applicationOfRun(options);
  const listed = (script: string | undefined, group: string, row: Row): Listed => {
    const [name, planned] = titledRow(row, options, own, lookUpParts);
    const columns = planned instanceof RefusedError ? notExecuted(planned) : columnsOf(planned);
    return { script, group, columns: [row.id, ...columns], name };
  };
  return Object.entries(table).flatMap(([file, groups]) =>
    groups.flatMap(({ title, rows }) => rows.map((row) => listed(scriptOf(file), title, row))),
  );
}

function columnsOf(planned: PlannedRow): string[] {
  const treatment = treatmentWords(planned) || planned.traffic?.name || '';
  return [servedWords(planned), treatment, expectationWords(planned.expect)];
}

function notExecuted(refused: RefusedError): string[] {
  return [deploymentName(refused.deployment), '', `not executed: ${refused.reason}`];
}
