import { count } from '../../config/count.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { median } from '../../evidence/median.ts';
import type { HeartbeatRecord } from '../../record/record.ts';
import { brokerPatience } from '../../rows/traffic.ts';
import { loggedByWords } from '../../verdict/logged-by.ts';

/** Why a verdict is what it is, in sentences. */
export function verdictWords({ verdict, evidence, deployment }: HeartbeatRecord): string {
  if (verdict.kind === 'inconclusive') return `Nothing can be concluded: ${verdict.reason}.`;
  if (!evidence) return 'There is no evidence.';
  const { leastMs, mostMs } = brokerPatience(deployment.heartbeatSeconds);
  const patience = `${leastMs / 1000} to ${mostMs / 1000} s`;
  switch (verdict.kind) {
    case 'reproduced':
      return `The broker heard nothing for ${patience} and dropped ${dropped(evidence)}; the application’s log has ${count(evidence.heartbeatErrors.length, 'heartbeat error')}, each of a process whose connection had been dropped. ${impact(evidence)}`;
    case 'dropped':
      return `The broker heard nothing for ${patience} and dropped ${dropped(evidence)}; no heartbeat error is in the application’s log. ${impact(evidence)}`;
    case 'clean':
      return `No connection was dropped and no heartbeat error logged. ${lost(evidence)}${slowOtherwise(evidence)}${afterwards(evidence)}`;
    default:
      return `The verdict is ${verdict.kind}.`;
  }
}

/** Drops, who logged them first, and slow and lost requests, in one line. */
export function evidenceSentence(evidence: Evidence): string {
  const { connections, brokerDrops, requests } = evidence;
  const { slowedMs, slowOtherwiseMs, failed, sent } = requests;
  return [
    `${brokerDrops.length} of ${count(connections.opened, 'connection')} dropped${loggedByWords(brokerDrops)}`,
    `${slowedMs.length} of ${count(sent, 'request')} slowed`,
    slowOtherwiseMs.length > 0 && `${slowOtherwiseMs.length} slow otherwise`,
    failed.length > 0 && `${failed.length} lost`,
  ]
    .filter(Boolean)
    .join(', ');
}

function dropped({ brokerDrops, connections }: Evidence): string {
  return `${brokerDrops.length} of ${count(connections.opened, 'connection')}${loggedByWords(brokerDrops)}`;
}

function impact(evidence: Evidence): string {
  const { slowedMs, sent, failed } = evidence.requests;
  if (failed.length > 0) {
    const slowed = slowedMs.length > 0 ? `, ${slowedMs.length} slowed by a reconnect` : '';
    return `Of ${count(sent, 'request')} ${failed.length} failed${slowed}. ${slowOtherwise(evidence)}`.trimEnd();
  }
  const slowed =
    slowedMs.length === 0
      ? 'No request was slowed by a reconnect.'
      : `${slowedMs.length} of ${count(sent, 'request')} waited ${medianSeconds(slowedMs)} for a reconnect, and logged an error that says so.`;
  return `${slowed} ${slowOtherwise(evidence)}`.trimEnd();
}

function slowOtherwise({ requests: { slowOtherwiseMs: all } }: Evidence): string {
  if (all.length === 0) return '';
  return `${count(all.length, 'request')} took ${medianSeconds(all)} for another reason. `;
}

function medianSeconds(milliseconds: readonly number[]): string {
  return `${((median(milliseconds) ?? 0) / 1000).toFixed(2)} s`;
}

function lost({ requests: { failed, sent } }: Evidence): string {
  return failed.length > 0 ? `Of ${count(sent, 'request')} ${failed.length} failed. ` : '';
}

function afterwards({ afterClean }: Evidence): string {
  if (!afterClean?.dropSeen) return 'No later drop was seen.';
  const after = `after ${(afterClean.waitedMs / 1000).toFixed(1)} s`;
  return afterClean.livedWithoutTraffic
    ? `Without traffic the connection outlived the broker’s patience; then the server was paused, and the same instruments saw the drop that had to come, ${after}.`
    : `Then the traffic stopped, and the same instruments saw the drop that had to come, ${after}.`;
}
