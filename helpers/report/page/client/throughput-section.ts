import type { BlockData, RatioData, RoleName, ThroughputCell } from '../page-data.ts';
import { command, element, foldable, lines, section, setAttributes, tableElement, term } from './dom.ts';
import { Plot, plotted } from './plot.ts';
import { badge } from './words.ts';

/** How each server is called in the order of a block. */
const letters: Readonly<Record<RoleName, string>> = { baseline: 'A', baselineAgain: 'A′', candidate: 'B' };
const roleNames = Object.keys(letters) as RoleName[];

/** The throughput comparisons. */
export function throughputSection(cells: readonly ThroughputCell[]): HTMLElement {
  return section(
    'throughput',
    'Throughput, in blocks',
    cells.length === 0
      ? element('p', { class: 'empty' }, 'This run measured no throughput (npm run throughput does).')
      : element(
          'p',
          { class: 'hint' },
          'In each block ab loads three servers, one at a time, in random order: the baseline (A), a second server of the same kind (A′) and the candidate (B). A′ is the control: without proof that A and A′ are equal, there is no conclusion.',
        ),
    ...cells.map(comparison),
  );
}

function comparison(cell: ThroughputCell): HTMLElement {
  return element(
    'article',
    { class: 'comparison', id: cell.id, 'aria-labelledby': `${cell.id}-title` },
    element(
      'h3',
      { id: `${cell.id}-title` },
      badge(cell.verdict),
      ` ${cell.names.candidate} against ${cell.names.baseline}`,
      element('small', {}, element('code', {}, cell.id), ` ${cell.title}`),
    ),
    element('p', { class: 'reason' }, cell.conclusion),
    element(
      'ul',
      { class: 'servers' },
      ...cell.rates.map(([role, words]) =>
        element('li', {}, element('strong', {}, letters[role]), ` ${cell.names[role]}: ${words}`),
      ),
    ),
    cell.blocks.length > 0 ? ratioChart(cell) : element('p', { class: 'empty' }, 'No block was measured.'),
    element(
      'dl',
      { class: 'plain' },
      cell.estimate && term('Ratio of all blocks', ratioWords(cell.estimate)),
      cell.control && term('A′ against A', ratioWords(cell.control)),
      term('Expected', `${cell.expected}: ${cell.why}`),
      cell.seed !== undefined && term('Seed of the order', `${cell.seed}`),
      term('Measure it again', command(cell.test.rerun)),
    ),
    lines('Lines that are not allowed', cell.remarks, 'remarks'),
    cell.blocks.length > 0 && blocksTable(cell),
  );
}

interface RatioDot {
  readonly place: string;
  readonly ratio: number;
  readonly what: 'candidate' | 'control';
  readonly title: string;
}

const ALL = 'all';
/** A narrow chart has its labels below each other. */
const NARROW = 480;

/** Each block's ratio with the control's ratio, and the interval of the estimate with the tolerance. */
function ratioChart(cell: ThroughputCell): HTMLElement {
  const dots = cell.blocks.flatMap((block) => blockDots(block, cell));
  const summary = [...summaryOf(cell.estimate, 'candidate'), ...summaryOf(cell.control, 'control')];
  const values = [
    1,
    cell.bound,
    ...dots.map(({ ratio }) => ratio),
    ...summary.flatMap(({ low, high }) => [low, high]),
  ];
  const [least, most] = [Math.min(...values) * 0.97, Math.max(...values) * 1.03];
  const places = [...cell.blocks.map(({ number }) => `${number}`), ALL];
  const orders = new Map(
    cell.blocks.map(({ number, order }) => [`${number}`, order.map((role) => letters[role])]),
  );
  const ofKind = (what: RatioDot['what']): Plot.Markish[] => {
    const ratios = summary.filter((ratio) => ratio.what === what);
    const stroke = what === 'candidate' ? 'var(--candidate)' : 'var(--muted)';
    const fill = what === 'candidate' ? stroke : 'var(--surface)';
    const all = { x: 'place', dx: what === 'candidate' ? 5 : -5, stroke, title: 'title' };
    const dot = { ...all, y: 'ratio', fill, strokeWidth: 1.5 };
    return [
      Plot.dot(
        dots.filter((dot) => dot.what === what),
        { ...dot, r: 4, tip: true },
      ),
      Plot.ruleX(ratios, { ...all, y1: 'low', y2: 'high', strokeWidth: 3 }),
      Plot.dot(ratios, { ...dot, r: 5.5, symbol: 'diamond' }),
    ];
  };
  const label = (ratio: number, text: string, fill: string) =>
    Plot.text([ratio], {
      y: (value: number) => value,
      frameAnchor: 'right',
      textAnchor: 'start',
      dx: 5,
      text: () => text,
      fill,
    });
  return chart(
    'Ratio in each block',
    `● ${cell.names.candidate} against the mean of A and A′, ○ A′ against A. Below each block: the order of its servers. On the right, ◆ the ratio of all and its interval.`,
    (width) =>
      plotted({
        width,
        height: 280,
        marginLeft: 46,
        marginRight: 74,
        marginBottom: width < NARROW ? 70 : 44,
        style: { fontSize: '11px' },
        x: { type: 'point', domain: places, label: null, padding: 0.6 },
        y: { domain: [least, most], label: null, tickFormat: '.2f', grid: true },
        marks: [
          Plot.rect([0], { y1: least, y2: cell.bound, fill: 'var(--loss)' } as Plot.RectOptions),
          Plot.ruleY([1], { stroke: 'var(--muted)' }),
          Plot.ruleY([cell.bound], { stroke: 'var(--drop)', strokeDasharray: '6 3' }),
          label(cell.bound, `${cell.bound.toFixed(2)} at least`, 'var(--drop)'),
          label(1, '1 equal', 'var(--muted)'),
          Plot.axisX({
            label: null,
            tickFormat: (place: string) =>
              `${place}\n${orders.get(place)?.join(width < NARROW ? '\n' : ' ') ?? 'blocks'}`,
          }),
          ...ofKind('control'),
          ...ofKind('candidate'),
        ],
      }),
  );
}

function blockDots(
  { number, ratio, control, order, rates }: BlockData,
  { names }: ThroughputCell,
): RatioDot[] {
  const measured = order
    .map((role) => `${names[role]}: ${rates[role]?.toFixed(1) ?? 'no'} requests/s`)
    .join('\n');
  const dot = (what: RatioDot['what'], ratio: number | undefined): RatioDot[] => {
    if (ratio === undefined) return [];
    const title = `Block ${number}, ${what}: ${ratio.toFixed(3)}\n${measured}`;
    return [{ place: `${number}`, ratio, what, title }];
  };
  return [...dot('candidate', ratio), ...dot('control', control)];
}

function summaryOf(data: RatioData | undefined, what: RatioDot['what']) {
  if (!data) return [];
  const { ratio, low = ratio, high = ratio } = data;
  const title = `All blocks, ${what}: ${ratioWords(data)}`;
  return [{ place: ALL, ratio, low, high, what, title }];
}

function ratioWords({ ratio, low, high, confidence }: RatioData): string {
  if (low === undefined || high === undefined) return `${ratio.toFixed(3)}; too few blocks for an interval`;
  return `${ratio.toFixed(3)}, from ${low.toFixed(3)} to ${high.toFixed(3)} (${confidence})`;
}

function chart(title: string, note: string, draw: (width: number) => Element): HTMLElement {
  const holder = element('div', { class: 'chart' });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.floor(holder.clientWidth);
    if (width === 0 || width === drawn) return;
    drawn = width;
    const plot = draw(width);
    setAttributes(plot, { role: 'img', 'aria-label': `${title}. ${note}` });
    holder.replaceChildren(plot);
  }).observe(holder);
  return element(
    'figure',
    {},
    element('figcaption', {}, element('h4', {}, title), element('p', { class: 'hint' }, note)),
    holder,
  );
}

function blocksTable({ blocks, names }: ThroughputCell): HTMLElement {
  const title = 'Every block';
  const rates = roleNames.map((role) => `${letters[role]} requests/s`);
  return foldable(
    title,
    false,
    tableElement(
      title,
      ['block', 'order', ...rates, 'B against A, A′', 'A′ against A'],
      blocks.map(({ number, order, rates, ratio, control }) => [
        number,
        order.map((role) => names[role]).join(', '),
        ...roleNames.map((role) => rates[role]?.toFixed(1) ?? '–'),
        ratio?.toFixed(3) ?? '–',
        control?.toFixed(3) ?? '–',
      ]),
    ),
  );
}
