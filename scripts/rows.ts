/**
 * Lists the rows without starting anything:
 *
 *     npm run rows                    all of them, in groups
 *     npm run rows -- kolla           the rows whose group, id or title has this word, as `npm run table -- -t kolla` finds them
 *     npm run rows -- kolla night     the rows that have every word
 */

import { count } from '../helpers/config/count.ts';
import { OneLineError } from '../helpers/config/one-line.ts';
import { readOptions } from '../helpers/config/options.ts';
import { lookUpParts } from '../helpers/config/part-files.ts';
import { aligned } from '../helpers/report/aligned.ts';
import { nearestNames } from '../helpers/report/none-executed.ts';
import { scriptOf } from '../helpers/report/rerun-command.ts';
import { testName } from '../helpers/report/row-id.ts';
import { expectationWords } from '../helpers/rows/expectation.ts';
import { planRow, type Row, servedWords, titleOf, treatmentWords } from '../helpers/rows/row.ts';
import { times } from '../helpers/rows/traffic.ts';
import { table } from '../tests/table/index.ts';

/** A row as the list shows it. */
interface Listed {
  readonly script: string | undefined;
  readonly group: string;
  /** Id, deployment, treatment and what is expected. */
  readonly columns: readonly string[];
  /** The name of its test, after the group's. */
  readonly name: string;
}

try {
  list(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OneLineError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function list(words: readonly string[]): void {
  const all = rows();
  const found = all.filter(({ group, name }) => words.every((word) => `${group} ${name}`.includes(word)));
  if (found.length === 0) {
    const names = all.map(({ name }) => name);
    throw new OneLineError(`No row has “${words.join('” and “')}”. ${nearestNames(words.join(' '), names)}`);
  }
  const groups = [...new Set(found.map(({ group }) => group))].map((title) => [
    title,
    ...aligned(found.filter(({ group }) => group === title).map(({ columns }) => columns)),
  ]);
  const scripts = [...new Set(found.flatMap(({ script }) => script ?? []))];
  const execute = words.length === 1 ? scripts.map((script) => `npm run ${script} -- -t ${words[0]}`) : [];
  const end = [count(found.length, 'row'), ...execute];
  console.log([...groups.map((lines) => lines.join('\n  ')), end.join('\n')].join('\n\n'));
}

/** All rows, as the options of this environment plan them. */
function rows(): Listed[] {
  const options = readOptions(process.env);
  const settings = { ...options, times: times[options.times] };
  const listed = (script: string | undefined, group: string, row: Row): Listed => {
    const planned = planRow(row, settings, lookUpParts);
    const treatment = treatmentWords(planned) || planned.traffic?.name || '';
    const columns = [row.id, servedWords(planned), treatment, expectationWords(planned.expect)];
    return { script, group, columns, name: testName(row.id, titleOf(planned)) };
  };
  return Object.entries(table).flatMap(([file, groups]) =>
    groups.flatMap(({ title, rows }) => rows.map((row) => listed(scriptOf(file), title, row))),
  );
}
