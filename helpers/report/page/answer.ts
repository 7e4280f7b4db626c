import { deploymentName } from '../../deployment/deployment.ts';
import type { HeartbeatRecord } from '../../verdict/cell-record.ts';
import { countTellers } from '../../verdict/tellers.ts';
import type { Answer } from './page-data.ts';

/** The question that the suite settles. */
export const QUESTION = 'Does Apache’s MPM decide whether an oslo.messaging heartbeat dies?';

/** The article's pair and its controls, in the order in which they stand side by side. */
const mainTable = ['prefork 8', 'event 8 × 25', 'prefork 1', 'event 1 × 25'];

/** Which of the four cells of the main table a cell is, from 0; undefined for any other. */
export function mainPlace({ deployment, scenario }: HeartbeatRecord): number | undefined {
  // At production times the heartbeat is another one.
  const place = mainTable.indexOf(deploymentName({ ...deployment, heartbeatSeconds: 1 }));
  return scenario.name === 'trickle' && place >= 0 ? place : undefined;
}

/** What the four cells of the main table say to {@link QUESTION}. Pure; it says nothing that they do not. */
export function answerOf(cells: readonly HeartbeatRecord[]): Answer {
  const main = mainTable.flatMap((_, place) => cells.find((cell) => mainPlace(cell) === place) ?? []);
  const [preforkMany, eventMany, preforkOne, eventOne] = main;
  if (!preforkMany || !eventMany || !preforkOne || !eventOne) {
    return { word: 'Not asked', because: 'this run does not have the four cells that answer it' };
  }
  if (main.some(({ verdict }) => verdict.kind === 'inconclusive')) {
    return { word: 'Could not tell', because: 'one of the four cells that answer it is inconclusive' };
  }
  const lost = ({ verdict }: HeartbeatRecord) => verdict.kind !== 'clean';
  if (lost(preforkMany) && lost(eventMany) && !lost(preforkOne) && !lost(eventOne)) {
    return {
      word: 'No',
      because: `how many processes share the traffic decides. ${tells(preforkMany, eventMany)}`,
    };
  }
  if (lost(preforkMany) && lost(preforkOne) && !lost(eventMany) && !lost(eventOne)) {
    return { word: 'Yes', because: 'prefork lost its connections and event did not, with as many processes' };
  }
  return { word: 'Not alone', because: 'the four cells follow neither the MPM nor the number of processes' };
}

function tells(prefork: HeartbeatRecord, event: HeartbeatRecord): string {
  const both = 'With eight the broker drops connections under either MPM, with one under neither';
  const who = wordsOf(event);
  return prefork.verdict.kind === 'reproduced' && event.verdict.kind === 'dropped' && who
    ? `${both}; under prefork the heartbeat tells of it, under event ${who}.`
    : `${both}.`;
}

/** Who told of the drops of a cell in which no heartbeat did. */
function wordsOf({ evidence }: HeartbeatRecord): string {
  const { request, nobody } = countTellers(evidence?.brokerDrops ?? []);
  return [request > 0 && 'the request', nobody > 0 && 'nobody'].filter(Boolean).join(', or ');
}
