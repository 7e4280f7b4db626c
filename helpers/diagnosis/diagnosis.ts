import { votedZoneMs } from './application-history.ts';
import type { BrokerHistory } from './broker-history.ts';
import { type ClockOffset, clockOffset } from './clock-offset.ts';
import type { LineRef } from './connection-history.ts';
import type { Histories } from './histories.ts';
import { type Impact, impactOf } from './impact.ts';
import { type Joined, type JoinedDrop, join, type TimedApplication } from './joined-drop.ts';
import type { LogZone } from './log-clock.ts';
import { type ProgramDiagnosis, type ProgramKey, programDiagnosis } from './program-diagnosis.ts';
import { neighbours, ofLosses, ofStandstills } from './shared-troubles.ts';
import { inThreadOption } from './source-options.ts';
import { standstills } from './standstill.ts';
import type { Trouble } from './trouble.ts';
import { troubles } from './troubles.ts';

/** How the log of one application relates to the broker's clock, and what its requests show. */
export interface SourceDiagnosis extends Impact {
  readonly source: string;
  readonly offset: ClockOffset | undefined;
}

export const outcomes = ['found', 'nothing found', 'could not tell'] as const;

/** Everything that the logs say. */
export interface Diagnosis {
  readonly outcome: (typeof outcomes)[number];
  readonly programs: readonly ProgramDiagnosis[];
  /** What belongs to no program. */
  readonly troubles: readonly Trouble[];
  readonly sources: readonly SourceDiagnosis[];
  readonly brokers: readonly string[];
  /** Where RabbitMQ says that it left lines out: all counts are lower bounds. */
  readonly lowerBounds: readonly LineRef[];
  /** Lines that may say how a connection ended, in a form that is not known. All counts are lower bounds. */
  readonly notRead: readonly LineRef[];
  /** Files of which not everything could be read. */
  readonly incomplete: readonly string[];
  /** Ends of connections that were counted, and too many to be looked at one by one. */
  readonly onlyCounted: number;
  /** The time that the broker's log covers, milliseconds since the epoch. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** The zone of hours, and of times in words. */
  readonly zone: LogZone;
}

/** The logs of brokers and applications, either of which may be missing, and what belongs together in them. */
export interface JoinedLogs {
  readonly applications: readonly TimedApplication[];
  readonly joined: Joined;
  /** The zone in which people are told times. */
  readonly zone: LogZone;
}

/** Joins what both sides logged. */
export function joinedLogs(histories: Histories): JoinedLogs {
  histories.end();
  const { broker, applications, zoneMs } = histories;
  const known = zoneMs ?? broker.zoneMs;
  const timed = [...applications.all.values()].map((history) => ({
    history,
    offset: clockOffset(history, broker, history.isZoned ? 0 : (zoneMs ?? votedZoneMs(history))),
  }));
  const zone = { aheadMs: known ?? 0, isKnown: known !== undefined };
  return { applications: timed, joined: join(broker, timed), zone };
}

/** Concludes from the logs of brokers and applications. */
export function diagnose(histories: Histories, logs = joinedLogs(histories)): Diagnosis {
  const { broker, applications, incomplete } = histories;
  const { applications: timed, joined, zone } = logs;
  const together = standstills(broker.drops);
  const inThread = new Map(
    timed.flatMap(({ history }) => {
      const option = inThreadOption(history);
      return option ? [[history.source, option] as const] : [];
    }),
  );
  const ofStandstill = new Set(together.flatMap(({ drops }) => drops));
  const surroundings = { broker, joined: joined.drops, ofStandstill, zone, inThread };
  const programs = programsOf(broker, joined.drops).map((it) => programDiagnosis(it, surroundings));
  const shared = [
    ...ofStandstills(together, zone),
    ...ofLosses(broker, joined, zone),
    ...neighbours(broker, applications, inThread),
  ];
  return {
    outcome: outcomeOf(histories, programs, shared),
    programs,
    troubles: shared,
    sources: timed.map(({ history, offset }) => ({ source: history.source, offset, ...impactOf(history) })),
    brokers: [...broker.brokers],
    lowerBounds: broker.momentsOf('log lines dropped').map(({ ref }) => ref),
    notRead: broker.momentsOf('not read').map(({ ref }) => ref),
    incomplete,
    onlyCounted: broker.notKept,
    from: broker.first,
    to: broker.last,
    zone,
  };
}

function outcomeOf(
  { broker, incomplete }: Pick<Histories, 'broker' | 'incomplete'>,
  programs: readonly ProgramDiagnosis[],
  shared: readonly Trouble[],
): Diagnosis['outcome'] {
  if (programs.some(({ drops }) => drops > 0)) return 'found';
  const kinds = [...shared, ...programs.flatMap((program) => program.troubles)]
    .map(({ kind }) => kind)
    .filter((kind) => !troubles[kind].isHint);
  if (kinds.some((kind) => kind !== 'unexplained loss')) return 'found';
  if (kinds.length > 0 || incomplete.length > 0 || broker.momentsOf('not read').length > 0)
    return 'could not tell';
  return broker.brokers.size > 0 && broker.programs.size > 0 ? 'nothing found' : 'could not tell';
}

function programsOf(broker: BrokerHistory, drops: readonly JoinedDrop[]): ProgramKey[] {
  const keys = new Map<string, ProgramKey>();
  for (const { program, user } of [
    ...broker.programs.values(),
    ...drops.map(({ drop }) => drop),
    ...broker.otherEnds,
  ]) {
    keys.set(`${program}\n${user ?? ''}`, { program, user });
  }
  return [...keys.values()];
}
