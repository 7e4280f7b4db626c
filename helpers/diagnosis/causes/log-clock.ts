/** The zone in which times are printed. */
export interface LogZone {
  /** Milliseconds by which it is ahead of UTC. */
  readonly aheadMs: number;
  /** False if neither the user nor a log named a zone. Times are then as the log has them. */
  readonly isKnown: boolean;
}

const MINUTE_MS = 60_000;

/** `2026-11-26 03:00:00 +02:00`, without the zone if it is not known. */
export function timeWords(at: number, zone: LogZone): string {
  const time = new Date(at + zone.aheadMs).toISOString().replace('T', ' ').slice(0, 19);
  return zone.isKnown ? `${time} ${zoneWords(zone)}` : time;
}

/** `UTC`, `+05:30`. */
export function zoneWords({ aheadMs }: Pick<LogZone, 'aheadMs'>): string {
  if (aheadMs === 0) return 'UTC';
  const minutes = Math.abs(aheadMs) / MINUTE_MS;
  const parts = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${aheadMs < 0 ? '-' : '+'}${parts.join(':')}`;
}

/** The hour of the day, from 0. */
export function hourOf(at: number, { aheadMs }: Pick<LogZone, 'aheadMs'>): number {
  return new Date(at + aheadMs).getUTCHours();
}
