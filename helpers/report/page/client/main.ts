import type { PageData, RecordTable } from '../page-data.ts';
import { element, tableElement } from './dom.ts';
import { evidenceSection, openEvidence, withRowIds } from './evidence-section.ts';
import { overview } from './overview.ts';
import { throughputSection } from './throughput-section.ts';
import { timelines } from './timelines.ts';
import { tooltipElement } from './tooltip.ts';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData;
const [header, ...first] = overview(data);

document.body.append(
  silencePattern(),
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
    ids
      ? withRowIds(tableElement(title, head, rows), (row) => ids[row] ?? '')
      : tableElement(title, head, rows),
  );
}

/** The hatching of silence; every chart refers to it. */
function silencePattern(): Element {
  const namespace = 'http://www.w3.org/2000/svg';
  const make = (name: string, attributes: Record<string, string>, ...children: Element[]) => {
    const it = document.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value);
    it.append(...children);
    return it;
  };
  return make(
    'svg',
    { width: '0', height: '0', class: 'unseen', 'aria-hidden': 'true' },
    make(
      'defs',
      {},
      make(
        'pattern',
        {
          id: 'silence',
          width: '4',
          height: '4',
          patternUnits: 'userSpaceOnUse',
          patternTransform: 'rotate(45)',
        },
        make('rect', { width: '4', height: '4', fill: 'var(--silence-back)' }),
        make('rect', { width: '1.4', height: '4', fill: 'var(--silence)' }),
      ),
    ),
  );
}
