import { deploymentName } from '../../deployment/deployment.ts';
import { figuresOf } from '../../record/figures.ts';
import type { HeartbeatRecord } from '../../record/record.ts';
import type { Answer } from './page-data.ts';

/** The question that the suite settles. */
export const QUESTION = 'Does Apache’s MPM decide whether an oslo.messaging heartbeat dies?';

/** The article's pair and its controls, in the order in which they are shown side by side. */
const mainTable = ['prefork 8', 'event 8 × 25', 'prefork 1', 'event 1 × 25'];

/** Which of the four rows of the main table a row is, from 0; undefined for any other. */
export function mainPlace({ deployment, traffic }: HeartbeatRecord): number | undefined {
  // Production times have another heartbeat.
  const place = mainTable.indexOf(deploymentName({ ...deployment, heartbeatSeconds: 1 }));
  return traffic.name === 'trickle' && place >= 0 ? place : undefined;
}

/** What the four rows of the main table answer to {@link QUESTION}. */
export function answerOf(cells: readonly HeartbeatRecord[]): Answer {
  const main = mainTable.flatMap((_, place) => cells.find((cell) => mainPlace(cell) === place) ?? []);
  const [preforkMany, eventMany, preforkOne, eventOne] = main;
  if (!preforkMany || !eventMany || !preforkOne || !eventOne) {
    return { word: 'Not asked', because: 'this run does not have the four rows that answer it' };
  }
  if (main.some(({ verdict }) => verdict.kind === 'inconclusive')) {
    return { word: 'Could not tell', because: 'one of the four rows that answer it is inconclusive' };
  }
  const lost = ({ verdict }: HeartbeatRecord) => verdict.kind !== 'clean';
  if (lost(preforkMany) && lost(eventMany) && !lost(preforkOne) && !lost(eventOne)) {
    return {
      word: 'No',
      because: `it depends on how many processes share the traffic. ${loggedWords(preforkMany, eventMany)}`,
    };
  }
  if (lost(preforkMany) && lost(preforkOne) && !lost(eventMany) && !lost(eventOne)) {
    return { word: 'Yes', because: 'prefork lost its connections, and event with as many processes did not' };
  }
  return {
    word: 'Not alone',
    because: 'the four verdicts follow neither the MPM nor the number of processes',
  };
}

function loggedWords(prefork: HeartbeatRecord, event: HeartbeatRecord): string {
  const both = 'With eight, the broker drops connections under both MPMs; with one, under neither';
  const loggers = loggersOf(event);
  return prefork.verdict.kind === 'reproduced' && event.verdict.kind === 'dropped' && loggers
    ? `${both}. Under prefork the heartbeat logs the drops, under event ${loggers}.`
    : `${both}.`;
}

/** What logged the drops of a row whose heartbeat logged none. */
function loggersOf(cell: HeartbeatRecord): string {
  const { request = 0, nobody = 0 } = figuresOf(cell)?.loggedBy ?? {};
  return [request > 0 && 'a request', nobody > 0 && 'nobody'].filter(Boolean).join(', or ');
}
