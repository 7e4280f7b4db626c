/** Text as one line of Markdown, also for a table. Nothing in it is markup. */
export function markdownText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replace(/[\\`*_{}[\]<>|#~]/g, '\\$&');
}

/** A table; the first row is its head. Every cell is text. */
export function markdownTable(rows: readonly (readonly string[])[]): string[] {
  return tableOfMarkdown(rows.map((row) => row.map(markdownText)));
}

/** A table of cells that are Markdown already; the first row is its head. */
export function tableOfMarkdown(rows: readonly (readonly string[])[]): string[] {
  const [head = '', ...rest] = rows.map((row) => `| ${row.join(' | ')} |`);
  return [head, `|${' --- |'.repeat(rows[0]?.length ?? 0)}`, ...rest];
}

/** Lines in a fence that nothing in them can close. */
export function markdownBlock(lines: readonly string[]): string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = '`'.repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return [`${fence}text`, ...lines.map((line) => line.replace(/\p{Cc}+/gu, ' ')), fence];
}
