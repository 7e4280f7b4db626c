/** Test files in the order in which the story is told, by name; others stand where `…` is. */
const STORY = [
  'heartbeat',
  'truth-table',
  'table-layouts',
  'table-nova',
  'table-services',
  'table-cures',
  'table-servers',
  'table-traffic',
  'table-requests',
  'table-releases',
  'table-brokers',
  'table-faults',
  'table-outages',
  'table-reloads',
  'table-replies',
  'table-tomorrow',
  '…',
  // It must have the machine for itself, and waits until it has.
  'throughput',
];

/** The place of a test file in the story, from 0, by its path. Pure. */
function placeInStory(file: string): number {
  const place = STORY.indexOf(file.replace(/^.*\//, '').replace(/\.test\.ts$/, ''));
  return place === -1 ? STORY.indexOf('…') : place;
}

/** Sorts by a test file's place in the story, then by its path. */
export function asTold(a: string, b: string): number {
  return placeInStory(a) - placeInStory(b) || a.localeCompare(b);
}
