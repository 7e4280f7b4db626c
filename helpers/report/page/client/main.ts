import type { PageData, RecordTable } from '../page-data.ts';
import { element, tableElement } from './dom.ts';
import { evidenceSection, openEvidence } from './evidence-section.ts';
import { overview } from './overview.ts';
import { throughputSection } from './throughput-section.ts';
import { timelines } from './timelines.ts';
import { tooltipElement } from './tooltip.ts';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData;
const [header, ...first] = overview(data);

document.body.append(
  header ?? '',
  element(
    'main',
    {},
    ...first,
    timelines(data.heartbeat, openAt),
    throughputSection(data.throughput),
    evidenceSection(data.heartbeat, openAt),
    ...data.records.map(recordTable),
  ),
  tooltipElement(),
);
addEventListener('hashchange', openFromHash);
// A click on the current hash does not change it.
document.addEventListener('click', ({ target }) => {
  const link = target instanceof Element ? target.closest('a[href^="#"]') : null;
  if (link?.getAttribute('href') === location.hash) openFromHash();
});
openFromHash();

function openAt(cell: string, row: string | undefined): void {
  history.pushState(null, '', `#${cell}`);
  openEvidence(cell, row);
}

function openFromHash(): void {
  openEvidence(decodeURIComponent(location.hash.slice(1)));
}

function recordTable({ title, note, head, rows, ids }: RecordTable): HTMLElement {
  return element(
    'section',
    { class: 'record' },
    element('h2', {}, title),
    element('p', { class: 'hint' }, note),
    tableElement(title, head, rows, (row) => ids?.[row]),
  );
}
