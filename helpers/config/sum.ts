/** The sum of a number of each value. */
export function sum<Value>(all: readonly Value[], of: (value: Value) => number): number {
  return all.reduce((total, value) => total + of(value), 0);
}
