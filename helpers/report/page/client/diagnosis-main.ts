import type { DiagnosisPageData, EventRow, FindingData, LogTimeline } from '../diagnosis-page-data.ts';
import {
  button,
  type Child,
  command,
  element,
  foldable,
  lineList,
  reveal,
  section,
  tableElement,
  term,
} from './dom.ts';
import { timeline } from './timeline.ts';
import { legend, stretchOf, zoomButtons } from './timeline-controls.ts';
import { tooltipElement } from './tooltip.ts';
import { count } from './units.ts';
import { Zoom } from './zoom.ts';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as DiagnosisPageData;

document.body.append(
  element(
    'header',
    {},
    element('h1', {}, data.headline),
    ...data.facts.map((fact) => element('p', { class: 'answer' }, fact)),
  ),
  element('main', {}, found(data), drawn(data), programs(data), read(data)),
  tooltipElement(),
);

function found({ findings }: DiagnosisPageData): HTMLElement | string {
  if (findings.length === 0) return '';
  return section('found', 'What was found', ...findings.map(finding));
}

function finding({ title, facts, command: shownBy }: FindingData): HTMLElement {
  return article(title, facts, shownBy !== undefined && term('see', command(shownBy)));
}

/** A title, and names with their values. */
function article(title: string, facts: FindingData['facts'], ...more: Child[]): HTMLElement {
  return element(
    'article',
    { class: 'comparison' },
    element('h3', {}, title),
    element('dl', { class: 'plain' }, ...facts.map(([name, value]) => term(name, value)), ...more),
  );
}

/** The timelines, on one scale. */
function drawn({ timelines, notDrawn, times }: DiagnosisPageData): HTMLElement {
  const all = timelines.map(({ timeline }) => timeline);
  const title = 'How it went';
  if (all.length === 0) {
    return section('timelines', title, element('p', { class: 'empty' }, 'The logs have nothing to draw.'));
  }
  const zoom = new Zoom(stretchOf(all));
  return section(
    'timelines',
    title,
    element(
      'p',
      { class: 'hint' },
      `Each process has a lane: the requests that it logged are above its AMQP connections. A connection is hatched where the broker heard nothing, as far as that is known: before a drop, for two heartbeat timeouts. All timelines have the same scale, and the broker’s clock (${times}).`,
    ),
    notDrawn.length > 0 && element('p', { class: 'hint' }, `Not drawn: ${notDrawn.join('; ')}.`),
    legend(all),
    element('div', { class: 'controls' }, zoomButtons(zoom)),
    element(
      'div',
      { class: 'panels wide' },
      ...timelines.map((timeline, index) => panel(timeline, `timeline-${index}`, zoom)),
    ),
  );
}

/** How much is shown before and after an event, milliseconds. */
const [BEFORE, AFTER] = [15 * 60_000, 5 * 60_000];

function panel({ title, note, timeline: drawing, events }: LogTimeline, id: string, zoom: Zoom): HTMLElement {
  const open = (row: string | undefined) => {
    const target = row === undefined ? undefined : document.getElementById(`${id}-${row}`);
    if (target) reveal(target, 'center');
  };
  const figure = element(
    'figure',
    { class: 'panel', id },
    element('figcaption', {}, element('h3', {}, title), element('span', { class: 'figures' }, note)),
    timeline(title, drawing, zoom, open),
  );
  const zoomTo = ({ at, when }: EventRow) =>
    button(when, { class: 'at', title: 'Zoom in' }, () => {
      zoom.set({ from: at - BEFORE, to: at + AFTER });
      figure.scrollIntoView({ block: 'nearest' });
    });
  const rows = events.map((event) => [
    zoomTo(event),
    event.process,
    element('div', { class: 'what' }, event.what),
    element('span', { class: 'line' }, event.line),
  ]);
  const words = count(events.length, 'event');
  const head = ['at', 'process', 'what', 'line'];
  const table = tableElement(`${words} of ${title}`, head, rows, (row) => `${id}-event-${row}`);
  if (events.length > 0) figure.append(foldable(words, false, table));
  return figure;
}

function programs(all: DiagnosisPageData): HTMLElement | string {
  if (all.programs.length === 0) return '';
  return section(
    'programs',
    'Each program',
    ...all.programs.map(({ title, facts }) => article(title, facts)),
  );
}

function read({ logs }: DiagnosisPageData): HTMLElement {
  return section(
    'logs',
    'What was read, and what could not be',
    element('div', { class: 'lines' }, lineList(logs)),
  );
}
