/**
 * What the page holds, made from results.json by {@link pageData} and drawn by the code in `client/`.
 * Nothing is imported here: the client is checked for a browser, where Node's types do not exist.
 *
 * Times of a cell are milliseconds after its first request; those of the run are ISO 8601.
 */
export interface PageData {
  readonly question: string;
  readonly answer: Answer;
  readonly run: RunFacts;
  readonly claims: readonly ClaimData[];
  readonly heartbeat: readonly HeartbeatCell[];
  readonly throughput: readonly ThroughputCell[];
  /** What was counted or tried once, for the record. */
  readonly records: readonly RecordTable[];
}

/** What the main table says to the question, in a word and a sentence. */
export interface Answer {
  readonly word: string;
  readonly because: string;
}

export interface RunFacts {
  readonly startedAt: string;
  readonly seconds: number;
  readonly times: string;
  /** `2 CPUs, Intel Xeon, linux x64`; undefined where an old results.json does not say. */
  readonly machine?: string | undefined;
  /** Name and version, as the processes of the application reported them; several where cells differ. */
  readonly versions: readonly (readonly [name: string, version: string])[];
  /** Why the run ended before all was played. */
  readonly endedEarly?: string | undefined;
  /** What failed without a cell or was not decided, by name. */
  readonly failures: readonly string[];
  /** `reported`: played, and nothing is asserted of it. */
  readonly states: Readonly<Record<'passed' | 'failed' | 'reported', number>>;
}

export interface ClaimData {
  readonly sentence: string;
  readonly answer: 'holds' | 'holds only where' | 'does not hold' | 'could not tell';
  readonly because: string;
}

export type HeartbeatWord = 'reproduced' | 'dropped' | 'clean' | 'inconclusive';

/** The test behind a cell. */
export interface TestData {
  readonly file: string;
  readonly name: string;
  readonly state: string;
  readonly seconds: number;
  /** What a shell runs to play this one cell again. */
  readonly rerun: string;
}

/** A cell of the truth table. */
export interface HeartbeatCell {
  /** Anchor of its evidence. */
  readonly id: string;
  /** The title of the part of the truth table that it stands in. */
  readonly group: string;
  readonly deployment: string;
  readonly scenario: string;
  /** The traffic in words. */
  readonly traffic: string;
  /** Of the four cells that answer the question, the place in that table, from 0. */
  readonly mainPlace?: number | undefined;
  readonly test: TestData;
  readonly verdict: HeartbeatWord;
  /** Why that is the verdict: what was seen, or why nothing can be concluded. */
  readonly reason: string;
  /** What is asserted of the row, in a few words. */
  readonly expected: string;
  /** How a cell is not as expected, in a few words; undefined where it is. */
  readonly mismatch?: string | undefined;
  readonly why: string;
  readonly source?: string | undefined;
  /** What is not as the row expects. */
  readonly objections: readonly string[];
  /** Verdicts of earlier tries. */
  readonly earlier: readonly string[];
  readonly evidence?: CellEvidence | undefined;
}

export interface CellEvidence {
  /** Whether the file holds requests and frames; without them there is no timeline. */
  readonly whole: boolean;
  /** Drops, who told of them, and what the requests paid: in one line. */
  readonly sentence: string;
  /** `14 drops (9 told by request, 5 by nobody)`; empty where there are none. */
  readonly dropWords: string;
  readonly sent: number;
  readonly lost: number;
  /** The first request, milliseconds since the epoch; where the file holds none, the first thing seen. */
  readonly origin: number;
  /** The end of the window. */
  readonly endsAt: number;
  /** In the order in which they first served a request. */
  readonly processes: readonly { readonly pid: number; readonly requests: number }[];
  readonly requests: readonly RequestMark[];
  readonly connections: readonly ConnectionMark[];
  /** Texts of packets: each stands here once. */
  readonly packetTexts: readonly string[];
  readonly drops: readonly DropMark[];
  readonly errors: readonly LineMark[];
  readonly unreachable: readonly LineMark[];
  /** Name and value, as they were found. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Titled lists of lines that need a look: failed requests, lost messages, undeclared lines, stacks. */
  readonly remarks: readonly { readonly title: string; readonly lines: readonly string[] }[];
  /** How lines and drops were put together. */
  readonly matchedBy: string;
}

export interface RequestMark {
  readonly id: string;
  readonly path: string;
  readonly at: number;
  readonly ms: number;
  /** Status, or why none came. */
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
   * first: after {@link CellEvidence.origin}), {@link PacketBit} set or not, index in `packetTexts`. Empty where
   * the file holds none.
   */
  readonly packets: readonly number[];
}

export const PacketBit = { fromClient: 1, heartbeat: 2 } as const;

/** A line of the application's log that tells of a lost connection. */
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
  /** Who told of it first in the application's log. */
  readonly teller: 'heartbeat' | 'request' | 'nobody';
  readonly toldAt?: number | undefined;
}

export type RoleName = 'baseline' | 'baselineAgain' | 'candidate';

/** A row of the throughput table. */
export interface ThroughputCell {
  readonly id: string;
  readonly title: string;
  readonly names: Readonly<Record<RoleName, string>>;
  readonly test: TestData;
  readonly verdict: 'within' | 'outside' | 'inconclusive';
  /** One sentence that says what may be concluded. */
  readonly conclusion: string;
  readonly expected: string;
  readonly why: string;
  /** The ratio below which the candidate loses more than it may. */
  readonly bound: number;
  readonly seed?: number | undefined;
  readonly blocks: readonly BlockData[];
  readonly estimate?: RatioData | undefined;
  /** Two equal servers: what is not the candidate's doing. */
  readonly control?: RatioData | undefined;
  readonly rates: readonly (readonly [role: RoleName, words: string])[];
  readonly latency: readonly LatencyPoint[];
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

export interface LatencyPoint {
  readonly role: RoleName;
  /** Percent of the requests. */
  readonly percentile: number;
  /** Median over the blocks, milliseconds. */
  readonly ms: number;
}

/** A small table for the record. */
export interface RecordTable {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
