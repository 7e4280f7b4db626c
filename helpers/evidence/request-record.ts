/** One HTTP request and its outcome. Times are in milliseconds since the epoch, by the clock of the containers' machine. */
export interface RequestRecord {
  /** Sent as `X-OpenStack-Request-ID` and `X-Request-ID`. The message that the request publishes carries it too. */
  readonly id: string;
  readonly path: string;
  readonly dueAt: number;
  /** When its first byte was written; if no connection was made, when the connection was requested. */
  readonly sentAt: number;
  readonly endedAt: number;
  /** The response's status; undefined: there was no response. */
  readonly status?: number;
  /** Why there was no response. */
  readonly failure?: string;
  readonly servedBy?: ServedBy;
}

/** Whether a request succeeded: any 2xx, because applications answer 200, 201 or 202. */
export function isAnswered({ status = 0 }: { readonly status?: number | undefined }): boolean {
  return status >= 200 && status < 300;
}

/**
 * Whether a reconnect slowed a request: its own process logged for it that the broker is unreachable, and it took at
 * least this long.
 */
export function isSlowed(
  {
    reconnected = false,
    sentAt,
    endedAt,
  }: Pick<RequestRecord, 'sentAt' | 'endedAt'> & { reconnected?: boolean | undefined },
  slowFromMs = 0,
): boolean {
  return reconnected && endedAt - sentAt >= slowFromMs;
}

/** The process that answered, as it reported itself. */
export interface ServedBy {
  readonly pid: number;
  /** The native thread. */
  readonly thread: number;
  /** Native threads of that process on which a heartbeat was started. */
  readonly heartbeatOwners: readonly number[];
}
