import { count } from '../../config/count.ts';
import { median } from '../../evidence/median.ts';
import { type Figures, figuresOf } from '../../record/figures.ts';
import type { HeartbeatRecord } from '../../record/record.ts';
import { brokerPatience } from '../../rows/traffic.ts';
import { loggedByWords } from '../../verdict/logged-by.ts';

/** Why a verdict is what it is, in sentences. */
export function verdictWords(cell: HeartbeatRecord): string {
  const { verdict, deployment } = cell;
  const figures = figuresOf(cell);
  if (verdict.kind === 'inconclusive') return `Nothing can be concluded: ${verdict.reason}.`;
  if (!figures) return 'There is no evidence.';
  const { leastMs, mostMs } = brokerPatience(deployment.heartbeatSeconds);
  const patience = `${leastMs / 1000} to ${mostMs / 1000} s`;
  switch (verdict.kind) {
    case 'reproduced':
      return `The broker heard nothing for ${patience} and dropped ${dropped(figures)}. The application’s log has ${count(figures.heartbeatErrors, 'heartbeat error')}, each from a process that had lost a connection. ${impact(figures)}`;
    case 'dropped':
      return `The broker heard nothing for ${patience} and dropped ${dropped(figures)}. The application’s log has no heartbeat error. ${impact(figures)}`;
    case 'clean':
      return `No connection was dropped, and no heartbeat error was logged. ${lost(figures)}${messagesLost(figures)}${slowOtherwise(figures)}${afterwards(figures)}`;
    default:
      return `The verdict is ${verdict.kind}.`;
  }
}

/** Drops, what logged them first, and slow and lost requests, in one line. */
export function figuresSentence({ drops, loggedBy, opened, requests, messages }: Figures): string {
  const { slowedMs, slowOtherwiseMs, failed, sent } = requests;
  return [
    `${drops} of ${count(opened, 'connection')} dropped${loggedByWords(loggedBy)}`,
    `${slowedMs.length} of ${count(sent, 'request')} slowed`,
    slowOtherwiseMs.length > 0 && `${slowOtherwiseMs.length} slow otherwise`,
    failed > 0 && `${failed} lost`,
    messages.lost > 0 && `${count(messages.lost, 'message')} lost`,
  ]
    .filter(Boolean)
    .join(', ');
}

function dropped({ drops, opened, loggedBy }: Figures): string {
  return `${drops} of ${count(opened, 'connection')}${loggedByWords(loggedBy)}`;
}

function impact(figures: Figures): string {
  const { slowedMs, sent, failed } = figures.requests;
  if (failed > 0) {
    const slowed = slowedMs.length > 0 ? `, ${slowedMs.length} slowed by a reconnect` : '';
    return `Of ${count(sent, 'request')} ${failed} failed${slowed}. ${messagesLost(figures)}${slowOtherwise(figures)}`.trimEnd();
  }
  const slowed =
    slowedMs.length === 0
      ? 'No request was slowed by a reconnect.'
      : `${slowedMs.length} of ${count(sent, 'request')} waited ${medianSeconds(slowedMs)} for a reconnect, and logged an error about it.`;
  return `${slowed} ${messagesLost(figures)}${slowOtherwise(figures)}`.trimEnd();
}

function messagesLost({ messages: { lost, expected } }: Figures): string {
  return lost > 0 ? `Of ${count(expected, 'message')} ${lost} never arrived. ` : '';
}

function slowOtherwise({ requests: { slowOtherwiseMs: all } }: Figures): string {
  if (all.length === 0) return '';
  return `${count(all.length, 'request')} took ${medianSeconds(all)} for another reason. `;
}

function medianSeconds(milliseconds: readonly number[]): string {
  return `${((median(milliseconds) ?? 0) / 1000).toFixed(2)} s`;
}

function lost({ requests: { failed, sent } }: Figures): string {
  return failed > 0 ? `Of ${count(sent, 'request')} ${failed} failed. ` : '';
}

function afterwards({ afterClean }: Figures): string {
  if (!afterClean?.dropSeen) return 'No later drop was seen.';
  const after = `after ${(afterClean.waitedMs / 1000).toFixed(1)} s`;
  return afterClean.livedWithoutTraffic
    ? `Without traffic the connection survived for longer than the broker waits. Then the server was paused, and the same instruments saw the expected drop ${after}.`
    : `Then the traffic stopped, and the same instruments saw the expected drop ${after}.`;
}
