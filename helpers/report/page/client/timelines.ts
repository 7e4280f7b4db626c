import type { HeartbeatCell } from '../page-data.ts';
import { button, element } from './dom.ts';
import { type OpenEvidence, timeline } from './timeline.ts';
import { badge, mainRows, NOT_HELD, sentenceOf } from './words.ts';
import { type Stretch, Zoom } from './zoom.ts';

/** This many are shown side by side if there is no main table. */
const ELSE = 4;

/** Timelines side by side on the same scale: the main table's, until others are chosen. */
export function timelines(cells: readonly HeartbeatCell[], open: OpenEvidence): HTMLElement {
  const drawable = cells.filter(({ evidence }) => evidence !== undefined);
  const held = cells.every(({ seen, evidence }) => !seen || evidence);
  const holder = element('section', { id: 'timelines', 'aria-labelledby': 'timelines-title' });
  holder.append(element('h2', { id: 'timelines-title' }, 'How it went, second by second'));
  if (drawable.length === 0) {
    const why = held ? 'No row of this run has evidence to draw.' : NOT_HELD;
    holder.append(element('p', { class: 'empty' }, why));
    return holder;
  }
  if (!held) holder.append(element('p', { class: 'hint' }, NOT_HELD));
  const main = mainRows(drawable);
  const byDefault = main.length > 0 ? main : drawable.slice(0, ELSE);
  const zoom = new Zoom(stretchOf(byDefault));
  const panels = new Map<string, HTMLElement>();
  const grid = element('div', { class: 'panels' });
  const show = (chosen: readonly HeartbeatCell[]) => {
    zoom.showWhole(stretchOf(chosen));
    grid.replaceChildren(
      ...chosen.map((cell) => {
        const made = panels.get(cell.id) ?? panel(cell, zoom, open);
        panels.set(cell.id, made);
        return made;
      }),
    );
  };
  holder.append(
    element(
      'p',
      { class: 'hint' },
      'Each process has a lane: its requests are above its AMQP connection. Ticks above the connection are packets from the client, and ticks below it are packets from the broker. All timelines have the same scale.',
    ),
    key(drawable),
    element('div', { class: 'controls' }, zoomButtons(zoom), chooser(drawable, byDefault, show)),
    grid,
  );
  show(byDefault);
  return holder;
}

/** Buttons for a zoom, and how to zoom without them. */
export function zoomButtons(zoom: Zoom): HTMLElement {
  const whole = button('Whole window', {}, () => zoom.showWhole());
  const enable = () => {
    whole.disabled = !zoom.zoomed;
  };
  zoom.watch(enable);
  enable();
  return element(
    'div',
    { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
    button('−', { 'aria-label': 'Zoom out' }, () => zoom.by(2)),
    button('+', { 'aria-label': 'Zoom in' }, () => zoom.by(0.5)),
    button('←', { 'aria-label': 'Earlier' }, () => zoom.pan(-0.5)),
    button('→', { 'aria-label': 'Later' }, () => zoom.pan(0.5)),
    whole,
    element(
      'span',
      { class: 'hint' },
      'or drag across a timeline; keys in a timeline: arrows, Enter for the evidence, + − 0',
    ),
  );
}

function panel(cell: HeartbeatCell, zoom: Zoom, open: OpenEvidence): HTMLElement {
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
    timeline(cell, zoom, open),
  );
}

function chooser(
  cells: readonly HeartbeatCell[],
  byDefault: readonly HeartbeatCell[],
  show: (chosen: readonly HeartbeatCell[]) => void,
): HTMLElement | undefined {
  if (cells.length === byDefault.length) return undefined;
  const boxes = cells.map((cell) => {
    const box = element('input', { type: 'checkbox', checked: byDefault.includes(cell) });
    box.addEventListener('change', () => {
      const order = [...byDefault, ...cells.filter((cell) => !byDefault.includes(cell))];
      show(order.filter((cell) => boxes.find((other) => other.cell === cell)?.box.checked));
    });
    return { cell, box };
  });
  return element(
    'details',
    { class: 'chooser' },
    element('summary', {}, 'Other rows'),
    element(
      'fieldset',
      {},
      element('legend', {}, 'Rows to show side by side'),
      ...boxes.map(({ cell, box }) =>
        element('label', {}, box, ` ${cell.deployment}, ${cell.traffic} `, badge(cell.verdict)),
      ),
    ),
  );
}

/** What the marks of these timelines mean. */
export function key(cells: readonly HeartbeatCell[]): HTMLElement {
  const all = cells.flatMap(({ evidence }) => evidence ?? []);
  const requests = all.flatMap((evidence) => evidence.requests);
  const ends = new Set(all.flatMap(({ connections }) => connections.map(({ ended }) => ended)));
  const closed = [...ends].some((end) => end !== undefined && end !== 'dropped by the broker');
  const items: [seen: boolean, swatch: string, text: string][] = [
    [true, 'request', 'request'],
    [requests.some(({ slowed }) => slowed), 'slowed', 'request slowed by a reconnect'],
    [requests.some((request) => request.slowOtherwise), 'slow-otherwise', 'request slow for another reason'],
    [requests.some(({ ok }) => !ok), 'failed', 'request that failed'],
    [true, 'alive', 'connection, the broker hears the client'],
    [true, 'silent-connection', 'silent: no frame from the client'],
    [all.some(({ drops }) => drops.length > 0), 'drop', 'dropped by the broker'],
    [closed, 'closed', 'closed or lost by the client'],
    [all.some(({ errors }) => errors.length > 0), 'error', 'heartbeat error in the log'],
    [
      all.some(({ unreachable }) => unreachable.length > 0),
      'unreachable',
      'request meets the dead connection, and logs an error',
    ],
    [true, 'packet', 'packet'],
    [true, 'beat', 'heartbeat'],
  ];
  return element(
    'ul',
    { class: 'key', 'aria-label': 'Legend' },
    ...items
      .filter(([seen]) => seen)
      .map(([, swatch, text]) =>
        element('li', {}, element('span', { class: `swatch ${swatch}`, 'aria-hidden': 'true' }), text),
      ),
  );
}

/** The time of all these rows, with a little room on both sides. */
export function stretchOf(cells: readonly HeartbeatCell[]): Stretch {
  const ends = cells.map(({ evidence }) => evidence?.endsAt ?? 0);
  const to = Math.max(1000, ...ends);
  return { from: -to * 0.02, to: to * 1.01 };
}
