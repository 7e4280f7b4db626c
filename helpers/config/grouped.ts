import { getOrMake } from './get-or-make.ts';

/** Groups values by a key, in the order in which the keys first appear. */
export function grouped<Key, Value>(all: Iterable<Value>, keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of all) getOrMake(groups, keyOf(value), () => []).push(value);
  return groups;
}
