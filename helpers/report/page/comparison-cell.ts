import { capitalized } from '../../config/capitalized.ts';
import { finishedRuns, ratesOf, type ThroughputBlock } from '../../evidence/throughput-block.ts';
import type { ThroughputRecord } from '../../record/record.ts';
import { expectationWords } from '../../rows/expectation.ts';
import { type Role, roles } from '../../rows/load.ts';
import type { Control } from '../../verdict/throughput-estimate.ts';
import {
  comparisonOf,
  conclusion,
  estimateIn,
  geometricMean,
  latencyWords,
} from '../text/throughput-table.ts';
import type { BlockData, RatioData, TestData, ThroughputCell } from './page-data.ts';

/** A throughput comparison as the page draws it. */
export function comparisonCell(id: string, record: ThroughputRecord, test: TestData): ThroughputCell {
  const { verdict, throughput, expect, why } = record;
  const comparison = comparisonOf(record);
  const { blocks, terms, seed } = comparison;
  const estimate = estimateIn(verdict);
  return {
    id,
    title: comparison.title,
    names: comparison.names,
    test,
    verdict: verdict.kind as ThroughputCell['verdict'],
    conclusion: capitalized(conclusion(comparison)),
    expected: expectationWords(expect),
    why,
    bound: 1 - terms.tolerance,
    seed,
    blocks: blocks.map(blockData),
    estimate: estimate && ratioData(estimate),
    control: estimate && ratioData(estimate.control),
    rates: roles.map((role) => [role, rateWords(blocks, role)]),
    remarks: throughput?.notAllowed ?? [],
  };
}

function blockData(block: ThroughputBlock, index: number): BlockData {
  const rates = ratesOf(block);
  return {
    number: index + 1,
    order: block.order,
    rates: Object.fromEntries(
      roles.flatMap((role) => {
        const ab = block.measurements[role]?.ab;
        return ab?.kind === 'finished' ? [[role, ab.requestsPerSecond]] : [];
      }),
    ),
    // As in the estimate: against the geometric mean of both baselines.
    ratio: rates && rates.candidate / Math.sqrt(rates.baseline * rates.baselineAgain),
    control: rates && rates.baselineAgain / rates.baseline,
  };
}

function ratioData({ ratio, interval }: Pick<Control, 'ratio' | 'interval'>): RatioData {
  if (!interval) return { ratio };
  const { low, high, confidence } = interval;
  return { ratio, low, high, confidence: `${(confidence * 100).toFixed(0)} % at each end` };
}

function rateWords(blocks: readonly ThroughputBlock[], role: Role): string {
  const rates = finishedRuns(blocks, role).map(({ requestsPerSecond }) => requestsPerSecond);
  if (rates.length === 0) return 'no rate';
  return `${geometricMean(rates).toFixed(0)} requests/s (${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}); 50, 95 and 99 % within ${latencyWords(blocks, role).join(', ')} ms`;
}
