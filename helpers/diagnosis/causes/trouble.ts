import type { ConnectionHistory, LineRef } from '../history/connection-history.ts';
import type { TroubleKind } from './troubles.ts';

/** Something that is wrong, the lines that show it, and what speaks against it. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** How many connections, lines or moments it is about. */
  readonly count: number;
  /** The number of connections examined, if only `count` of them show the trouble. Missing: all of them show it. */
  readonly of?: number | undefined;
  readonly shownBy: readonly LineRef[];
  /** Sentences for people. */
  readonly because: readonly string[];
  readonly against: readonly string[];
}

/** A trouble is shown by at most this many lines. */
const MOST_LINES = 5;

type Sentences = readonly (string | false)[];

interface Facts extends Pick<Trouble, 'of'> {
  readonly because?: Sentences;
  readonly against?: Sentences;
}

/** A trouble, unless nothing shows it. Sentences that are false do not apply. */
export function troubleOf(
  kind: TroubleKind,
  count: number,
  shownBy: readonly LineRef[],
  { of, because = [], against = [] }: Facts = {},
): Trouble[] {
  if (count === 0) return [];
  const applying = (sentences: Sentences) => sentences.filter((sentence) => sentence !== false);
  return [
    {
      kind,
      count,
      of,
      shownBy: shownBy.slice(0, MOST_LINES),
      because: applying(because),
      against: applying(against),
    },
  ];
}

/** The lines in which the broker says that these connections ended. */
export function refsOf(all: readonly ConnectionHistory[]): LineRef[] {
  return all.slice(0, MOST_LINES).map(({ ref }) => ref);
}
