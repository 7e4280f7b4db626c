import { clusterTrouble, ofCluster } from './causes/cluster-trouble.ts';
import type { LogZone } from './causes/log-clock.ts';
import { type ProgramDiagnosis, programDiagnosis } from './causes/program-diagnosis.ts';
import { ofLookalikes, ofLosses, ofStandstills } from './causes/shared-troubles.ts';
import { backTogether, standstills } from './causes/standstill.ts';
import type { Trouble } from './causes/trouble.ts';
import { troubles } from './causes/troubles.ts';
import { type ApplicationHistory, votedZoneMs } from './history/application-history.ts';
import type { LineRef } from './history/connection-history.ts';
import type { Histories } from './history/histories.ts';
import {
  type TiedAccessLog,
  type TimedApplication,
  tiedAccessLogs,
  withAccessLogs,
} from './join/access-logs.ts';
import { type ClockOffset, clockOffset } from './join/clock-offset.ts';
import { type Impact, impactOf } from './join/impact.ts';
import { type Joined, join } from './join/joined-drop.ts';
import { inThreadOptions, type SourceOption } from './join/source-options.ts';

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
  /** Troubles that belong to no single program. */
  readonly troubles: readonly Trouble[];
  readonly sources: readonly SourceDiagnosis[];
  readonly brokers: readonly string[];
  /** Lines in which RabbitMQ, journald or rsyslog says that it left lines out. If there are any, all counts are lower bounds. */
  readonly lowerBounds: readonly LineRef[];
  /** Lines in an unknown form that might say how a connection ended, and closing lines without a reason. All counts are lower bounds. */
  readonly notRead: readonly LineRef[];
  /** Files of which not everything could be read. */
  readonly incomplete: readonly string[];
  /** Ends of connections that were only counted, because there were too many to look at each. */
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
  readonly accessLogs: readonly TiedAccessLog[];
  readonly joined: Joined;
  /** The zone in which times are printed. */
  readonly zone: LogZone;
}

/** Joins what both sides logged. */
export function joinedLogs(histories: Histories): JoinedLogs {
  histories.end();
  const { broker, applications, zoneMs } = histories;
  const known = zoneMs ?? broker.zoneMs;
  const timed = [...applications.all.values()].map((history) => ({
    history,
    offset: clockOffset(history, broker, zoneAhead(history, histories)),
  }));
  const accessLogs = tiedAccessLogs(timed);
  const services = timed.map(({ history, offset }) => ({
    history: withAccessLogs(history, accessLogs),
    offset,
  }));
  const zone = { aheadMs: known ?? 0, isKnown: known !== undefined };
  return { applications: timed, accessLogs, joined: join(broker, services), zone };
}

/** Concludes from the logs of brokers and applications. */
export function diagnose(histories: Histories, logs = joinedLogs(histories)): Diagnosis {
  const { broker, applications } = histories;
  const { applications: timed, accessLogs, joined, zone } = logs;
  const cut = timed.filter(({ history }) => history.hasMoreMoments).map(({ history }) => history.source);
  const incomplete = [...histories.incomplete, ...cut];
  const together = standstills(broker.drops);
  const inThread = new Map<string, SourceOption[]>();
  for (const application of timed) {
    const { source } = application.history;
    inThread.set(source, [...(inThread.get(source) ?? []), ...inThreadOptions(application)]);
  }
  const ofStandstill = new Set(together.flatMap(({ drops }) => drops));
  const cluster = ofCluster(broker, joined.alone);
  const lookalikes = ofLookalikes(broker, applications, inThread);
  const surroundings = {
    broker,
    joined: joined.drops,
    ofStandstill,
    ofCluster: cluster.drops,
    backTogether: backTogether(broker.drops),
    hasSharedSockets: lookalikes.some(({ kind }) => kind === 'shared socket'),
    zone,
    inThread,
  };
  const programs = [...broker.programs.values()].map((program) => programDiagnosis(program, surroundings));
  const shared = [
    ...ofStandstills(together, zone),
    ...clusterTrouble(cluster, broker, zone),
    ...ofLosses(broker, joined, cluster, zone),
    ...lookalikes,
  ];
  return {
    outcome: outcomeOf({ broker, incomplete }, programs, shared),
    programs,
    troubles: shared,
    sources: timed.map(({ history, offset }) => ({
      source: history.source,
      offset,
      ...impactOf(history, accessLogs),
    })),
    brokers: [...broker.brokers],
    lowerBounds: broker.missingLines().map(({ ref }) => ref),
    notRead: broker.momentsOf('not read').map(({ ref }) => ref),
    incomplete,
    onlyCounted: broker.notKept,
    from: broker.first,
    to: broker.last,
    zone,
  };
}

/** How far an application's times, as they were read, are ahead of UTC; undefined: its zone or the broker's is not known. */
function zoneAhead(
  history: ApplicationHistory,
  { broker, zoneMs }: Pick<Histories, 'broker' | 'zoneMs'>,
): number | undefined {
  // Times without a zone are read as UTC, which they may not be.
  const isOfBrokerKnown = zoneMs !== undefined || broker.zoneMs !== undefined || broker.brokers.size === 0;
  if (!isOfBrokerKnown) return undefined;
  return history.isZoned ? 0 : (zoneMs ?? votedZoneMs(history));
}

function outcomeOf(
  { broker, incomplete }: Pick<Histories, 'broker'> & Pick<Diagnosis, 'incomplete'>,
  programs: readonly ProgramDiagnosis[],
  shared: readonly Trouble[],
): Diagnosis['outcome'] {
  if (programs.some(({ drops }) => drops > 0)) return 'found';
  const kinds = [...shared, ...programs.flatMap((program) => program.troubles)]
    .map(({ kind }) => kind)
    .filter((kind) => !troubles[kind].isHint);
  if (kinds.some((kind) => kind !== 'unexplained loss')) return 'found';
  const isWhole =
    incomplete.length === 0 && [...broker.missingLines(), ...broker.momentsOf('not read')].length === 0;
  if (kinds.length > 0 || !isWhole) return 'could not tell';
  return broker.brokers.size > 0 && broker.programs.size > 0 ? 'nothing found' : 'could not tell';
}
