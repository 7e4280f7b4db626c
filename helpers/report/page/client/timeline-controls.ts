import type { TimelineData } from '../timeline-data.ts';
import { button, element } from './dom.ts';
import type { Stretch, Zoom } from './zoom.ts';

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

/** What the marks of these timelines mean. */
export function legend(all: readonly TimelineData[]): HTMLElement {
  const kinds = new Set<string>();
  for (const { events, processes } of all) {
    for (const { kind } of events.flatMap((lane) => lane.events)) kinds.add(kind);
    for (const { kind } of processes.flatMap(({ requests }) => requests)) kinds.add(kind);
    for (const { kind, end, silentFrom, until, packets } of processes.flatMap(
      (process) => process.connections,
    )) {
      kinds.add(kind);
      if (end === 'closed') kinds.add(end);
      if (silentFrom !== undefined && silentFrom < until) kinds.add('silence');
      // Whoever it is from.
      for (const packet of packets) kinds.add(packet.kind.split(' ')[0] as string);
    }
  }
  const isHeard = all.every(({ axis }) => axis === 'seconds');
  const items: [seen: string, swatch: string, text: string][] = [
    ['request', 'request', 'request'],
    ['slowed request', 'slowed', 'request slowed by a reconnect'],
    ['request slow otherwise', 'slow-otherwise', 'request slow for another reason'],
    ['failed request', 'failed', 'request that failed'],
    [
      'connection',
      'alive',
      `connection${isHeard ? ', the broker hears the client' : ', as far as it is logged'}`,
    ],
    ['silence', 'silent-connection', 'the broker hears nothing from the client'],
    ['broker drop', 'drop', 'dropped by the broker'],
    ['closed', 'closed', 'closed or lost by the client'],
    ['broker restart', 'restart', 'the broker restarted'],
    ['heartbeat error', 'error', 'heartbeat error in the log'],
    [
      'unreachable line',
      'unreachable',
      'a request, or the thread that waits for its reply, meets the dead connection, and logs an error',
    ],
    ['other line', 'other', 'another line about a connection'],
    ['packet', 'packet', 'packet'],
    ['heartbeat', 'beat', 'heartbeat'],
  ];
  return element(
    'ul',
    { class: 'key', 'aria-label': 'Legend' },
    ...items
      .filter(([seen]) => kinds.has(seen))
      .map(([, swatch, text]) =>
        element('li', {}, element('span', { class: `swatch ${swatch}`, 'aria-hidden': 'true' }), text),
      ),
  );
}

/** The time of all these timelines, with a little room on both sides. */
export function stretchOf(all: readonly TimelineData[]): Stretch {
  const from = Math.min(...all.map((part) => part.from));
  const span = Math.max(1000, Math.max(...all.map((part) => part.to)) - from);
  return { from: from - span * 0.02, to: from + span * 1.01 };
}
