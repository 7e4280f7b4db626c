/**
 * The data of the page. page-of-results.ts makes it from results.json, and the code in `client/` draws it.
 *
 * Nothing is imported here, because the client is checked for a browser, where Node's types do not exist.
 * Times of a cell are milliseconds after its first request; those of the run are ISO 8601.
 */
export interface PageData {
  readonly question: string;
  readonly answer: Answer;
  readonly run: RunData;
  readonly claims: readonly ClaimData[];
  readonly heartbeat: readonly HeartbeatCell[];
  readonly throughput: readonly ThroughputCell[];
  /** Rows and counts without a timeline. */
  readonly records: readonly RecordTable[];
}

/** The answer of the main table to the question, in a word and a sentence. */
export interface Answer {
  readonly word: string;
  readonly because: string;
}

export interface RunData {
  readonly startedAt: string;
  /** `2 min 34 s`. */
  readonly took: string;
  readonly times: string;
  /** `2 CPUs, Intel Xeon, linux x64`; undefined: results.json does not say. */
  readonly machine?: string | undefined;
  /** Name and version, as the application's processes reported them; several versions if rows differ. */
  readonly versions: readonly (readonly [name: string, version: string])[];
  /** Why the run ended early. */
  readonly endedEarly?: string | undefined;
  /** What failed without a record or was not decided, by name. */
  readonly failures: readonly string[];
  /** Tests by their state; `informational`: the row asserts nothing about its outcome. */
  readonly states: Readonly<Record<'passed' | 'failed' | 'informational', number>>;
}

export interface ClaimData {
  readonly sentence: string;
  readonly answer: 'holds' | 'holds only where' | 'does not hold' | 'could not tell';
  readonly because: string;
}

export type HeartbeatWord = 'reproduced' | 'dropped' | 'clean' | 'inconclusive';

/** The test of a row. */
export interface TestData {
  readonly state: string;
  /** The command that executes this row again. */
  readonly rerun: string;
}

/** A row without a fault. */
export interface HeartbeatCell {
  /** The row's id, which is the anchor of its evidence; with a number if the run executed the row in several tests. */
  readonly id: string;
  /** The title of the row's group. */
  readonly group: string;
  readonly deployment: string;
  /** The name of the traffic. */
  readonly traffic: string;
  readonly trafficWords: string;
  /** The place among the four rows that answer the question, from 0. */
  readonly mainPlace?: number | undefined;
  readonly test: TestData;
  readonly verdict: HeartbeatWord;
  /** Why that is the verdict: what was seen, or why nothing can be concluded. */
  readonly reason: string;
  /** What the row asserts, in a few words. */
  readonly expected: string;
  /** The first violation, cut; undefined: the test did not fail. */
  readonly mismatch?: string | undefined;
  readonly why: string;
  readonly source?: string | undefined;
  readonly violations: readonly string[];
  /** Verdicts of earlier executions. */
  readonly earlier: readonly string[];
  /** Undefined: the row could not be executed. */
  readonly seen?: SeenInShort | undefined;
  /** Undefined: the row could not be executed, or results.json has its figures alone. */
  readonly evidence?: CellEvidence | undefined;
}

export interface SeenInShort {
  /** Drops, what logged them first, and slow and lost requests, in one line. */
  readonly sentence: string;
  /** `14 drops (9 logged by request, 5 by nobody)`; empty if there are none. */
  readonly dropWords: string;
  readonly sent: number;
  readonly lost: number;
}

export interface CellEvidence {
  /** The first request, milliseconds since the epoch; without requests, the first thing that was seen. */
  readonly origin: number;
  /** The end of the window. */
  readonly endsAt: number;
  readonly requests: readonly RequestMark[];
  readonly connections: readonly ConnectionMark[];
  /** Texts of packets, each once. */
  readonly packetTexts: readonly string[];
  readonly drops: readonly DropMark[];
  readonly errors: readonly LineMark[];
  readonly unreachable: readonly LineMark[];
  /** Name and value, as they were found. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Titled lists of lines that need a look: failed requests, lost messages, lines that are not allowed, stacks. */
  readonly remarks: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

export interface RequestMark {
  readonly id: string;
  readonly path: string;
  readonly at: number;
  readonly ms: number;
  /** Status, or why there is none. */
  readonly outcome: string;
  readonly ok: boolean;
  /** By a reconnect. */
  readonly slowed: boolean;
  /** For another reason. */
  readonly slowOtherwise: boolean;
  readonly pid?: number | undefined;
  readonly thread?: number | undefined;
}

export interface ConnectionMark {
  readonly name: string;
  readonly pid?: number | undefined;
  readonly at: number;
  /** Undefined: open at the end of the window. */
  readonly endedAt?: number | undefined;
  readonly ended?: string | undefined;
  readonly heartbeats: number;
  readonly longestSilenceMs: number;
  readonly silenceAtEndMs: number;
  /**
   * Three numbers for each packet, which are most of the page: milliseconds after the one before (the
   * first: after {@link CellEvidence.origin}), {@link PacketBit} set or not, index in `packetTexts`.
   */
  readonly packets: readonly number[];
}

export const PacketBit = { fromClient: 1, heartbeat: 2 } as const;

/** A line of the application's log about a lost connection. */
export interface LineMark {
  readonly at: number;
  readonly pid: number;
  readonly line: string;
  /** Index in `drops`; undefined: no drop matches. */
  readonly drop?: number | undefined;
}

export interface DropMark {
  readonly at: number;
  readonly pid?: number | undefined;
  readonly connection: string;
  readonly lines: readonly string[];
  /** What logged it first in the application's log. */
  readonly loggedBy: 'heartbeat' | 'request' | 'nobody';
  readonly loggedAt?: number | undefined;
}

export type RoleName = 'baseline' | 'baselineAgain' | 'candidate';

/** A row whose throughput was compared. */
export interface ThroughputCell {
  /** As of {@link HeartbeatCell}. */
  readonly id: string;
  readonly title: string;
  readonly names: Readonly<Record<RoleName, string>>;
  readonly test: TestData;
  readonly verdict: 'within' | 'outside' | 'inconclusive';
  /** One sentence that says what may be concluded. */
  readonly conclusion: string;
  readonly expected: string;
  readonly why: string;
  /** The ratio below which the candidate loses more than the tolerance. */
  readonly bound: number;
  readonly seed?: number | undefined;
  readonly blocks: readonly BlockData[];
  readonly estimate?: RatioData | undefined;
  /** The ratio of two equal servers: a difference that the candidate does not cause. */
  readonly control?: RatioData | undefined;
  readonly rates: readonly (readonly [role: RoleName, words: string])[];
  readonly remarks: readonly string[];
}

export interface BlockData {
  readonly number: number;
  readonly order: readonly RoleName[];
  /** Requests per second. */
  readonly rates: Readonly<Partial<Record<RoleName, number>>>;
  /** The candidate's rate as a share of the geometric mean of both baselines. */
  readonly ratio?: number | undefined;
  /** The second baseline's rate as a share of the first's. */
  readonly control?: number | undefined;
}

export interface RatioData {
  readonly ratio: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** `95 % at each end`. */
  readonly confidence?: string | undefined;
}

/** A small table. */
export interface RecordTable {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Anchors of the rows, in their order. */
  readonly ids?: readonly string[];
}
