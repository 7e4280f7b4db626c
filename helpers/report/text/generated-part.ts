import { ResultsError } from '../../record/results-schema.ts';

/** The lines between which a page has a generated part. */
export interface PartMarks {
  readonly begin: string;
  readonly end: string;
}

/** The page with these lines as its generated part. @throws ResultsError if the page lacks the marks. */
export function withGenerated(
  path: string,
  page: string,
  { begin, end }: PartMarks,
  lines: readonly string[],
): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from)
    throw new ResultsError(`${path} lacks the lines ${begin.trim()} and ${end.trim()}`);
  return `${page.slice(0, from + begin.length)}\n${lines.join('\n')}\n\n${page.slice(to)}`;
}
