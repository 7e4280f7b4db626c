import { capitalized } from '../config/capitalized.ts';
import { count } from '../config/count.ts';
import { grouped } from '../config/grouped.ts';
import { printable } from '../config/one-line.ts';
import { sum } from '../config/sum.ts';
import { loggers } from '../evidence/evidence.ts';
import { brokerEndings } from '../logs/rabbitmq-log.ts';
import type { FileKind } from '../logs/recognise.ts';
import { timeWords, zoneWords } from './causes/log-clock.ts';
import type { ProgramDiagnosis } from './causes/program-diagnosis.ts';
import type { Trouble } from './causes/trouble.ts';
import { exampleRow, troubleKinds, troubles } from './causes/troubles.ts';
import type { Diagnosis, SourceDiagnosis } from './diagnosis.ts';
import type { LineRef } from './history/connection-history.ts';
import type { JoinedDrop } from './join/joined-drop.ts';

/** A file that was given, and what became of it. */
export interface FileReport {
  readonly file: string;
  readonly kind: FileKind;
  readonly lines: number;
  readonly unread: number;
  readonly examples: readonly { readonly number: number; readonly text: string }[];
  /** Lines that were cut, or are not UTF-8. */
  readonly odd: number;
  readonly complaint?: string | undefined;
}

/** The first screen has no more lines than this. */
export const FIRST_SCREEN = 20;
const MOST_TROUBLES = 3;
const HOUR_MS = 3_600_000;

/** The first screen: what was found, why, and what to do. A finding is shown whole or not at all. */
export function firstScreen(diagnosis: Diagnosis, files: readonly FileReport[]): string[] {
  const lines = [headline(diagnosis), ...spanLine(diagnosis), ...harmLine(diagnosis)];
  const all = findingsOf(diagnosis);
  let shown = 0;
  for (const finding of all.slice(0, MOST_TROUBLES)) {
    const { shownBy, against } = finding;
    const shortened = { ...finding, shownBy: shownBy.slice(0, 3), because: [], against: against.slice(0, 1) };
    const more = ['', finding.title, ...factLines('  ', shortened)];
    // One line for those that are left out, and one for what was read, each with an empty line above.
    const others = all.length > shown + 1 ? 2 : 0;
    if (lines.length + more.length + others > FIRST_SCREEN - 2) break;
    lines.push(...more);
    shown += 1;
  }
  if (all.length > shown) lines.push('', `${count(all.length - shown, 'other finding')} below`);
  return [...lines, '', readLine(files)];
}

function factLines(indent: string, finding: FindingFacts): string[] {
  const { command } = finding;
  const see = command === undefined ? [] : [['see', command] as const];
  return [...findingFacts(finding), ...see].map(([name, value]) => `${indent}${name.padEnd(9)} ${value}`);
}

/** Everything else: each program, each log, and what could not be read. */
export function details(diagnosis: Diagnosis, files: readonly FileReport[]): string[] {
  return [
    ...diagnosis.programs
      .filter(isOfInterest)
      .flatMap((program) => ['', ...programLines(program, diagnosis.zone)]),
    ...otherProgramsLine(diagnosis),
    ...(diagnosis.troubles.length > 0
      ? ['', 'Of no single program:', ...diagnosis.troubles.flatMap((trouble) => troubleLines(trouble))]
      : []),
    '',
    ...logsLines(diagnosis, files),
  ];
}

/** The clocks and the requests of each log, what RabbitMQ's log lacks, and what could not be read. */
export function logsLines(
  { sources, programs, lowerBounds: [first, ...others], onlyCounted }: Diagnosis,
  files: readonly FileReport[],
): string[] {
  return [
    ...sources.flatMap((source) => sourceLines(source, programs)),
    first &&
      `Lines of RabbitMQ’s log are missing (${[refWords(first), others.length > 0 && `${others.length} more`].filter(Boolean).join(' and ')}): all counts are lower bounds`,
    onlyCounted > 0 &&
      `${count(onlyCounted, 'connection end')} counted but not examined, because there are too many: give logs of a shorter period`,
    ...files.flatMap(fileLines),
  ].filter((line) => typeof line === 'string');
}

/** One sentence that says whether anything was found. */
export function headline(diagnosis: Diagnosis): string {
  const { outcome, programs } = diagnosis;
  const drops = sum(programs, (program) => program.drops);
  const of = programs.filter((program) => program.drops > 0);
  if (drops > 0)
    return `Found: ${count(drops, 'connection')} of ${ownerWords(of)} dropped for missed heartbeats.`;
  if (outcome === 'found') return 'Found: no missed heartbeats, but other troubles.';
  return outcome === 'nothing found'
    ? 'Nothing found: the broker dropped no connection for missed heartbeats.'
    : `Could not tell: ${unreadWords(diagnosis) ?? 'no log that was given shows how connections ended'}.`;
}

/** How many programs there are. Connections without a name may be of any number. */
function ownerWords(programs: readonly ProgramDiagnosis[]): string {
  const named = programs.filter(({ program }) => program !== '').length;
  if (named === programs.length) return count(named, 'program');
  return named === 0 ? 'unknown programs' : `at least ${count(named, 'program')}`;
}

type Unread = Pick<Diagnosis, 'lowerBounds' | 'notRead' | 'incomplete'>;

function unreadWords({ lowerBounds, notRead, incomplete }: Unread): string | undefined {
  if (lowerBounds.length > 0) return 'lines of RabbitMQ’s log are missing';
  const [line] = notRead;
  if (line)
    return `${count(notRead.length, 'line')} may say how a connection ended, and could not be read: ${refWords(line)}`;
  return incomplete.length === 0
    ? undefined
    : `${count(incomplete.length, 'file')} could not be read, or not to the end: ${incomplete[0]}`;
}

/** The time that the brokers' logs cover; empty if it is not known. */
export function spanLine(diagnosis: Diagnosis): string[] {
  const { brokers, from, to, zone, lowerBounds, outcome } = diagnosis;
  if (from === undefined || to === undefined) return [];
  const span = `${count(brokers.length, 'broker')}, ${durationWords(to - from)}: ${timeWords(from, zone)} to ${timeWords(to, zone)}.`;
  const why = lowerBounds.length > 0 || outcome === 'found' ? unreadWords(diagnosis) : undefined;
  return [why === undefined ? span : `${span} ${capitalized(why)}: all counts are lower bounds.`];
}

/** The facts of a finding, which are shown below its title. */
interface FindingFacts extends Pick<Trouble, 'because' | 'against'> {
  readonly shownBy: readonly string[];
  readonly advice: string;
  /** The command that shows the same thing. */
  readonly command: string | undefined;
}

/** A trouble in words. */
export interface Finding extends FindingFacts {
  /** Whose it is, how often, and what: a sentence. */
  readonly title: string;
}

/** The lines that show a trouble, what speaks for and against it, and what to do, by name. */
export function findingFacts({
  shownBy,
  because,
  against,
  advice,
}: FindingFacts): [name: string, value: string][] {
  return [
    ['shown by', shownBy.join(', ')],
    ...because.map((sentence): [string, string] => ['because', sentence]),
    ...against.map((sentence): [string, string] => ['against', sentence]),
    ['do', advice],
  ];
}

function factsOf({ kind, shownBy, because, against }: Trouble, program?: string): FindingFacts {
  const row = exampleRow(kind, program);
  return {
    shownBy: shownBy.map(refWords),
    because,
    against,
    advice: troubles[kind].advice,
    command: row && `npm run table -- -t ${row}`,
  };
}

/** Every trouble in words, the most important first. */
export function findingsOf({ programs, troubles: shared }: Diagnosis): Finding[] {
  const all = [
    ...programs.flatMap((program) =>
      program.troubles.map((trouble) => ({
        trouble,
        of: `${programName(program)}, ${shareWords(trouble)}${count(trouble.of ?? trouble.count, 'connection')}: `,
        program: program.program,
      })),
    ),
    ...shared.map((trouble) => ({ trouble, of: '', program: undefined })),
  ];
  const rank = ({ trouble }: (typeof all)[number]) => troubleKinds.indexOf(trouble.kind);
  return all
    .sort((a, b) => rank(a) - rank(b) || b.trouble.count - a.trouble.count)
    .map(({ trouble, of, program }) => {
      const { title, isHint } = troubles[trouble.kind];
      const sentence = `${isHint ? 'Hint: ' : ''}${of === '' && !isHint ? capitalized(title) : `${of}${title}`}.`;
      return { title: sentence, ...factsOf(trouble, program) };
    });
}

/** `15 of `, if not all of them show it. */
function shareWords({ count: number, of }: Pick<Trouble, 'count' | 'of'>): string {
  return of === undefined ? '' : `${number} of `;
}

function programLines(program: ProgramDiagnosis, zone: Diagnosis['zone']): string[] {
  return [
    programTitle(program),
    ...programFacts(program, zone).map(([name, value]) => `  ${name.padEnd(11)} ${value}`),
    ...program.troubles.flatMap((trouble) => troubleLines(trouble, program.program)),
  ];
}

/** A program in one line. */
export function programTitle(program: ProgramDiagnosis): string {
  const { drops, opened, addresses } = program;
  const where = drops === 0 ? '' : `, in ${processWords(program)}`;
  return `${programName(program)}: ${count(drops, 'drop')}${where}; ${count(opened, 'connection')} opened since the log began; ${addressWords(addresses)}`;
}

/** Processes of several containers or hosts may share an address and a process id, unless their logs tell them apart. */
function processWords({ drops, dropsOfProcess, dropsOfLog }: ProgramDiagnosis): string {
  const known = Object.keys(dropsOfProcess).filter((name) => !name.endsWith(' ?')).length;
  if (known === 0) return 'unknown processes';
  const isExact = sum(Object.values(dropsOfLog), (number) => number) === drops;
  return `${isExact ? '' : 'at least '}${count(known, 'process', 'processes')}`;
}

type WhyUnknown = NonNullable<JoinedDrop['unknown']>;
/** Why it is not known who logged a drop. */
export const unknownLoggerWords: Readonly<Record<WhyUnknown, string>> = {
  'no log of the application': 'no given log is known to belong to this program',
  clocks: 'it is not known how the clocks relate',
  'log does not cover it': 'its log begins later, or ends too early',
  'log has gaps': 'its log has gaps',
  'log has no level INFO': 'its log has no lines at INFO',
  'line missing': 'a line is missing in its log',
  'several logs': 'two logs may belong to it, and they disagree',
};

/** What became of a program's connections, by name. */
export function programFacts(
  program: ProgramDiagnosis,
  zone: Diagnosis['zone'],
): [name: string, value: string][] {
  const { drops, loggedBy, ended } = program;
  const { count: back, medianMs = 0, maxMs = 0 } = program.reconnected;
  const inZone = zone.isKnown ? ` (${zoneWords(zone)})` : ' (as the log has them)';
  const logged = [
    ...loggers.filter((logger) => loggedBy[logger] > 0).map((logger) => `${loggedBy[logger]} by ${logger}`),
    ...Object.entries(program.loggedByUnknown).map(
      ([why, number]) => `${number} unknown (${unknownLoggerWords[why as WhyUnknown]})`,
    ),
  ];
  const isIdle = program.troubles.some(({ kind }) => kind === 'green heartbeat');
  const waiting = isIdle ? '; a process that has no request needs no connection' : '';
  const logs = Object.entries(program.dropsOfLog);
  const ofDrops: [string, string][] = [
    ['log', logs.map(([log, number]) => `${number} of ${log}`).join(', ')],
    ['logged', logged.join(', ')],
    [
      'reconnected',
      back === 0
        ? 'never, as far as the log shows'
        : `${back}, ${durationWords(medianMs)} later (median), ${durationWords(maxMs)} at most${waiting}`,
    ],
    ['by hour', `${hourWords(program.dropsByHour)}${inZone}`],
  ];
  // A program closes many connections in an ordinary day.
  const others = brokerEndings.filter((how) => how !== 'missed heartbeats' && ended[how] > 0);
  const how: [string, string] = [
    'ended',
    others
      .map((end) => `${ended[end]} ${end}${end === 'other' ? exceptionWords(program.exceptions) : ''}`)
      .join(', '),
  ];
  return [...(drops > 0 ? ofDrops : []), how].filter(([, value]) => value !== '');
}

function exceptionWords(exceptions: ProgramDiagnosis['exceptions']): string {
  return exceptions.length === 0 ? '' : ` (${exceptions.join(', ')})`;
}

/** What the requests of all logs suffered, in one line; empty if no log has any. */
function harmLine({ sources }: Diagnosis): string[] {
  const counted = countedOnce(sources);
  const requests = sum(counted, (source) => source.requests);
  if (requests === 0) return [];
  const met =
    sum(counted, (source) => source.slowedByReconnect + source.failedByReconnect) +
    sum(sources, (source) => source.unanswered);
  const known = sources.every(
    (source) => source.requests === 0 || (source.tiedTo !== undefined && !source.isCut),
  );
  return [
    `Of ${count(requests, 'request')}, ${sum(counted, (source) => source.failed)} failed and ${count(
      sum(counted, (source) => source.slow),
      'other',
    )} took a second or more; ${known ? '' : 'at least '}${met} met a dead connection.`,
  ];
}

/** A service and its access logs have the same requests: of both, those that have more. */
function countedOnce(sources: readonly SourceDiagnosis[]): SourceDiagnosis[] {
  const services = grouped(sources, ({ source, tiedTo = source }) => tiedTo);
  const requestsOf = (logs: readonly SourceDiagnosis[]) => sum(logs, ({ requests }) => requests);
  return [...services].flatMap(([service, logs]) => {
    const own = logs.filter(({ source }) => source === service);
    const others = logs.filter(({ source }) => source !== service);
    return requestsOf(own) >= requestsOf(others) ? own : others;
  });
}

/** Programs without a finding, in one line. */
export function otherProgramsLine({ programs }: Diagnosis): string[] {
  const others = programs.filter((program) => !isOfInterest(program));
  if (others.length === 0) return [];
  const opened = sum(others, (program) => program.opened);
  const closed = sum(others, ({ ended }) => ended['closed by the client']);
  const other = sum(others, ({ ended }) => ended.other);
  const exceptions = [...new Set(others.flatMap(({ exceptions }) => exceptions))];
  return [
    '',
    `${count(others.length, 'program')} without a finding: ${opened} opened, ${closed} closed by the client${other > 0 ? `, ${other} ended otherwise${exceptionWords(exceptions)}` : ''}`,
  ];
}

const clockEvents = { ports: 'connection', reconnects: 'reconnect' };

function sourceLines(source: SourceDiagnosis, programs: readonly ProgramDiagnosis[]): string[] {
  const { offset } = source;
  const clock =
    offset === undefined
      ? 'could not tell how its clock relates to the broker’s; give --zone'
      : `${offsetWords(offset.addMs)} (${offset.by === 'zone' ? 'by the zones; no event of both logs confirms it' : `by ${count(offset.events, clockEvents[offset.by])} that both logs have`})`;
  const hasDrops = programs.some(({ drops }) => drops > 0);
  const isJoined = programs.some(({ dropsOfLog }) => source.source in dropsOfLog);
  const whose = hasDrops && !isJoined ? '; no drop could be matched to this log' : '';
  return [`${source.source}: ${clock}${whose}`, ...impactLines(source)];
}

function impactLines(impact: SourceDiagnosis): string[] {
  const { requests, timed, tiedTo, slow, failed, isCut, slowedByReconnect, failedByReconnect, unanswered } =
    impact;
  const atLeast = isCut ? 'at least ' : '';
  if (requests === 0) return [];
  const slowWords = timed === 0 ? 'the log does not say how long they took' : `${slow} took a second or more`;
  const tied =
    tiedTo === undefined
      ? slow + failed > 0
        ? '; could not tell whether they met a dead connection'
        : ''
      : `; ${atLeast}${slowedByReconnect} of the slow and ${failedByReconnect} of the failed met a dead connection${tiedTo === impact.source ? '' : `, according to ${tiedTo}`}`;
  const lost = unanswered > 0 ? `; ${unanswered} met a dead connection and got no answer` : '';
  return [`  ${count(requests, 'request')}: ${slowWords}, ${failed} failed${tied}${lost}`];
}

const MOST_ADDRESSES = 5;

function addressWords(addresses: readonly string[]): string {
  if (addresses.length === 0) return 'from an unknown address';
  const others = addresses.length - MOST_ADDRESSES;
  return `from ${addresses.slice(0, MOST_ADDRESSES).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

function troubleLines(trouble: Trouble, program?: string): string[] {
  const times = `${shareWords(trouble)}${trouble.of ?? trouble.count}`;
  return [`  ${times} × ${troubles[trouble.kind].title}`, ...factLines('    ', factsOf(trouble, program))];
}

function fileLines({ file, kind, lines, unread, examples, odd, complaint }: FileReport): string[] {
  return [
    `${file}: ${kind}, ${count(lines, 'line')}, ${unread} not read${odd > 0 ? `, ${odd} cut or not UTF-8` : ''}`,
    ...(complaint === undefined ? [] : [`  ${complaint}`]),
    // A log's text is not to be trusted with a terminal.
    ...examples.map(({ number, text }) => `  not read: ${number}: ${printable(text)}`),
  ];
}

/** How much was read, and how much of it could not be. */
export function readLine(files: readonly FileReport[]): string {
  const lines = sum(files, (file) => file.lines);
  const unread = sum(files, (file) => file.unread);
  return `Read ${count(files.length, 'file')}, ${count(lines, 'line')}, of which ${unread} could not be read.`;
}

/** Whether anything was found of a program. */
export function isOfInterest({ drops, troubles: own }: ProgramDiagnosis): boolean {
  return drops > 0 || own.length > 0;
}

/** `mod_wsgi (user nova)`. */
export function programName({ program, user }: Pick<ProgramDiagnosis, 'program' | 'user'>): string {
  const name = program === '' ? 'connections without a name' : printable(program);
  return user === undefined ? name : `${name} (user ${printable(user)})`;
}

/** `FILE:LINE`. */
export function refWords({ file, line }: LineRef): string {
  return `${file}:${line}`;
}

/** `9:00 to 10:00: 14, 10:00 to 11:00: 30`: the hours with drops. */
function hourWords(byHour: readonly number[]): string {
  return byHour
    .flatMap((number, hour) => (number === 0 ? [] : `${hour}:00 to ${hour + 1}:00: ${number}`))
    .join(', ');
}

const SAME_CLOCK_MS = 100;

function offsetWords(addMs: number): string {
  return Math.abs(addMs) < SAME_CLOCK_MS
    ? 'on the broker’s clock'
    : `${durationWords(Math.abs(addMs))} ${addMs > 0 ? 'behind' : 'ahead of'} the broker’s clock, zone included`;
}

const MINUTE_MS = 60_000;

/** `0.98 s`, `95 s`, `12 min`, `4.9 h`. */
export function durationWords(ms: number): string {
  if (ms >= 2 * HOUR_MS) return `${(ms / HOUR_MS).toFixed(1)} h`;
  if (ms >= 2 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}
