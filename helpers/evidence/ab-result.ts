/** What a run of ab left behind. */
export interface AbRun {
  readonly stdout: string;
  /** Progress, and what went wrong. */
  readonly stderr: string;
  readonly exitCode: number;
}

/** One run of ApacheBench: its whole report, or its own words where it gave up. */
export type AbResult = AbFinished | AbGaveUp;

/**
 * ab ended without a report.
 * - `stuck`: it waited for an answer as long as it was told to, and none came.
 * - `failed`: anything else.
 */
export interface AbGaveUp {
  readonly kind: 'stuck' | 'failed';
  /** ab's own line. */
  readonly words: string;
  readonly completedRequests: number;
  readonly exitCode: number;
}

/** ab's report, complete. Requests that failed or were answered with an error may be among it. */
export interface AbFinished extends AbReport {
  readonly kind: 'finished';
  /** Lines in which ab said that a connection went wrong, apart from its count of failed requests. */
  readonly complaints: readonly AbComplaint[];
}

export interface AbComplaint {
  readonly line: string;
  readonly times: number;
}

/** The report that ab prints at the end. */
export interface AbReport {
  readonly server: { readonly software: string; readonly hostname: string; readonly port: number };
  /** Undefined for plain HTTP, and where no handshake succeeded. */
  readonly tls?: AbTls | undefined;
  readonly document: {
    readonly path: string;
    /** Bytes of the first answer's body; undefined where ab was told that it varies. */
    readonly bytes: number | undefined;
  };
  readonly concurrency: number;
  /** Seconds from the first request to the last answer. */
  readonly seconds: number;
  readonly completeRequests: number;
  readonly failedRequests: number;
  /** Why they failed; a request may count under several of these. */
  readonly failures?: Readonly<Record<AbFailureKind, number>> | undefined;
  readonly writeErrors: number;
  readonly non2xxResponses: number;
  /** Undefined where ab was not told to keep connections. */
  readonly keepAliveRequests?: number | undefined;
  readonly transferredBytes: number;
  /** Undefined where ab sent no body. */
  readonly sentBytes?: number | undefined;
  readonly htmlBytes: number;
  readonly requestsPerSecond: number;
  /** Milliseconds that a request took, on average. */
  readonly meanMs: number;
  /** Milliseconds between answers, on average. */
  readonly meanAcrossConcurrentMs: number;
  /** Units of 1024 bytes a second. */
  readonly kilobytesPerSecond: number;
  readonly timesMs: Readonly<Record<AbPhase, AbTimes>>;
  /** Whole milliseconds within which that percentage of the requests was served. */
  readonly percentilesMs: Readonly<Record<AbPercentage, number>>;
  /** What ab itself says against its figures: a median far from the mean. */
  readonly warnings: readonly string[];
}

export interface AbTls {
  /** E.g. `TLSv1.2`. */
  readonly protocol: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  readonly keyBits: number;
  readonly cipherBits: number;
  /** E.g. `X25519 253 bits`. */
  readonly temporaryKey?: string | undefined;
  readonly serverName?: string | undefined;
}

/** Milliseconds, over all requests. */
export interface AbTimes {
  readonly min: number;
  readonly mean: number;
  readonly deviation: number;
  readonly median: number;
  readonly max: number;
}

export type AbFailureKind = 'connect' | 'receive' | 'length' | 'exceptions';
export type AbPhase = 'connect' | 'processing' | 'waiting' | 'total';
export const abPercentages = [50, 66, 75, 80, 90, 95, 98, 99, 100] as const;
export type AbPercentage = (typeof abPercentages)[number];

/** Output of ab that is not known; the message is one line. */
export class AbOutputError extends Error {
  override readonly name = 'AbOutputError';
}
