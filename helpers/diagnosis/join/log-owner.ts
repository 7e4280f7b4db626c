import { grouped } from '../../config/grouped.ts';
import type { ApplicationHistory } from '../history/application-history.ts';
import type { BrokerHistory } from '../history/broker-history.ts';
import type { ConnectionHistory } from '../history/connection-history.ts';
import { CLOCK_ERROR_MS, type Clock, type DropGroup } from './loss-line.ts';

/** The drops whose client is known, by program, user and address. */
export function groupsOf(drops: readonly ConnectionHistory[]): DropGroup[] {
  const named = drops.filter(({ pid }) => pid !== undefined);
  return [...grouped(named, ({ address, program, user }) => [address, program, user].join('\n')).values()];
}

/**
 * Whether an application's log belongs to a group's processes. All containers have the same process ids, so both logs
 * must have a connection's id, or a heartbeat's line and a reconnect at the same moment. Without these, process ids
 * count only if no other group or program can own the log.
 */
export function isOfGroup(
  history: ApplicationHistory,
  clock: Clock,
  drops: DropGroup,
  groups: readonly DropGroup[],
  broker: BrokerHistory,
): boolean {
  const ids = new Set(drops.map(({ id }) => id));
  if (history.moments.some(({ connectionId }) => connectionId !== undefined && ids.has(connectionId)))
    return true;
  const own = coincidences(history, clock, drops);
  if (own === 0) return onlyGroupWithAllPids(history, drops, groups, broker);
  const best = Math.max(...groups.map((group) => coincidences(history, clock, group)));
  return own === best || (own >= ENOUGH && own * 2 >= best);
}

/** How many drops have a heartbeat's line at the moment at which the process reconnected. */
function coincidences({ moments }: ApplicationHistory, { addMs, errorMs }: Clock, drops: DropGroup): number {
  const tolerance = CLOCK_ERROR_MS + errorMs;
  const lines = moments.filter(({ kind, pid }) => kind === 'heartbeat lost it' && pid !== undefined);
  const byPid = grouped(lines, ({ pid }) => pid);
  return drops.filter(
    ({ pid, reopenedAt }) =>
      reopenedAt !== undefined &&
      (byPid.get(pid) ?? []).some(({ at }) => Math.abs(at + addMs - reopenedAt) <= tolerance),
  ).length;
}

const ENOUGH = 3;

/**
 * Whether only this group can own the log: there is no other group or program, at least three of its processes lost a
 * connection, and the log has all of these and every process that opened one. The log of a service that sends no messages
 * says nothing about messaging, and may have the same process ids.
 */
function onlyGroupWithAllPids(
  history: ApplicationHistory,
  drops: DropGroup,
  groups: readonly DropGroup[],
  { openings, programs }: Pick<BrokerHistory, 'openings' | 'programs'>,
): boolean {
  if (groups.length > 1 || history.moments.length === 0) return false;
  const owners = new Set([...programs.values()].map(({ program }) => program).filter((name) => name !== ''));
  const own = new Set(drops.map(({ pid }) => pid));
  const all = [...own, ...openings.map(({ pid }) => pid)];
  return owners.size <= 1 && own.size >= ENOUGH && all.every((pid) => history.alive.has(pid ?? -1));
}
