/** What the name of a row's test has after the id: `article/prefork-8: prefork 8: reproduced`. */
export const AFTER_ID = ':';

const ID_AT_START = /^[a-z0-9][a-z0-9.-]*(?:\/[a-z0-9][a-z0-9.-]*)+(?=: )/;

/** The id of a row, with which the name of its test begins; the whole name of any other test. */
export function idOrName(name: string): string {
  return ID_AT_START.exec(name)?.[0] ?? name;
}
