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
