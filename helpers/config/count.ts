/** A number with its noun: `1 block`, `7 blocks`, `2 processes`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
