import type { ClaimData, HeartbeatWord, ThroughputCell } from '../page-data.ts';
import { element } from './dom.ts';

/** A sign beside each word, so that nothing depends on colour. */
const signs: Readonly<Record<HeartbeatWord | ThroughputCell['verdict'] | ClaimData['answer'], string>> = {
  reproduced: '●',
  silent: '◐',
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
  reproduced: 'dropped by the broker, and the log has the heartbeat error',
  silent: 'dropped by the broker, and the log does not say so',
  clean: 'kept; a drop that had to come later was seen',
  inconclusive: 'could not tell',
};

/** A verdict or an answer: sign and word in its colour. */
export function badge(word: Word): HTMLElement {
  return element('span', { class: `badge ${slug(word)}` }, sign(word), ` ${word}`);
}

export function sign(word: Word): HTMLElement {
  return element('span', { class: 'sign', 'aria-hidden': 'true' }, signs[word]);
}

/** The class of a word. */
export function slug(word: string): string {
  return word.replaceAll(/\W+/g, '-');
}
