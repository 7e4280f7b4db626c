import { brokerPatience } from '../../config/scenario.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { HeartbeatRecord } from '../../verdict/cell-record.ts';
import { tellersWords } from '../../verdict/tellers.ts';
import { count, upperMedian } from '../figures.ts';

/** Why a verdict is what it is, in sentences for people. Pure. */
export function verdictWords({ verdict, evidence, deployment }: HeartbeatRecord): string {
  if (verdict.kind === 'inconclusive') return `Nothing can be concluded: ${verdict.reason}.`;
  if (!evidence) return 'There is no evidence.';
  const { leastMs, mostMs } = brokerPatience(deployment.heartbeatSeconds);
  const patience = `${leastMs / 1000} to ${mostMs / 1000} s`;
  switch (verdict.kind) {
    case 'reproduced':
      return `The broker heard nothing for ${patience} and dropped ${dropped(evidence)}; the application’s log has ${count(evidence.heartbeatErrors.length, 'heartbeat error')}, each of a process whose connection had been dropped. ${paid(evidence)}`;
    case 'dropped':
      return `The broker heard nothing for ${patience} and dropped ${dropped(evidence)}; no heartbeat error is in the application’s log. ${paid(evidence)}`;
    case 'clean':
      return `No connection was dropped and no heartbeat error logged. ${lost(evidence)}${slowOtherwise(evidence)}${afterwards(evidence)}`;
  }
}

/** Drops, who told of them, and what the requests paid: in one line. Pure. */
export function evidenceSentence(evidence: Evidence): string {
  const { connections, brokerDrops, requests } = evidence;
  const { slowedMs, slowOtherwiseMs, failed, sent } = requests;
  return [
    `${brokerDrops.length} of ${count(connections.opened, 'connection')} dropped${tellersWords(brokerDrops)}`,
    `${slowedMs.length} of ${count(sent, 'request')} slowed`,
    slowOtherwiseMs.length > 0 && `${slowOtherwiseMs.length} slow otherwise`,
    failed.length > 0 && `${failed.length} lost`,
  ]
    .filter(Boolean)
    .join(', ');
}

function dropped({ brokerDrops, connections }: Evidence): string {
  return `${brokerDrops.length} of ${count(connections.opened, 'connection')}${tellersWords(brokerDrops)}`;
}

function paid(evidence: Evidence): string {
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
  return `${(upperMedian(milliseconds) / 1000).toFixed(2)} s`;
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
