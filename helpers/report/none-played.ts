const MOST_NAMES = 5;

/**
 * Says in one line that no cell was played, since no test has a name that was asked for, and what there is.
 *
 * @param names of the tests there are, in their order.
 */
export function nonePlayed(pattern: RegExp, names: readonly string[]): string {
  const nearness = new Map(names.map((name) => [name, shareOfPairs(pattern.source, name)]));
  const nearest = [...nearness].sort(([, a], [, b]) => b - a).map(([name]) => `“${name}”`);
  const more = nearest.length - MOST_NAMES;
  const listed = [...nearest.slice(0, MOST_NAMES), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
  return `No cell was played: no test has a name that matches “${pattern.source}”. There are ${listed}`;
}

/** How many of a text's pairs of neighbouring characters a name has: a typing error spoils two. 0 to 1. */
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
