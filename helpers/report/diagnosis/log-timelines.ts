import { count } from '../../config/count.ts';
import type { JoinedLogs } from '../../diagnosis/diagnosis.ts';
import { refWords } from '../../diagnosis/diagnosis-words.ts';
import type { ApplicationHistory } from '../../diagnosis/history/application-history.ts';
import { type BrokerHistory, MOST_KEPT } from '../../diagnosis/history/broker-history.ts';
import type { ClockOffset } from '../../diagnosis/join/clock-offset.ts';
import { countLoggedBy, loggedByWords } from '../../verdict/logged-by.ts';
import type { LogTimeline } from '../page/diagnosis-page-data.ts';
import type { EventLane, MarkKind } from '../page/timeline-data.ts';
import { eventsOf } from './log-events.ts';
import { type DrawnLane, type Frame, processLane } from './log-lanes.ts';
import { type LoggedProcess, type ProcessGroup, processGroups } from './log-processes.ts';

/** The timelines of somebody's logs, and what they do not show. */
export interface LogTimelines {
  readonly timelines: readonly LogTimeline[];
  readonly notDrawn: readonly string[];
}

/**
 * More of these make the page slow and unreadable. `uneventful`: timelines without an event are drawn only until this
 * many timelines are drawn in total.
 */
const MOST = { timelines: 12, uneventful: 4, processes: 16, events: 1500 } as const;

/** Draws logs: those with most drops first. */
export function logTimelines(broker: BrokerHistory, logs: JoinedLogs): LogTimelines {
  const groups = processGroups(broker, logs)
    .map(({ title, processes }) => ({ title, processes: processes.toSorted((a, b) => inWeight([a], [b])) }))
    .sort((a, b) => inWeight(a.processes, b.processes));
  const eventful = groups.filter((group) => eventTimes(group).length > 0).length;
  const drawn = groups.slice(0, Math.min(MOST.timelines, Math.max(eventful, MOST.uneventful)));
  const uneventful = groups.length - Math.max(eventful, drawn.length);
  const { from, to, isCut } = spanOf(broker, drawn);
  const shown = (at: number) => at + logs.zone.aheadMs;
  const words = (at: number) => new Date(shown(at)).toISOString().replace('T', ' ').slice(0, 23);
  const frame = { broker, from, to, shown, words };
  return {
    timelines: drawn.map((group) => timelineOf(group, frame)),
    notDrawn: [
      ...(isCut
        ? [`everything after ${words(to)}, because too much comes before: give logs of a shorter period`]
        : []),
      ...(eventful > drawn.length ? [`${count(eventful - drawn.length, 'timeline')} with fewer drops`] : []),
      ...(uneventful > 0 ? [`${count(uneventful, 'timeline')} without an event`] : []),
      ...notKept(broker, words),
      ...logs.applications.flatMap(({ history, offset }) => notDrawnOf(history, offset, broker)),
    ],
  };
}

/** What the broker's log has, and was not kept. */
function notKept({ notKept: ends, openings }: BrokerHistory, words: Frame['words']): string[] {
  const last = openings[MOST_KEPT - 1];
  return [
    ...(ends > 0 ? [`${count(ends, 'end')} of connections, which were only counted`] : []),
    ...(last ? [`connections that were opened after ${words(last.at)}, unless the broker dropped them`] : []),
  ];
}

/** What an application's log has, and was not kept or has no time that can be compared. */
function notDrawnOf(
  { source, moments, requests }: ApplicationHistory,
  offset: ClockOffset | undefined,
  { brokers }: BrokerHistory,
): string[] {
  if (!offset && brokers.size > 0)
    return [`${source}: could not tell how its clock relates to the broker’s; give --zone`];
  const isFull = [moments, ...requests.values()].some((all) => all.length >= MOST_KEPT);
  return isFull ? [`${source}: lines, or requests of a process, after the first ${MOST_KEPT}`] : [];
}

/** Orders processes by what was logged of them: the first list that is longer decides. */
function inWeight(a: readonly LoggedProcess[], b: readonly LoggedProcess[]): number {
  const lists = ['drops', 'lines', 'otherEnds', 'requests'] as const;
  const count = (all: readonly LoggedProcess[], list: (typeof lists)[number]) =>
    all.reduce((sum, process) => sum + process[list].length, 0);
  return lists.map((list) => count(b, list) - count(a, list)).find((difference) => difference !== 0) ?? 0;
}

function eventTimes({ processes }: ProcessGroup): number[] {
  return processes.flatMap(({ drops, otherEnds, lines }) => [
    ...drops.map(({ drop }) => drop.endedAt),
    ...otherEnds.map(({ endedAt }) => endedAt),
    ...lines.map(({ at }) => at),
  ]);
}

/** The time to draw: from the first known time to the last, or to the last event that can be drawn. */
function spanOf(broker: BrokerHistory, groups: readonly ProcessGroup[]) {
  const { first, last } = broker;
  const processes = groups.flatMap((group) => group.processes);
  const events = groups.flatMap(eventTimes).sort((a, b) => a - b);
  const known = [first, last, events[0], events.at(-1)].filter((at) => at !== undefined);
  const all =
    known.length > 0
      ? known
      : processes.flatMap(({ requests, notable }) => [...requests, ...notable.map(({ to }) => to)]);
  const [from, to] = all.reduce(([least, most], at) => [Math.min(least, at), Math.max(most, at)] as const, [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as const);
  // A full list has no later ends of connections, so all connections would seem to live on after it.
  const full = [broker.drops, broker.otherEnds].filter((ends) => ends.length >= MOST_KEPT);
  const limits = [events[MOST.events - 1], ...full.map((ends) => ends.at(-1)?.endedAt)];
  const end = Math.min(to, ...limits.filter((at) => at !== undefined));
  return { from, to: end, isCut: end < to };
}

function timelineOf(group: ProcessGroup, frame: Frame): LogTimeline {
  const { broker, from, to, shown, words } = frame;
  const events = eventsOf(group, broker.restarts.all, to);
  const rowOf = new Map(events.map((event, index) => [event, `event-${index}`]));
  const rowOfEnd = new Map(events.map((event) => [event.connection, rowOf.get(event)]));
  const lane = (label: string, short: string, kind: MarkKind): EventLane => ({
    label,
    short,
    events: events
      .filter((event) => event.kind === kind)
      .map((event) => {
        const { at, title, facts, ref } = event;
        return {
          kind,
          at: shown(at),
          title,
          details: [words(at), ...facts, refWords(ref)],
          row: rowOf.get(event),
        };
      }),
  });
  const drawn = group.processes.slice(0, MOST.processes);
  const lanes = drawn.map((process) => processLane(process, frame, (end) => rowOfEnd.get(end)));
  return {
    title: group.title,
    note: noteOf(group, lanes),
    timeline: {
      axis: 'clock',
      from: shown(from),
      to: shown(to),
      events: [
        lane('broker drops', 'drops', 'broker drop'),
        ...[
          lane('broker restarts', 'restarts', 'broker restart'),
          lane('heartbeat errors', 'errors', 'heartbeat error'),
          lane('“unreachable”', 'unreach.', 'unreachable line'),
          lane('other lines', 'others', 'other line'),
        ].filter((group) => group.events.length > 0),
      ],
      processes: lanes,
    },
    events: events.map(({ at, pid, title, facts, ref }) => ({
      at: shown(at),
      when: words(at),
      process: pid === undefined ? '–' : `${pid}`,
      what: [title, ...facts].join('; '),
      line: refWords(ref),
    })),
  };
}

function noteOf(group: ProcessGroup, lanes: readonly DrawnLane[]): string {
  const drops = group.processes.flatMap((process) => process.drops);
  const known = drops.flatMap(({ loggedBy }) => (loggedBy ? [{ loggedBy }] : []));
  const unknown = drops.length - known.length;
  const left = group.processes.length - lanes.length;
  const others = lanes.reduce((all, { notDrawn }) => all + notDrawn, 0);
  return [
    `${count(drops.length, 'drop')}${loggedByWords(countLoggedBy(known))}`,
    unknown > 0 && `it is unknown who logged ${unknown}`,
    left > 0 && `${left} of ${group.processes.length} processes are not drawn, those with fewest drops`,
    others > 0 && `${count(others, 'connection')} that the broker did not drop are not drawn`,
  ]
    .filter(Boolean)
    .join('; ');
}
