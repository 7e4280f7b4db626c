import { sum } from '../../config/sum.ts';
import type { ProgramDiagnosis } from '../../diagnosis/causes/program-diagnosis.ts';
import type { TroubleKind } from '../../diagnosis/causes/troubles.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { parseBrokerLog, SUITE_CONNECTION } from '../../evidence/broker-log.ts';
import { type Evidence, loggers } from '../../evidence/evidence.ts';
import { isHeartbeat, type RowRecord } from '../../record/record.ts';
import type { FaultName } from '../../rows/fault-name.ts';
import { countLoggedBy } from '../../verdict/logged-by.ts';
import { tableOfMarkdown } from '../text/markdown.ts';

/** What a diagnosis says of a cell, compared with what the suite found. */
export const facts = ['drops of each process', 'logged by', 'verdict', 'cause', 'slowed requests'] as const;
type Fact = (typeof facts)[number];

const answers = ['right', 'could not tell', 'wrong'] as const;
type Answer = (typeof answers)[number];

/** One fact of a cell, and how the diagnosis of its logs did. */
export interface Compared {
  readonly id: string;
  readonly fact: Fact;
  readonly answer: Answer;
  /** What was found, and what the suite says. */
  readonly words: string;
}

/** A cell with its evidence. */
export type EvidentRow = Pick<RowRecord, 'id' | 'verdict' | 'fault' | 'traffic' | 'kind'> & {
  readonly evidence: Evidence;
};

/**
 * The user of a cell's connections, by the names that the suite saw. Undefined if the log has none of them: then it is
 * of another run, unless the cell opened no connection.
 */
export function userOf(
  { connections, brokerDrops }: Pick<Evidence, 'connections' | 'brokerDrops'>,
  brokerLog: readonly string[],
): string | undefined {
  const names = new Set([
    ...connections.all.map(({ name }) => name),
    ...brokerDrops.map(({ connection }) => connection),
  ]);
  return parseBrokerLog(brokerLog).find(({ name }) => names.has(name))?.user;
}

/** Compares the diagnosis of a cell's two logs with what the suite found. */
export function comparedWithLogs(row: EvidentRow, diagnosis: Diagnosis, user: string): Compared[] {
  const programs = diagnosis.programs.filter(
    (program) => program.user === user && !program.program.startsWith(SUITE_CONNECTION),
  );
  const all = [
    ofProcesses(row, diagnosis, programs),
    ofLoggers(row, programs),
    ofVerdict(row, programs),
    ofCause(row, diagnosis, programs),
    ofImpact(row, diagnosis),
  ];
  return all.flatMap((answer, index) =>
    answer ? [{ id: row.id, fact: facts[index] as Fact, ...answer }] : [],
  );
}

type Judged = Pick<Compared, 'answer' | 'words'>;

function ofProcesses(
  { evidence: { brokerDrops } }: EvidentRow,
  { lowerBounds }: Diagnosis,
  programs: readonly ProgramDiagnosis[],
): Judged {
  const truth: Record<string, number> = {};
  for (const { pid } of brokerDrops) truth[`${pid}`] = (truth[`${pid}`] ?? 0) + 1;
  const found: Record<string, number> = {};
  for (const [process, drops] of programs.flatMap(({ dropsOfProcess }) => Object.entries(dropsOfProcess))) {
    const [, pid = '?'] = process.split(' ');
    found[pid] = (found[pid] ?? 0) + drops;
  }
  const pids = [...new Set([...Object.keys(truth), ...Object.keys(found)])].sort();
  const words = (of: Record<string, number>) => pids.map((pid) => `${pid}: ${of[pid] ?? 0}`).join(', ');
  const isSame = pids.every((pid) => truth[pid] === found[pid]);
  const isLess = pids.every((pid) => (found[pid] ?? 0) <= (truth[pid] ?? 0));
  return {
    answer: isSame ? 'right' : isLess && lowerBounds.length > 0 ? 'could not tell' : 'wrong',
    words: `found ${words(found)}; the suite ${words(truth)}`,
  };
}

/** Undefined if the cell has no drop. */
function ofLoggers(
  { evidence: { brokerDrops } }: EvidentRow,
  programs: readonly ProgramDiagnosis[],
): Judged | undefined {
  if (brokerDrops.length === 0) return undefined;
  const truth = countLoggedBy(brokerDrops);
  const found = (logger: (typeof loggers)[number]) => sum(programs, ({ loggedBy }) => loggedBy[logger]);
  const isMore = loggers.some((logger) => found(logger) > truth[logger]);
  const isSame = loggers.every((logger) => found(logger) === truth[logger]);
  const whys = programs.flatMap(({ loggedByUnknown }) => Object.entries(loggedByUnknown));
  const unknown = whys.map(([why, drops]) => `${drops} ${why}`);
  return {
    answer: isMore ? 'wrong' : isSame ? 'right' : 'could not tell',
    words: [
      `found ${loggers.map((logger) => `${logger} ${found(logger)}`).join(', ')}`,
      ...unknown,
      `the suite ${loggers.map((logger) => `${logger} ${truth[logger]}`).join(', ')}`,
    ].join('; '),
  };
}

/**
 * Undefined if the cell could not be judged, or had a fault: the verdict is then about recovery, not about the
 * heartbeat.
 */
function ofVerdict(row: EvidentRow, programs: readonly ProgramDiagnosis[]): Judged | undefined {
  const { kind } = row.verdict;
  if (!isHeartbeat(row as RowRecord) || kind === 'inconclusive') return undefined;
  const drops = sum(programs, (program) => program.drops);
  const unknown = sum(
    programs.flatMap(({ loggedByUnknown }) => Object.values(loggedByUnknown)),
    (drops) => drops,
  );
  const ofHeartbeat = sum(programs, ({ heartbeatLines }) => heartbeatLines);
  const found = drops === 0 ? 'clean' : ofHeartbeat > 0 ? 'reproduced' : unknown > 0 ? undefined : 'dropped';
  return {
    answer: found === undefined ? 'could not tell' : found === kind ? 'right' : 'wrong',
    words: `found ${found ?? 'dropped, and perhaps logged'}; the suite ${kind}`,
  };
}

const HEARTBEAT: TroubleKind = 'green heartbeat';

/** What a fault of the broker or its network must be found as. */
const ofFault: Readonly<Partial<Record<FaultName, TroubleKind>>> = {
  'broker down': 'broker restart',
  'network silent': 'network',
};

/**
 * Compares the cause that the diagnosis found with the cause that the suite knows. Without a fault, only a green
 * heartbeat that stood still makes the broker drop a connection. A native heartbeat never stops because no requests
 * arrive, whatever the fault.
 */
function ofCause(
  { evidence: { brokerDrops, server, connections }, fault }: EvidentRow,
  { troubles }: Diagnosis,
  programs: readonly ProgramDiagnosis[],
): Judged | undefined {
  const kinds = [...programs.flatMap((program) => program.troubles), ...troubles].map(({ kind }) => kind);
  const threads = server.processes.flatMap(({ connections }) =>
    connections.map((connection) => connection.heartbeatThread),
  );
  // Before oslo.messaging 14.0.3, a process does not report its connection for replies, whose heartbeat is green.
  const isEachReported = new Set(connections.all.map(({ name }) => name)).size <= threads.length;
  const mayBeGreen =
    server.processes.some(({ patched }) => patched) && (threads.includes('green') || !isEachReported);
  const found = kinds.length === 0 ? 'found nothing' : `found ${kinds.join(', ')}`;
  if (!mayBeGreen && kinds.includes(HEARTBEAT))
    return { answer: 'wrong', words: `${found}; it is not green` };
  const ofDrops = brokerDrops.length > 0 ? HEARTBEAT : 'no drop';
  const truth = fault === undefined ? ofDrops : ofFault[fault];
  if (truth === undefined) return undefined;
  const words = `${found}; the suite ${truth}`;
  const isRight = truth === 'no drop' ? !kinds.includes(HEARTBEAT) : kinds.includes(truth);
  if (isRight) return { answer: 'right', words };
  return { answer: kinds.includes('unexplained drop') ? 'could not tell' : 'wrong', words };
}

/** Undefined if the application's log has no requests. */
function ofImpact({ evidence: { requests } }: EvidentRow, { sources }: Diagnosis): Judged | undefined {
  if (sources.every((source) => source.requests === 0)) return undefined;
  const found = sum(sources, ({ slowedByReconnect }) => slowedByReconnect);
  const truth = requests.slowedMs.length;
  return {
    answer: found === truth ? 'right' : found < truth ? 'could not tell' : 'wrong',
    words: `found ${found}; the suite ${truth}`,
  };
}

/** The table of agreement, as Markdown. */
export function agreementMarkdown(all: readonly Compared[]): string[] {
  const cells = new Set(all.map(({ id }) => id)).size;
  const rows = facts.map((fact) => {
    const of = all.filter((row) => row.fact === fact);
    return [
      fact,
      ...[of, ...answers.map((answer) => of.filter((row) => row.answer === answer))].map(
        (list) => `${list.length}`,
      ),
    ];
  });
  return [
    `${cells} cells, each diagnosed from its two logs alone.`,
    '',
    ...tableOfMarkdown([['what', 'cells', ...answers], ...rows]),
  ];
}

/** The facts that the diagnosis got wrong, or could not tell, a line each. */
export function notRight(all: readonly Compared[]): string[] {
  return all
    .filter(({ answer }) => answer !== 'right')
    .map(({ id, fact, answer, words }) => `${id}, ${fact}: ${answer}: ${words}`);
}
