import { deploymentName } from '../../deployment/deployment.ts';
import { figuresOf } from '../../record/figures.ts';
import type { HeartbeatRecord } from '../../record/record.ts';
import type { Answer } from './page-data.ts';

/** The question that the suite settles. */
export const QUESTION = 'Does Apache’s MPM decide whether an oslo.messaging heartbeat dies?';

/** The article's pair and its controls, in the order in which they are shown side by side. */
const mainTable: readonly string[] = ['prefork 8', 'event 8 × 25', 'prefork 1', 'event 1 × 25'];

/** Rows that show more of the mechanism, if the run has them. */
const controls = {
  notPatched: 'prefork 8, not patched',
  waitsInPython: 'gunicorn 8 × 1 sync',
  oneThread: 'worker 8 × 1',
} as const;

/** A row under a trickle by its name; undefined for other traffic. */
function nameUnderTrickle({ deployment, traffic }: HeartbeatRecord): string | undefined {
  // Production times have another heartbeat.
  return traffic.name === 'trickle' ? deploymentName({ ...deployment, heartbeatSeconds: 1 }) : undefined;
}

/** Which of the four rows of the main table a row is, from 0; undefined for any other. */
export function mainPlace(cell: HeartbeatRecord): number | undefined {
  const place = mainTable.indexOf(nameUnderTrickle(cell) ?? '');
  return place >= 0 ? place : undefined;
}

/** What the four rows of the main table answer to {@link QUESTION}, and what controls add to it. */
export function answerOf(cells: readonly HeartbeatRecord[]): Answer {
  const named = (name: string) => cells.find((cell) => nameUnderTrickle(cell) === name);
  const main = mainTable.flatMap((name) => named(name) ?? []);
  const [preforkMany, eventMany, preforkOne, eventOne] = main;
  if (!preforkMany || !eventMany || !preforkOne || !eventOne) {
    return { word: 'Not asked', because: 'this run does not have the four rows that answer it' };
  }
  if (main.some(({ verdict }) => verdict.kind === 'inconclusive')) {
    return { word: 'Could not tell', because: 'one of the four rows that answer it is inconclusive' };
  }
  const lost = ({ verdict }: HeartbeatRecord) => verdict.kind !== 'clean';
  if (lost(preforkMany) && lost(eventMany) && !lost(preforkOne) && !lost(eventOne)) {
    const sentences = [
      silenceWords([preforkMany, eventMany]),
      'With eight processes the broker drops connections under both MPMs; with one, under neither.',
      keptWords(named(controls.notPatched), named(controls.waitsInPython)),
      loggedWords(preforkMany, eventMany, named(controls.oneThread)),
    ];
    return { word: 'No', because: sentences.filter(Boolean).join(' ') };
  }
  if (lost(preforkMany) && lost(preforkOne) && !lost(eventMany) && !lost(eventOne)) {
    return { word: 'Yes', because: 'prefork lost its connections, and event with as many processes did not' };
  }
  return {
    word: 'Unclear',
    because: 'the four verdicts follow neither the MPM nor the number of processes',
  };
}

/** What kills a connection, by the silence that the broker saw before it dropped one. */
function silenceWords(lost: readonly HeartbeatRecord[]): string {
  const seen = lost.flatMap((cell) => figuresOf(cell)?.silenceAtDrop ?? []);
  const [least, most] = [
    Math.floor(Math.min(...seen.map((silence) => silence.least))),
    Math.ceil(Math.max(...seen.map((silence) => silence.most))),
  ];
  const howLong = seen.length > 0 ? `${least} to ${most} heartbeat intervals` : 'too long';
  return `a connection dies when its process sends nothing on it, no heartbeat and no message, for ${howLong}.`;
}

/** Where connections live under the same traffic. */
function keptWords(
  notPatched: HeartbeatRecord | undefined,
  waitsInPython: HeartbeatRecord | undefined,
): string {
  const kept = [
    notPatched?.verdict.kind === 'clean' && `in processes that are not patched (${controls.notPatched})`,
    waitsInPython?.verdict.kind === 'clean' &&
      `under a server that waits for requests in Python (${controls.waitsInPython})`,
  ].filter(Boolean);
  return kept.length === 0 ? '' : `Connections live ${kept.join(', and ')}.`;
}

/** Who logs it. Only a row with one thread under another MPM shows that this is the threads' doing. */
function loggedWords(
  prefork: HeartbeatRecord,
  event: HeartbeatRecord,
  oneThread: HeartbeatRecord | undefined,
): string {
  const loggers = loggersOf(event);
  if (prefork.verdict.kind !== 'reproduced' || event.verdict.kind !== 'dropped' || loggers === '') return '';
  return oneThread?.verdict.kind === 'reproduced'
    ? `Threads decide who logs it: with one in a process (prefork 8, ${controls.oneThread}) the heartbeat does; with 25 (event 8 × 25), ${loggers}.`
    : `Under prefork, with one thread in a process, the heartbeat logs it; under event, with 25, ${loggers}.`;
}

/** What logged the drops of a row whose heartbeat logged none. */
function loggersOf(cell: HeartbeatRecord): string {
  const { request = 0, nobody = 0 } = figuresOf(cell)?.loggedBy ?? {};
  return [request > 0 && 'a request', nobody > 0 && 'nobody'].filter(Boolean).join(', or ');
}
