import { getOrMake } from '../../../config/get-or-make.ts';
import type { CellEvidence, HeartbeatCell } from '../page-data.ts';
import type { TimelineData } from '../timeline-data.ts';
import { cellTimeline } from './cell-timeline.ts';
import { element, section } from './dom.ts';
import { timeline } from './timeline.ts';
import { legend, stretchOf, zoomButtons } from './timeline-controls.ts';
import { badge, mainRows, NOT_HELD, sentenceOf } from './words.ts';
import { Zoom } from './zoom.ts';

/** This many are shown side by side if there is no main table. */
const ELSE = 4;

/** A cell with something to draw. */
type Drawable = HeartbeatCell & { readonly evidence: CellEvidence };

/** Opens the evidence of a cell at one of its rows. */
export type OpenEvidence = (cell: string, row: string | undefined) => void;

/** Timelines side by side on the same scale: the main table's, until others are chosen. */
export function timelines(cells: readonly HeartbeatCell[], open: OpenEvidence): HTMLElement {
  const drawable = cells.filter((cell): cell is Drawable => cell.evidence !== undefined);
  const held = cells.every(({ seen, evidence }) => !seen || evidence);
  const holder = section('timelines', 'How it went, second by second');
  if (drawable.length === 0) {
    const why = held ? 'No row of this run has evidence to draw.' : NOT_HELD;
    holder.append(element('p', { class: 'empty' }, why));
    return holder;
  }
  if (!held) holder.append(element('p', { class: 'hint' }, NOT_HELD));
  const main = mainRows(drawable);
  const byDefault = main.length > 0 ? main : drawable.slice(0, ELSE);
  const zoom = new Zoom({ from: 0, to: 1000 });
  const panels = new Map<Drawable, { readonly data: TimelineData; readonly made: HTMLElement }>();
  const key = element('div', {});
  const grid = element('div', { class: 'panels' });
  const panelOf = (cell: Drawable) =>
    getOrMake(panels, cell, () => {
      const data = cellTimeline(cell.evidence);
      return { data, made: panel(cell, data, zoom, open) };
    });
  const show = (chosen: readonly Drawable[]) => {
    const shown = chosen.map(panelOf);
    const all = shown.map(({ data }) => data);
    if (all.length > 0) zoom.showWhole(stretchOf(all));
    key.replaceChildren(legend(all));
    grid.replaceChildren(...shown.map(({ made }) => made));
  };
  holder.append(
    element(
      'p',
      { class: 'hint' },
      'Each process has a lane: its requests are above its AMQP connection. Ticks above the connection are packets from the client, and ticks below it are packets from the broker. All timelines have the same scale.',
    ),
    key,
    element('div', { class: 'controls' }, zoomButtons(zoom), chooser(drawable, byDefault, show)),
    grid,
  );
  show(byDefault);
  return holder;
}

/** The timeline of a cell. */
export function timelineOf(
  cell: HeartbeatCell,
  data: TimelineData,
  zoom: Zoom,
  open: OpenEvidence,
): HTMLElement {
  return timeline(`${cell.deployment}, ${cell.traffic}`, data, zoom, (row) => open(cell.id, row));
}

function panel(cell: HeartbeatCell, data: TimelineData, zoom: Zoom, open: OpenEvidence): HTMLElement {
  return element(
    'figure',
    { class: 'panel', 'data-cell': cell.id },
    element(
      'figcaption',
      {},
      element(
        'h3',
        {},
        element('a', { href: `#${cell.id}` }, cell.deployment),
        cell.traffic !== 'trickle' && `, ${cell.traffic}`,
      ),
      badge(cell.verdict),
      element('span', { class: 'figures' }, sentenceOf(cell)),
    ),
    timelineOf(cell, data, zoom, open),
  );
}

function chooser(
  cells: readonly Drawable[],
  byDefault: readonly Drawable[],
  show: (chosen: readonly Drawable[]) => void,
): HTMLElement | undefined {
  if (cells.length === byDefault.length) return undefined;
  const order = [...byDefault, ...cells.filter((cell) => !byDefault.includes(cell))];
  const boxes = new Map(
    cells.map((cell) => [cell, element('input', { type: 'checkbox', checked: byDefault.includes(cell) })]),
  );
  const made = element(
    'details',
    { class: 'chooser' },
    element('summary', {}, 'Other rows'),
    element(
      'fieldset',
      {},
      element('legend', {}, 'Rows to show side by side'),
      ...[...boxes].map(([cell, box]) =>
        element('label', {}, box, ` ${cell.deployment}, ${cell.traffic} `, badge(cell.verdict)),
      ),
    ),
  );
  made.addEventListener('change', () => show(order.filter((cell) => boxes.get(cell)?.checked)));
  return made;
}
