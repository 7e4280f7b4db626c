/** A connection as a line of RabbitMQ's log mentions it. */
export interface ConnectionMention {
  /** The Erlang process of the connection; undefined where the line does not name it. */
  readonly erlangProcess?: string | undefined;
  /** The client's end, `ADDRESS:PORT`. */
  readonly peer: string;
  /** The broker's end. */
  readonly local: string;
  /** The name that the client gave. */
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly vhost?: string | undefined;
  /** Milliseconds that it was open, as the line says. */
  readonly durationMs?: number | undefined;
}

// PEER -> LOCAL - NAME, vhost: 'V', user: 'U', duration: 'D'; a name may contain anything
const MENTION =
  /^(\S+) -> (\S+?)(?: - (.*?))??(?:, vhost: '(.*?)')?(?:, user: '(.*?)')?(?:, state: \w+)?(?:, duration: '([^']*)')?$/s;
const PROCESS = /^(<\d+\.\d+\.\d+>) /;

/**
 * Reads `<0.1.0> (PEER -> LOCAL - NAME, …)`, with or without process and parentheses. Undefined for any other text.
 */
export function connectionMention(text: string): ConnectionMention | undefined {
  const process = PROCESS.exec(text);
  const rest = process ? text.slice(process[0].length) : text;
  const isEnclosed = rest.startsWith('(') && rest.endsWith(')');
  const match = MENTION.exec(isEnclosed ? rest.slice(1, -1) : rest);
  if (!match) return undefined;
  const [, peer, local, name, vhost, user, duration] = match as unknown as [
    string,
    string,
    string,
    ...(string | undefined)[],
  ];
  const durationMs = duration === undefined ? undefined : durationOf(duration);
  return { erlangProcess: process?.[1], peer, local, name, vhost, user, durationMs };
}

const UNITS: Readonly<Record<string, number>> = { D: 86_400_000, H: 3_600_000, M: 60_000, s: 1000, ms: 1 };

/** Milliseconds of `1D, 2H, 5M, 0s` or `52ms`, as RabbitMQ 4 writes it; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const parts = text.split(', ').map((part) => /^(\d+)(D|H|M|s|ms)$/.exec(part));
  if (parts.some((part) => part === null)) return undefined;
  return parts.reduce((sum, part) => sum + Number(part?.[1]) * (UNITS[part?.[2] ?? ''] ?? 0), 0);
}
