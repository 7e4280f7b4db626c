/**
 * Replaces names in a text, each always by the same word, so that a report can be shown to others.
 *
 * @param names the names to replace, by their kind: `{ host: ['node1'], address: ['10.0.0.1'] }`.
 */
export function anonymiser(names: Readonly<Record<string, Iterable<string>>>): (text: string) => string {
  const words = new Map<string, string>();
  for (const [kind, all] of Object.entries(names)) {
    for (const name of new Set(all)) {
      const number = [...words.values()].filter((word) => word.startsWith(`${kind}-`)).length + 1;
      if (name !== '' && !words.has(name)) words.set(name, `${kind}-${number}`);
    }
  }
  // The longest first: an address may be the beginning of another.
  const ordered = [...words.keys()].sort((a, b) => b.length - a.length);
  if (ordered.length === 0) return (text) => text;
  const pattern = new RegExp(
    ordered.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|'),
    'g',
  );
  return (text) => text.replaceAll(pattern, (name) => words.get(name) ?? name);
}

/**
 * The form of a text: letters become `a`, digits become `0`, punctuation stays. In a line that could not be read, any
 * word may be a name.
 */
export function formOf(text: string): string {
  return text.replaceAll(/\p{L}/gu, 'a').replaceAll(/\p{N}/gu, '0');
}

/**
 * A plain value in which every text was replaced.
 *
 * @param options `keys`: whether keys are texts too, as where values are listed by name. `code`: properties that a script
 *   reads, whose values stay.
 */
export function mapTexts<Value>(
  value: Value,
  replace: (text: string) => string,
  { keys = false, code = [] }: { readonly keys?: boolean; readonly code?: readonly string[] } = {},
): Value {
  const mapped = (value: unknown): unknown => {
    if (typeof value === 'string') return replace(value);
    if (Array.isArray(value)) return value.map(mapped);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        keys ? replace(key) : key,
        code.includes(key) ? inner : mapped(inner),
      ]),
    );
  };
  return mapped(value) as Value;
}
