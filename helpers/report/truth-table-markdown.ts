import { deploymentName } from '../config/deployment.ts';
import { type HeartbeatRecord, isKind } from '../verdict/cell-record.ts';
import { markdownText, tableOfMarkdown } from './markdown.ts';
import type { Results } from './results.ts';
import { slowedWords } from './terminal.ts';

/** The truth table as Markdown, a row a cell, in the order of the run. */
export function truthTableMarkdown({ tests }: Pick<Results, 'tests'>): string {
  const cells = tests.map(({ cell }) => cell).filter(isKind('heartbeat'));
  const head = [
    'deployment',
    'traffic',
    'verdict',
    'heartbeat errors',
    'broker drops',
    'requests slowed',
    'requests lost',
  ];
  return `${tableOfMarkdown([head, ...cells.map(row)]).join('\n')}\n`;
}

function row({ deployment, scenario, verdict, evidence }: HeartbeatRecord): string[] {
  const facts = evidence
    ? [
        `${evidence.heartbeatErrors.length}`,
        `${evidence.brokerDrops.length}`,
        slowedWords(evidence.requests.slowedMs),
        lostWords(evidence.requests),
      ]
    : ['–', '–', '–', '–'];
  return [markdownText(deploymentName(deployment)), scenario.name, `\`${verdict.kind}\``, ...facts];
}

function lostWords({ failed, sent }: NonNullable<HeartbeatRecord['evidence']>['requests']): string {
  return failed.length === 0 ? '0' : `${failed.length} of ${sent}`;
}
