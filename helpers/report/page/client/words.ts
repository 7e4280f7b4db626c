import type { ClaimData, HeartbeatCell, HeartbeatWord, ThroughputCell } from '../page-data.ts';
import { element } from './dom.ts';

/** A sign beside each word, so that nothing depends on colour. */
const signs: Readonly<Record<HeartbeatWord | ThroughputCell['verdict'] | ClaimData['answer'], string>> = {
  reproduced: '●',
  dropped: '◐',
  clean: '○',
  inconclusive: '?',
  within: '✓',
  outside: '✕',
  holds: '✓',
  'holds only where': '◑',
  'does not hold': '✕',
  'could not tell': '?',
};

export type Word = keyof typeof signs;

/** What each verdict means, for legends. */
export const meanings: Readonly<Record<HeartbeatWord, string>> = {
  reproduced: 'dropped by the broker; the heartbeat error is in the log',
  dropped: 'dropped by the broker; no heartbeat error in the log',
  clean: 'kept; the expected later drop was seen',
  inconclusive: 'could not tell',
};

/** Shown in place of evidence that results.json does not have. */
export const NOT_HELD =
  'This page was made from docs/results.json, which has only figures of each row, without requests, frames and log lines. Make it from reports/results.json of a run: npm run report.';

/** The rows of the main table, in its order. */
export function mainRows<Cell extends HeartbeatCell>(cells: readonly Cell[]): Cell[] {
  return cells
    .filter(({ mainPlace }) => mainPlace !== undefined)
    .sort((a, b) => (a.mainPlace ?? 0) - (b.mainPlace ?? 0));
}

/** What was seen of a row, in one line. */
export function sentenceOf({ seen }: Pick<HeartbeatCell, 'seen'>): string {
  return seen?.sentence ?? 'Nothing was observed.';
}

/** A verdict or an answer: sign and word in its colour. */
export function badge(word: Word): HTMLElement {
  return element('span', { class: `badge ${slug(word)}` }, sign(word), ` ${word}`);
}

/** The sign of a verdict or an answer, which screen readers skip. */
export function sign(word: Word): HTMLElement {
  return element('span', { class: 'sign', 'aria-hidden': 'true' }, signs[word]);
}

/** The class of a word. */
export function slug(word: string): string {
  return word.replaceAll(/\W+/g, '-');
}
