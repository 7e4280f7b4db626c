import { brokerPatience } from '../../config/scenario.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { HeartbeatRecord } from '../../verdict/cell-record.ts';
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
    case 'silent':
      return `The broker heard nothing for ${patience} and dropped ${dropped(evidence)}, and the application’s log has no heartbeat error. ${paid(evidence)}`;
    case 'clean':
      return `No connection was dropped and no heartbeat error logged. ${lost(evidence)}${afterwards(evidence)}`;
  }
}

function dropped({ brokerDrops, connections }: Evidence): string {
  return `${brokerDrops.length} of ${count(connections.opened, 'connection')}`;
}

function paid({ requests: { slowedMs, sent, failed }, unreachableLines }: Evidence): string {
  if (failed.length > 0) {
    const slowed = slowedMs.length > 0 ? `, ${slowedMs.length} slowed by a reconnect` : '';
    return `Of ${count(sent, 'request')} ${failed.length} failed${slowed}.`;
  }
  if (slowedMs.length === 0) return 'No request was slowed by a reconnect.';
  const lines =
    unreachableLines.length > 0 ? `, as ${count(unreachableLines.length, '“unreachable” line')} say` : '';
  return `${slowedMs.length} of ${count(sent, 'request')} waited ${(upperMedian(slowedMs) / 1000).toFixed(2)} s for a reconnect${lines}.`;
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
