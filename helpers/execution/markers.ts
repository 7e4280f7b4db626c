import { randomUUID } from 'node:crypto';
import { markerOf, probe } from '../config/probe.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Markers } from '../evidence/observation.ts';
import { type ProcessReport, parseProcessReport, type Versions } from '../evidence/process-report.ts';
import type { LogTail } from '../lab/log-tail.ts';
import { type Asking, askEveryProcess } from '../traffic/every-process.ts';
import type { HttpClient } from '../traffic/requests.ts';

/** How long a marker may take to reach the reader of a log. */
export const MARKER_LIMIT_MS = 5000;
/** Each process holds its request this long, so that requests sent together reach different processes. */
const HOLD_SECONDS = 0.1;

/** One round in which every process was asked for a marker and a report. */
export interface Round {
  /** Unique to the markers of this round. */
  readonly token: string;
  readonly reports: readonly ProcessReport[];
  readonly versions: readonly Versions[];
}

/** Asks every process to write a marker to both logs, and for its report. */
export async function askForMarkers(
  client: HttpClient,
  deployment: Deployment,
  asking: Asking,
): Promise<Round> {
  const token = randomUUID();
  const path = `${probe.routes.mark}?token=${token}&seconds=${HOLD_SECONDS}`;
  const answers = [...(await askEveryProcess<unknown>(client, path, deployment, asking)).values()];
  const parsed = answers.map(parseProcessReport);
  return {
    token,
    reports: parsed.map(({ report }) => report),
    versions: parsed.map(({ versions }) => versions),
  };
}

/** Waits until a log shows the marker of each process that reported, or the time limit is over. */
export async function awaitMarkers(log: LogTail, { token, reports }: Round): Promise<Markers> {
  const deadline = performance.now() + MARKER_LIMIT_MS;
  for (const { pid } of reports)
    await log.until(markerOf(token, pid), Math.max(0, deadline - performance.now()));
  return markersIn(log.lines, token, reports);
}

/** The markers of a round in these lines. */
export function markersIn(
  lines: readonly string[],
  token: string,
  reports: readonly Pick<ProcessReport, 'pid'>[],
): Markers {
  const first = lines.findIndex((line) => line.includes(token));
  if (first === -1) return { pids: [] };
  const last = lines.findLastIndex((line) => line.includes(token));
  const isIn = (pid: number) => {
    const marker = new RegExp(`${markerOf(token, pid)}(?!\\d)`);
    return lines.some((line) => marker.test(line));
  };
  const pids = reports.map(({ pid }) => pid).filter(isIn);
  return { pids, first, last };
}
