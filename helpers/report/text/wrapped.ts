/** Wider lines of prose are hard to read, however wide the terminal is. */
export const MOST_COLUMNS = 120;

/**
 * Breaks a text between words into lines of at most `width` characters. A longer word has its own line.
 *
 * @param first what the first line begins with; the width does not count it.
 * @param rest the same of all other lines.
 */
export function wrapped(text: string, width: number, first = '', rest = first): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.map((line, index) => `${index === 0 ? first : rest}${line}`);
}

/** Cuts a text that is longer than `width` characters, and shows that it does. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
