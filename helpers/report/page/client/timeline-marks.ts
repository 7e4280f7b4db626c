import type { ConnectionBar, MarkData, TimelineData } from '../timeline-data.ts';

/** Something that was observed, and where it is drawn. */
export interface Mark extends MarkData {
  /** Pixels from the top. */
  readonly top: number;
  readonly bottom: number;
  /** Lanes are numbered from the top: the keyboard goes from one to the next. */
  readonly lane: number;
}

/** A connection's bar, which is drawn besides its marks. */
export interface Life extends Pick<ConnectionBar, 'at' | 'until' | 'silentFrom' | 'end'> {
  readonly middle: number;
}

export interface Lane {
  readonly label: string;
  readonly short: string;
  /** Events, or the process's requests. */
  readonly count: number;
  readonly top: number;
  readonly bottom: number;
  /** Whether it is a process, and not a kind of event. */
  readonly process: boolean;
}

export interface TimelineMarks {
  readonly height: number;
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
  readonly lives: readonly Life[];
}

const EVENT_LANE = 20;
const GAP = 8;
/** The height of a process's requests, pixels. */
export const REQUESTS = 11;
/** The height of each row of requests, if requests overlap in time, pixels. */
const STACKED_REQUESTS = 6;
const BAR = 4;
/** The height of ticks, pixels. Ticks above a connection's bar are the client's packets, those below the broker's. */
const TICKS = 6;
/** The space for ticks if no packets are known, pixels. */
const NO_TICKS = 2;

/** Lays out a timeline in lanes. */
export function timelineMarks({ events, processes }: TimelineData): TimelineMarks {
  const lanes: Lane[] = [];
  const marks: Mark[] = [];
  const lives: Life[] = [];
  const hasPackets = processes.some(({ connections }) =>
    connections.some((connection) => connection.packets.length > 0),
  );
  const ticks = hasPackets ? TICKS : NO_TICKS;
  let top = 0;
  let lane = 0;

  for (const { label, short, events: all } of events) {
    const place = { top, bottom: top + EVENT_LANE };
    lanes.push({ label, short, count: all.length, process: false, ...place });
    marks.push(...all.map((event) => ({ ...event, ...place, lane })));
    top += EVENT_LANE;
    lane += 1;
  }
  for (const { label, short, count, requests, connections } of processes) {
    top += GAP;
    const start = top;
    const requestRows = stacked(requests);
    const height = requestRows.length > 1 ? STACKED_REQUESTS : REQUESTS;
    for (const row of requestRows) {
      const place = { top, bottom: top + height, lane };
      marks.push(...row.map((request) => ({ ...request, ...place })));
      top += height;
      lane += 1;
    }
    top += 2;
    const rows = stacked(connections);
    for (const row of rows) {
      const [bar, below] = [top + ticks, top + ticks + BAR];
      for (const connection of row) {
        const { at, until, silentFrom, end, packets } = connection;
        marks.push({ ...connection, top: bar, bottom: below, lane: lane + 1 });
        marks.push(
          ...packets.map((packet) =>
            packet.kind.endsWith('client')
              ? { ...packet, top, bottom: bar, lane }
              : { ...packet, top: below, bottom: below + ticks, lane: lane + 2 },
          ),
        );
        lives.push({ at, until, silentFrom, end, middle: bar + BAR / 2 });
      }
      top = below + ticks + 2;
      lane += 3;
    }
    if (rows.length === 0) top += ticks + BAR;
    lanes.push({ label, short, count, top: start, bottom: top, process: true });
  }
  return { height: top + GAP / 2, lanes, marks, lives };
}

/** Things that overlap in time are below each other. */
function stacked<T extends MarkData>(all: readonly T[]): T[][] {
  const rows: T[][] = [];
  for (const item of [...all].sort((a, b) => a.at - b.at)) {
    const free = rows.find((row) => {
      const { at = 0, until = at } = row.at(-1) ?? {};
      return until < item.at;
    });
    if (free) free.push(item);
    else rows.push([item]);
  }
  return rows;
}
