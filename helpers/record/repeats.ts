import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { grouped } from '../config/grouped.ts';
import { share } from '../config/quantities.ts';
import type { FaultFacts } from '../evidence/fault-facts.ts';
import { isInformational } from '../rows/expectation.ts';
import { rateBounds } from '../verdict/distributions.ts';
import { figuresOf } from './figures.ts';
import { type CellRecord, isRow, type RowRecord } from './record.ts';

const outcome = z.strictObject({
  outcome: z
    .string()
    .describe('`as expected`, a verdict, `something left behind`, `requests lost` or `requests slowed`'),
  executions: z.int().min(0),
  low: share.describe('of all executions: the lower end of the exact 95 % interval (Clopper and Pearson)'),
  high: share.describe('the upper end'),
});

export const repeatedRowSchema = z
  .strictObject({
    id: z.string(),
    executions: z.int().min(1).describe('all executions, inconclusive ones included'),
    outcomes: z.array(outcome),
  })
  .meta({ id: 'repeatedRow' });
/** A row that was executed several times, and how often it had each outcome. */
export type RepeatedRow = Frozen<z.infer<typeof repeatedRowSchema>>;
export type Outcome = RepeatedRow['outcomes'][number];

/** The confidence of each bound, so that both together make an interval of 95 %. */
const EACH_BOUND = 0.975;

/** The rows of a run that were executed several times, in the order of the run. */
export function repeatedRows(cells: readonly CellRecord[]): RepeatedRow[] {
  const executions = cells.flatMap((cell) =>
    isRow(cell) && cell.repetition ? [{ ...cell, of: cell.repetition.of, figures: figuresOf(cell) }] : [],
  );
  return [...grouped(executions, ({ of }) => of)].map(([id, ofRow]) => ({
    id,
    executions: ofRow.length,
    outcomes: outcomesOf(ofRow),
  }));
}

function outcomesOf(records: readonly RowRecord[]): Outcome[] {
  const count = (outcome: string, is: (record: RowRecord) => boolean): Outcome => {
    const executions = records.filter(is).length;
    return { outcome, executions, ...rateBounds(executions, records.length, EACH_BOUND) };
  };
  const kinds = [...new Set(records.map(({ verdict }) => verdict.kind))].sort();
  return [
    ...(records.every(({ expect }) => isInformational(expect))
      ? []
      : [count('as expected', ({ violations }) => violations.length === 0)]),
    ...kinds.map((kind) => count(kind, ({ verdict }) => verdict.kind === kind)),
    ...(records.some(({ figures }) => figures?.fault?.replacement)
      ? [count('something left behind', ({ figures }) => leftBehind(figures?.fault?.replacement))]
      : []),
    count('requests lost', ({ figures }) => (figures?.requests.failed ?? 0) > 0),
    count('requests slowed', ({ figures }) => (figures?.requests.slowedMs.length ?? 0) > 0),
  ];
}

function leftBehind(replacement: FaultFacts['replacement']): boolean {
  return (replacement?.left.length ?? 0) + (replacement?.connectionsLeft.length ?? 0) > 0;
}

/** `4 of 14 (8 to 58 %)` */
export function outcomeWords({ executions, low, high }: Omit<Outcome, 'outcome'>, of: number): string {
  return `${executions} of ${of} (${Math.floor(low * 100)} to ${Math.ceil(high * 100)} %)`;
}

const keptSchema = z.array(
  repeatedRowSchema.extend({
    startedAt: z.iso.datetime().describe('when the run began'),
    version: z.string().describe('of oslo.messaging'),
  }),
);
/** Repeated rows of several runs, as docs/repeats.json has them. */
export type KeptRepeats = Frozen<z.infer<typeof keptSchema>>;

/** @throws z.ZodError or SyntaxError if the text has another form. */
export function parseKeptRepeats(text: string): KeptRepeats {
  return keptSchema.parse(JSON.parse(text));
}
