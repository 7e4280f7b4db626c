/** One HTTP request and what became of it. Times in milliseconds since the epoch, by the clock of the containers' machine. */
export interface RequestRecord {
  /** Sent as `X-OpenStack-Request-ID` and `X-Request-ID`, and carried by the message that the request publishes. */
  readonly id: string;
  readonly path: string;
  readonly dueAt: number;
  /** Its first byte was about to be written; or, where no connection was made, one was asked for. */
  readonly sentAt: number;
  readonly endedAt: number;
  /** The response's status, or undefined where none came. */
  readonly status?: number;
  /** Why no response came. */
  readonly failure?: string;
  readonly servedBy?: ServedBy;
}

/** Whether a request got what it asked for: any 2xx, since what is made is answered with 201 here and 202 there. */
export function isAnswered({ status = 0 }: { readonly status?: number | undefined }): boolean {
  return status >= 200 && status < 300;
}

/** The process that answered, by its own word. */
export interface ServedBy {
  readonly pid: number;
  /** The native thread. */
  readonly thread: number;
  /** Native threads of that process on which a heartbeat was started. */
  readonly heartbeatOwners: readonly number[];
}
