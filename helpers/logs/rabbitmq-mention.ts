/** A connection that a line of RabbitMQ's log mentions. */
export interface ConnectionMention {
  /** The Erlang process of the connection; undefined if the line does not name it. */
  readonly erlangProcess?: string | undefined;
  /** The client's end, `ADDRESS:PORT`. */
  readonly peer: string;
  /** The broker's end. */
  readonly local: string;
  /** The name that the client gave. */
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly vhost?: string | undefined;
  /** Milliseconds for which it was open, if the line says so. */
  readonly durationMs?: number | undefined;
}

/** What the rest of the line says about the connection. */
export type KnownOfMention = Partial<Pick<ConnectionMention, 'erlangProcess' | 'name' | 'user' | 'vhost'>>;

const ARROW = ' -> ';

/**
 * Reads `<0.1.0> (PEER -> LOCAL - NAME, vhost: 'V', user: 'U', duration: 'D')`, with or without process and
 * parentheses. Everything after the broker's end may be missing. Undefined for any other text.
 *
 * A pattern would be the slowest part of reading a log.
 *
 * @param known counts if the text does not say it.
 */
export function connectionMention(text: string, known?: KnownOfMention): ConnectionMention | undefined {
  const afterProcess = text.startsWith('<') ? text.indexOf('> ') + 2 : 0;
  const isEnclosed = text.startsWith('(', afterProcess) && text.endsWith(')');
  const from = isEnclosed ? afterProcess + 1 : afterProcess;
  const arrow = text.indexOf(ARROW, from);
  if (arrow === -1 || text.lastIndexOf(' ', arrow - 1) >= from) return undefined;
  const duration = quotedAtEnd(text, isEnclosed ? text.length - 1 : text.length, ", duration: '");
  const state = text.indexOf(', state: ', arrow);
  const user = quotedAtEnd(text, state > arrow ? state : duration.start, ", user: '");
  const vhost = quotedAtEnd(text, user.start, ", vhost: '");
  const localFrom = arrow + ARROW.length;
  const space = text.indexOf(' ', localFrom);
  const localEnd = space === -1 || space > vhost.start ? vhost.start : space;
  const isNamed = text.startsWith(' - ', localEnd);
  if (!isNamed && localEnd !== vhost.start) return undefined;
  return {
    erlangProcess: afterProcess === 0 ? known?.erlangProcess : text.slice(0, afterProcess - 1),
    peer: text.slice(from, arrow),
    local: text.slice(localFrom, localEnd),
    name: isNamed ? text.slice(localEnd + 3, vhost.start) : known?.name,
    user: user.value ?? known?.user,
    vhost: vhost.value ?? known?.vhost,
    durationMs: duration.value === undefined ? undefined : durationOf(duration.value),
  };
}

/** The value of `LABEL…'` that ends at an index, and where it starts. Without one, it starts at the index. */
function quotedAtEnd(
  text: string,
  end: number,
  label: string,
): { readonly value?: string; readonly start: number } {
  if (text.charCodeAt(end - 1) !== QUOTE) return { start: end };
  const start = text.lastIndexOf(label, end - 1);
  return start === -1 ? { start: end } : { value: text.slice(start + label.length, end - 1), start };
}

const QUOTE = 39;

const UNITS: Readonly<Record<string, number>> = { D: 86_400_000, H: 3_600_000, M: 60_000, s: 1000, ms: 1 };

/** Milliseconds of `1D, 2H, 5M, 0s` or `52ms`, as RabbitMQ 4 writes it; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const parts = text.split(', ').map((part) => /^(\d+)(D|H|M|s|ms)$/.exec(part));
  if (parts.some((part) => part === null)) return undefined;
  return parts.reduce((sum, part) => sum + Number(part?.[1]) * (UNITS[part?.[2] ?? ''] ?? 0), 0);
}
