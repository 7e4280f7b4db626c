/**
 * What a timeline draws, whether it is of a cell or of somebody's logs.
 *
 * Nothing is imported here, because the client is checked for a browser, where Node's types do not exist.
 */
export interface TimelineData {
  /** `seconds` after the first request, or the `clock` of the zone that the page names. Both in milliseconds. */
  readonly axis: 'seconds' | 'clock';
  readonly from: number;
  readonly to: number;
  readonly events: readonly EventLane[];
  readonly processes: readonly ProcessLane[];
}

/** What a mark shows. */
export type MarkKind =
  | 'request'
  | 'slowed request'
  | 'request slow otherwise'
  | 'failed request'
  | 'connection'
  | 'packet from the client'
  | 'heartbeat from the client'
  | 'packet from the broker'
  | 'heartbeat from the broker'
  | 'broker drop'
  | 'broker restart'
  | 'heartbeat error'
  | 'unreachable line'
  | 'other line';

/** Something that was observed. */
export interface MarkData {
  readonly kind: MarkKind;
  readonly at: number;
  /** The end of what lasts. */
  readonly until?: number | undefined;
  /** What it is, in a few words, then the exact times and the line itself. */
  readonly title: string;
  readonly details: readonly string[];
  /** The row of the page's tables that shows it, by the end of its anchor. */
  readonly row?: string | undefined;
}

/** Events of one kind, of all processes. */
export interface EventLane {
  readonly label: string;
  /** The same where there is little room. */
  readonly short: string;
  readonly events: readonly MarkData[];
}

/** A process: its requests, and its connections below them. */
export interface ProcessLane {
  readonly label: string;
  readonly short: string;
  /** Its requests; one mark may stand for several. */
  readonly count: number;
  readonly requests: readonly MarkData[];
  readonly connections: readonly ConnectionBar[];
}

/** A connection, from open to close. */
export interface ConnectionBar extends MarkData {
  readonly until: number;
  /** From when on the broker heard nothing of the client; undefined if that is not known. */
  readonly silentFrom?: number | undefined;
  readonly end: 'dropped' | 'closed' | 'open';
  /** What was seen of it, above and below the bar. */
  readonly packets: readonly MarkData[];
}
