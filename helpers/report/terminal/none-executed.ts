import { idOrName } from '../../rows/row-id.ts';

const MOST_NAMES = 5;

/**
 * One line that says that no test has a name that was asked for, and which names are nearest.
 *
 * @param names of all tests, in their order.
 */
export function noneExecuted(pattern: RegExp, names: readonly string[]): string {
  return `No row was executed: no test has a name that matches “${pattern.source}”. ${nearestNames(pattern.source, names)}`;
}

/** `The nearest are “kolla-2025.1/night”, “kolla-2025.1/trickle”; npm run rows lists all`: rows by their ids. */
export function nearestNames(text: string, names: readonly string[]): string {
  const nearness = new Map(names.map((name) => [name, shareOfPairs(text, name)]));
  const nearest = [...nearness].sort(([, a], [, b]) => b - a).map(([name]) => `“${idOrName(name)}”`);
  const listed = nearest.slice(0, MOST_NAMES).join(', ');
  return nearest.length > MOST_NAMES
    ? `The nearest are ${listed}; npm run rows lists all`
    : `There are ${listed}`;
}

/** How many of a text's pairs of neighbouring characters a name has, 0 to 1. A typing error spoils two. */
function shareOfPairs(text: string, name: string): number {
  const [wanted, there] = [pairsOf(text), pairsOf(name)];
  return [...wanted].filter((pair) => there.has(pair)).length / Math.max(1, wanted.size);
}

function pairsOf(text: string): Set<string> {
  const characters = text.toLowerCase();
  return new Set(
    Array.from({ length: Math.max(0, characters.length - 1) }, (_, at) => characters.slice(at, at + 2)),
  );
}
