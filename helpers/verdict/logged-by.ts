import { type Drop, type LoggedBy, loggers } from '../evidence/evidence.ts';

/** How many drops the heartbeat, a request and nobody logged first. */
export function countLoggedBy(drops: readonly Pick<Drop, 'loggedBy'>[]): Readonly<Record<LoggedBy, number>> {
  const count = (logger: LoggedBy) => drops.filter((drop) => drop.loggedBy === logger).length;
  return { heartbeat: count('heartbeat'), request: count('request'), nobody: count('nobody') };
}

/** What logged the drops: ` (24 logged by heartbeat, 2 by nobody)`; an empty string for no drops. */
export function loggedByWords(counts: Readonly<Record<LoggedBy, number>>): string {
  const words = loggers
    .filter((logger) => counts[logger] > 0)
    .map((logger, index) => `${counts[logger]} ${index === 0 ? 'logged ' : ''}by ${logger}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}
