import type { HeartbeatRecord } from '../../verdict/cell-record.ts';
import type { Answer } from './page-data.ts';

/** The question that the suite settles. */
export const QUESTION = 'Does Apache’s MPM decide whether an oslo.messaging heartbeat dies?';

/** The article's pair and its controls, in the order in which they stand side by side. */
const mainTable = [
  { mpm: 'prefork', processes: 8, threads: 1 },
  { mpm: 'event', processes: 8, threads: 25 },
  { mpm: 'prefork', processes: 1, threads: 1 },
  { mpm: 'event', processes: 1, threads: 25 },
] as const;

/** Which of the four cells of the main table a cell is, from 0; undefined for any other. */
export function mainPlace({ deployment: it, scenario }: HeartbeatRecord): number | undefined {
  const ordinary =
    scenario.name === 'trickle' &&
    it.server === 'httpd' &&
    it.wsgi === 'embedded' &&
    it.concurrency === 'eventlet' &&
    it.heartbeatThread === 'green' &&
    it.logging === 'oslo.log' &&
    it.messaging === 'distro' &&
    it.databaseWaitSeconds === 0.01 &&
    it.cpus === undefined &&
    it.extraCpuMs === undefined &&
    it.release === undefined;
  const place = mainTable.findIndex(
    ({ mpm, processes, threads }) => it.mpm === mpm && it.processes === processes && it.threads === threads,
  );
  return ordinary && place >= 0 ? place : undefined;
}

/** What the four cells of the main table say to {@link QUESTION}. Pure; it says nothing that they do not. */
export function answerOf(cells: readonly HeartbeatRecord[]): Answer {
  const main = mainTable.map((_, place) => cells.find((cell) => mainPlace(cell) === place)?.verdict.kind);
  const [preforkMany, eventMany, preforkOne, eventOne] = main;
  if (main.includes(undefined)) {
    return { word: 'Not asked', because: 'this run does not have the four cells that answer it' };
  }
  if (main.includes('inconclusive')) {
    return { word: 'Could not tell', because: 'one of the four cells that answer it is inconclusive' };
  }
  const lost = (kind: string | undefined) => kind !== 'clean';
  if (lost(preforkMany) && lost(eventMany) && !lost(preforkOne) && !lost(eventOne)) {
    return {
      word: 'No',
      because: `how many processes share the traffic decides. ${logs(preforkMany, eventMany)}`,
    };
  }
  if (lost(preforkMany) && lost(preforkOne) && !lost(eventMany) && !lost(eventOne)) {
    return { word: 'Yes', because: 'prefork lost its connections and event did not, with as many processes' };
  }
  return { word: 'Not alone', because: 'the four cells follow neither the MPM nor the number of processes' };
}

function logs(prefork: string | undefined, event: string | undefined): string {
  const both = 'With eight the broker drops connections under either MPM, with one under neither';
  return prefork === 'reproduced' && event === 'silent' ? `${both}; only prefork logs it.` : `${both}.`;
}
