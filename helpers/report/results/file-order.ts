import { basename } from 'node:path';

/**
 * Sorts test files by their place in a list.
 *
 * Other files are sorted by their path, before the last of the list, which needs the machine to itself.
 *
 * @param order names of test files without `.test.ts`.
 */
export function inOrder(order: readonly string[]): (a: string, b: string) => number {
  const placeOf = (file: string) => {
    const place = order.indexOf(basename(file, '.test.ts'));
    return place === -1 ? order.length - 1.5 : place;
  };
  return (a, b) => placeOf(a) - placeOf(b) || a.localeCompare(b);
}
