import { type Drop, type Teller, tellers } from '../evidence/evidence.ts';

/** How many drops each of them told of first. Pure. */
export function countTellers(drops: readonly Pick<Drop, 'teller'>[]): Readonly<Record<Teller, number>> {
  const count = (teller: Teller) => drops.filter((drop) => drop.teller === teller).length;
  return { heartbeat: count('heartbeat'), request: count('request'), nobody: count('nobody') };
}

/** Who told of them: ` (24 told by heartbeat, 2 by nobody)`; nothing where there are none. */
export function tellersWords(drops: readonly Pick<Drop, 'teller'>[]): string {
  const counts = countTellers(drops);
  const words = tellers
    .filter((teller) => counts[teller] > 0)
    .map((teller, index) => `${counts[teller]} ${index === 0 ? 'told ' : ''}by ${teller}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}
