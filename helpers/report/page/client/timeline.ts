import type { MarkKind, TimelineData } from '../timeline-data.ts';
import { element, setAttributes } from './dom.ts';
import { Plot, plotted } from './plot.ts';
import {
  type Lane,
  type Life,
  type Mark,
  REQUESTS,
  type TimelineMarks,
  timelineMarks,
} from './timeline-marks.ts';
import { hideTooltip, showTooltip } from './tooltip.ts';
import type { Stretch, Zoom } from './zoom.ts';

/** Pixels for the axis and at its end, and for each tick: a time of day is long, and the date is below it. */
const AXIS = {
  seconds: { height: 22, right: 14, tick: 70 },
  clock: { height: 36, right: 30, tick: 140 },
} as const;
/** A narrow timeline has short labels. */
const NARROW = 480;
const left = (width: number) => (width < NARROW ? 90 : 138);
/** The least width of a request, pixels. Most requests take only milliseconds. */
const LEAST_PIXELS = 3;
/** The pointer reaches a mark from this distance, pixels. */
const REACH = 7;
const DRAG_FROM = 5;

/** Opens the row of the page's tables that shows a mark. */
export type OpenRow = (row: string | undefined) => void;

/** A timeline, drawn when it has a width. `of` says whose it is. */
export function timeline(of: string, data: TimelineData, zoom: Zoom, open: OpenRow): HTMLElement {
  const holder = element('div', { class: 'timeline' });
  const view = new TimelineView(holder, of, data.axis, timelineMarks(data), zoom, open);
  zoom.watch(() => view.draw());
  new ResizeObserver(() => view.draw()).observe(holder);
  return holder;
}

class TimelineView {
  private drawn: { width: number; stretch: Stretch } | undefined;
  private shown: Mark[] = [];
  private elements = new Map<Mark, SVGElement>();
  private current: Mark | undefined;
  private touched: Mark | undefined;

  constructor(
    private readonly holder: HTMLElement,
    private readonly of: string,
    private readonly axis: TimelineData['axis'],
    private readonly data: TimelineMarks,
    private readonly zoom: Zoom,
    private readonly open: OpenRow,
  ) {
    holder.addEventListener('pointermove', (event) => this.pointed(event));
    holder.addEventListener('pointerleave', hideTooltip);
    holder.addEventListener('pointerdown', (event) => this.pressed(event));
    holder.addEventListener('click', (event) => this.clicked(event));
    holder.addEventListener('keydown', (event) => this.typed(event));
    holder.addEventListener('focusin', (event) => this.focused(event));
    holder.addEventListener('focusout', hideTooltip);
  }

  draw(): void {
    const width = Math.floor(this.holder.clientWidth);
    const { stretch } = this.zoom;
    if (width === 0 || (this.drawn?.width === width && this.drawn.stretch === stretch)) return;
    this.drawn = { width, stretch };
    const hadFocus = this.holder.contains(document.activeElement);
    this.shown = this.data.marks.filter(({ at, until = at }) => until >= stretch.from && at <= stretch.to);
    this.elements = new Map();
    this.holder.replaceChildren(this.plot(width, stretch));
    const first = this.current && this.elements.has(this.current) ? this.current : this.shown[0];
    if (first) this.makeCurrent(first);
    if (hadFocus && first) this.elements.get(first)?.focus();
  }

  private plot(width: number, { from, to }: Stretch): Element {
    const { height, lanes } = this.data;
    const axis = AXIS[this.axis];
    const pixelMs = (to - from) / Math.max(1, width - left(width) - axis.right);
    const svg = plotted({
      width,
      height: height + axis.height,
      marginTop: 0,
      marginBottom: axis.height,
      marginLeft: left(width),
      marginRight: axis.right,
      ariaLabel: `Timeline of ${this.of}`,
      x: { type: this.axis === 'clock' ? 'utc' : 'linear', domain: [from, to], axis: null },
      y: { domain: [0, height], range: [0, height], axis: null },
      marks: [
        laneMarks(lanes, from, to, width < NARROW),
        Plot.axisX({
          anchor: 'bottom',
          ticks: Math.max(2, Math.floor((width - left(width)) / axis.tick)),
          tickFormat: this.axis === 'clock' ? clockTick(to - from) : secondsTick(to - from),
          tickSize: 4,
          color: 'var(--muted)',
          label: null,
        }),
        lifeMarks(this.data.lives, from, to),
        ...this.marks(from, to, pixelMs),
      ],
    });
    setAttributes(svg, { role: 'group', 'aria-roledescription': 'timeline' });
    return svg;
  }

  private marks(from: number, to: number, pixelMs: number): Plot.Markish[] {
    const of = (...kinds: MarkKind[]) => this.shown.filter(({ kind }) => kinds.includes(kind));
    const bar = (marks: Mark[], fill: string, inset = 0) =>
      Plot.rect(marks, {
        x1: ({ at }: Mark) => Math.max(from, at),
        x2: ({ at, until = at }: Mark) => Math.min(to, Math.max(until, at + LEAST_PIXELS * pixelMs)),
        y1: 'top',
        y2: 'bottom',
        insetTop: inset,
        insetBottom: inset,
        fill,
        render: this.named(marks),
      });
    const tick = (marks: Mark[], stroke: string) =>
      Plot.ruleX(marks, {
        x: 'at',
        y1: 'top',
        y2: 'bottom',
        stroke,
        strokeWidth: 1,
        render: this.named(marks),
      });
    const dot = (marks: Mark[], r: number, options: Plot.DotOptions) =>
      Plot.dot(marks, {
        x: 'at',
        y: ({ top, bottom }: Mark) => (top + bottom) / 2,
        r,
        ...options,
        render: this.named(marks),
      });
    return [
      bar(of('connection'), 'transparent'),
      tick(of('packet from the broker'), 'var(--broker)'),
      tick(of('packet from the client'), 'var(--client)'),
      dot(of('heartbeat from the broker'), 1.7, { fill: 'var(--broker)' }),
      dot(of('heartbeat from the client'), 2.2, { fill: 'var(--client)' }),
      bar(of('request'), 'var(--request)', 1),
      bar(of('slowed request'), 'var(--slowed)', 1),
      bar(of('request slow otherwise'), 'var(--slow-otherwise)', 1),
      bar(of('failed request'), 'var(--failed)', 1),
      dot(of('broker restart'), 3.6, { symbol: 'square', fill: 'var(--text)' }),
      dot(of('other line'), 3, { fill: 'var(--broker)' }),
      dot(of('broker drop'), 4, { symbol: 'times', stroke: 'var(--drop)', strokeWidth: 1.8 }),
      dot(of('heartbeat error'), 4.4, { symbol: 'diamond', fill: 'var(--error)' }),
      dot(of('unreachable line'), 4, { symbol: 'triangle', fill: 'var(--slowed)' }),
    ];
  }

  /** Draws marks with Plot, and gives each element keyboard focus and a name for screen readers. */
  private named(marks: readonly Mark[]): Plot.RenderFunction {
    return (index, scales, values, dimensions, context, next) => {
      const group = next?.(index, scales, values, dimensions, context) ?? null;
      for (const [place, child] of [...(group?.children ?? [])].entries()) {
        const mark = marks[index[place] ?? -1];
        if (!mark || !(child instanceof SVGElement)) continue;
        setAttributes(child, {
          'data-kind': mark.kind,
          role: 'button',
          tabindex: -1,
          'aria-label': [mark.title, ...mark.details].join('; '),
        });
        this.elements.set(mark, child);
      }
      return group;
    };
  }

  private makeCurrent(mark: Mark): void {
    if (this.current) this.elements.get(this.current)?.setAttribute('tabindex', '-1');
    this.current = mark;
    this.elements.get(mark)?.setAttribute('tabindex', '0');
  }

  private focused({ target }: FocusEvent): void {
    const mark = this.markOf(target);
    if (!mark) return;
    this.makeCurrent(mark);
    showTooltip(mark, target as Element);
  }

  private markOf(target: EventTarget | null): Mark | undefined {
    for (const [mark, element] of this.elements) if (element === target) return mark;
    return undefined;
  }

  private pointed(event: PointerEvent): void {
    const mark = event.buttons === 0 ? this.nearest(event) : undefined;
    this.holder.classList.toggle('on-mark', mark !== undefined);
    const seen = mark && this.elements.get(mark);
    if (mark && seen) showTooltip(mark, seen);
    else hideTooltip();
  }

  /** The mark under the pointer, or the nearest in its lane. Other marks are preferred to a connection's bar. */
  private nearest({ clientX, clientY }: MouseEvent): Mark | undefined {
    const y = clientY - this.holder.getBoundingClientRect().top;
    let best: { mark: Mark; distance: number } | undefined;
    for (const mark of this.shown) {
      if (y < mark.top - 1 || y > mark.bottom + 1) continue;
      const box = this.elements.get(mark)?.getBoundingClientRect();
      if (!box) continue;
      const off = Math.max(box.left - clientX, clientX - box.right, 0);
      const distance = off + (mark.kind === 'connection' ? REACH / 2 : 0);
      if (off <= REACH && (!best || distance < best.distance)) best = { mark, distance };
    }
    return best?.mark;
  }

  private clicked(event: MouseEvent): void {
    const mark = this.nearest(event);
    if (!mark) return;
    // A finger cannot hover: the first touch shows the tooltip, the second opens the evidence.
    const isFirst = this.touched !== mark;
    this.touched = mark;
    const seen = this.elements.get(mark);
    if (event instanceof PointerEvent && event.pointerType === 'touch' && isFirst && seen) {
      showTooltip(mark, seen);
    } else {
      this.open(mark.row);
    }
  }

  /** Zooms into the stretch that the pointer is dragged across. */
  private pressed(down: PointerEvent): void {
    if (down.button !== 0 || down.pointerType === 'touch') return;
    const veil = element('div', { class: 'veil' });
    const left = this.holder.getBoundingClientRect().left;
    const moved = (move: PointerEvent) => {
      const [start, end] = [down.clientX, move.clientX].sort((a, b) => a - b) as [number, number];
      if (end - start < DRAG_FROM) return;
      veil.style.left = `${start - left}px`;
      veil.style.width = `${end - start}px`;
      this.holder.append(veil);
    };
    const released = (up: PointerEvent) => {
      removeEventListener('pointermove', moved);
      const dragged = veil.isConnected;
      veil.remove();
      if (!dragged) return;
      // the click that ends a drag opens nothing
      addEventListener('click', (click) => click.stopPropagation(), { capture: true, once: true });
      const [from, to] = [down.clientX, up.clientX].map((x) => this.timeAt(x)).sort((a, b) => a - b);
      this.zoom.set({ from: from as number, to: to as number });
    };
    addEventListener('pointermove', moved);
    addEventListener('pointerup', released, { once: true });
  }

  private timeAt(clientX: number): number {
    const box = this.holder.getBoundingClientRect();
    const start = left(Math.floor(box.width));
    const share = (clientX - box.left - start) / (box.width - start - AXIS[this.axis].right);
    const { from, to } = this.zoom.stretch;
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  }

  private typed(event: KeyboardEvent): void {
    const { current } = this;
    if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      ArrowRight: () => (event.shiftKey ? this.zoom.pan(0.25) : this.goTo(this.beside(current, 1))),
      ArrowLeft: () => (event.shiftKey ? this.zoom.pan(-0.25) : this.goTo(this.beside(current, -1))),
      ArrowDown: () => this.goTo(this.inLane(current, 1)),
      ArrowUp: () => this.goTo(this.inLane(current, -1)),
      Home: () => this.goTo(this.lane(current.lane)[0]),
      End: () => this.goTo(this.lane(current.lane).at(-1)),
      Enter: () => this.open(current.row),
      ' ': () => this.open(current.row),
      '+': () => this.zoom.by(0.5, current.at),
      '=': () => this.zoom.by(0.5, current.at),
      '-': () => this.zoom.by(2, current.at),
      '0': () => this.zoom.showWhole(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  private goTo(mark: Mark | undefined): void {
    if (mark) this.elements.get(mark)?.focus();
  }

  private lane(number: number): Mark[] {
    return this.shown.filter(({ lane }) => lane === number).sort((a, b) => a.at - b.at);
  }

  private beside(mark: Mark, step: number): Mark | undefined {
    const lane = this.lane(mark.lane);
    return lane[lane.indexOf(mark) + step];
  }

  /** The mark nearest in time, in the next lane that has marks. */
  private inLane(mark: Mark, step: number): Mark | undefined {
    const numbers = [...new Set(this.shown.map(({ lane }) => lane))].sort((a, b) => a - b);
    const number = numbers[numbers.indexOf(mark.lane) + step];
    if (number === undefined) return undefined;
    return this.lane(number).reduce<Mark | undefined>(
      (best, candidate) =>
        !best || Math.abs(candidate.at - mark.at) < Math.abs(best.at - mark.at) ? candidate : best,
      undefined,
    );
  }
}

/** For parts that screen readers skip. */
const decoration = { ariaHidden: 'true' } as const;

function laneMarks(lanes: readonly Lane[], from: number, to: number, narrow: boolean): Plot.Markish[] {
  const events = lanes.filter(({ process }) => !process);
  const seen = events.filter(({ count: number }) => number > 0);
  const label = (all: readonly Lane[], dx: number, text: (lane: Lane) => string, options: Plot.TextOptions) =>
    Plot.text(all, {
      x: from,
      y: ({ top, bottom, process }: Lane) => (process ? top + REQUESTS / 2 : (top + bottom) / 2),
      dx,
      textAnchor: 'end',
      text,
      fill: 'var(--muted)',
      ...decoration,
      ...options,
    });
  return [
    Plot.rect(lanes, {
      x1: from,
      x2: to,
      y1: ({ top, process }: Lane) => top + (process ? -2 : 0.5),
      y2: ({ bottom }: Lane) => bottom - 0.5,
      fill: 'var(--band)',
      ...decoration,
    }),
    Plot.gridX({ stroke: 'var(--grid)', strokeOpacity: 1, ...decoration }),
    label(lanes, -40, ({ label: long, short }) => (narrow ? short : long), {}),
    label(lanes, -8, ({ count: number }) => `${number}`, {
      filter: (lane: Lane) => !seen.includes(lane),
    }),
    label(seen, -8, ({ count: number }) => `${number}`, { fill: 'var(--text)', fontWeight: 'bold' }),
  ];
}

/** Bars from open to close: full while the broker hears the client, hatched while it does not. */
function lifeMarks(lives: readonly Life[], from: number, to: number): Plot.Markish[] {
  const seen = lives.filter(({ at, until }) => until >= from && at <= to);
  const within = (time: number) => Math.min(to, Math.max(from, time));
  const silenceOf = ({ silentFrom, until }: Life) => silentFrom ?? until;
  const bar = (
    all: readonly Life[],
    start: (life: Life) => number,
    end: (life: Life) => number,
    fill: string,
  ) =>
    Plot.rect(all, {
      x1: (life: Life) => within(start(life)),
      x2: (life: Life) => within(end(life)),
      y1: ({ middle }: Life) => middle - 2.5,
      y2: ({ middle }: Life) => middle + 2.5,
      fill,
      ...decoration,
    });
  const ended = (how: Life['end']) => seen.filter(({ until, end }) => end === how && until <= to);
  return [
    bar(seen, ({ at }) => at, silenceOf, 'var(--alive)'),
    bar(
      seen.filter((life) => silenceOf(life) < life.until),
      silenceOf,
      ({ until }) => until,
      'url(#silence)',
    ),
    Plot.dot(ended('dropped'), {
      x: 'until',
      y: 'middle',
      symbol: 'times',
      r: 3.6,
      stroke: 'var(--drop)',
      strokeWidth: 1.8,
      ...decoration,
    }),
    Plot.ruleX(ended('closed'), {
      x: 'until',
      y1: ({ middle }: Life) => middle - 5,
      y2: ({ middle }: Life) => middle + 5,
      stroke: 'var(--text)',
      strokeWidth: 1.5,
      ...decoration,
    }),
  ];
}

function secondsTick(span: number): (ms: number) => string {
  const digits = span > 4000 ? 0 : span > 400 ? 1 : span > 40 ? 2 : 3;
  return (ms) => `${(ms / 1000).toFixed(digits)} s`;
}

/** A time of day; the date is below the first tick of each day. */
function clockTick(span: number): (time: Date, index: number, all?: readonly Date[]) => string {
  const digits = span > 600_000 ? 5 : span > 4000 ? 8 : 12;
  const dateOf = (time: Date | undefined) => time?.toISOString().slice(0, 10);
  return (time, index, all) => {
    const date = dateOf(time);
    return `${time.toISOString().slice(11, 11 + digits)}${date === dateOf(all?.[index - 1]) ? '' : `\n${date}`}`;
  };
}
