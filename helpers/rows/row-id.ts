import { type Row, RowError, type RowGroup } from './row.ts';

/** What the name of a row's test has after the id: `-t article/prefork-8:` selects this row and no other. */
export const AFTER_ID = ':';

/** The name of a row's test: `article/prefork-8: prefork 8: reproduced`. */
export function testName(id: string, title: string): string {
  return `${id}${AFTER_ID} ${title}`;
}

const ID_AT_START = /^[a-z0-9][a-z0-9.-]*(?:\/[a-z0-9][a-z0-9.-]*)+(?=: )/;

/** The id of a row, with which the name of its test begins; the whole name of any other test. */
export function idOrName(name: string): string {
  return ID_AT_START.exec(name)?.[0] ?? name;
}

/**
 * Checks the ids of all rows.
 *
 * @throws RowError with one line if an id has another form, is not unique, or ends with another row's id.
 */
export function checkIds(groups: readonly RowGroup[]): void {
  const ids = groups.flatMap(({ rows }) => rows.map(({ id }) => id));
  for (const [index, id] of ids.entries()) {
    if (idOrName(`${id}: `) !== id) {
      throw new RowError(`row ${id}: an id is words of a-z, 0-9, . and -, with / between them`);
    }
    if (ids.indexOf(id) !== index) throw new RowError(`row ${id}: two rows have this id`);
    const longer = ids.find((other) => other !== id && other.endsWith(id));
    if (longer) throw new RowError(`row ${id}: -t would also execute ${longer}, whose id ends with it`);
  }
}

/** The id of a row's execution with parts, in a run that executes each row without and with them. */
export function idWithParts(id: Row['id']): Row['id'] {
  return `${id}/with-parts`;
}
