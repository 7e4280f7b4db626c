import type { BlockData, RatioData, RoleName, ThroughputCell } from '../page-data.ts';
import { command, element, lines, list, section, setAttributes, tableElement, term } from './dom.ts';
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
  const summary = [summaryOf(cell.estimate, 'candidate'), summaryOf(cell.control, 'control')].flatMap(
    (data) => data ?? [],
  );
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
  const colour = { candidate: 'var(--candidate)', control: 'var(--muted)' } as const;
  const shift = { candidate: 5, control: -5 } as const;
  const ofKind = (what: 'candidate' | 'control'): Plot.Markish[] => [
    Plot.dot(
      dots.filter((dot) => dot.what === what),
      {
        x: 'place',
        y: 'ratio',
        dx: shift[what],
        r: 4,
        fill: what === 'candidate' ? colour[what] : 'var(--surface)',
        stroke: colour[what],
        strokeWidth: 1.5,
        title: 'title',
        tip: true,
      },
    ),
    Plot.ruleX(
      summary.filter((ratio) => ratio.what === what),
      {
        x: 'place',
        y1: 'low',
        y2: 'high',
        dx: shift[what],
        stroke: colour[what],
        strokeWidth: 3,
        title: 'title',
      },
    ),
    Plot.dot(
      summary.filter((ratio) => ratio.what === what),
      {
        x: 'place',
        y: 'ratio',
        dx: shift[what],
        r: 5.5,
        symbol: 'diamond',
        fill: what === 'candidate' ? colour[what] : 'var(--surface)',
        stroke: colour[what],
        strokeWidth: 1.5,
        title: 'title',
      },
    ),
  ];
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
          Plot.text([cell.bound], {
            y: (ratio: number) => ratio,
            frameAnchor: 'right',
            textAnchor: 'start',
            dx: 5,
            text: (ratio: number) => `${ratio.toFixed(2)} at least`,
            fill: 'var(--drop)',
          }),
          Plot.text([1], {
            y: (ratio: number) => ratio,
            frameAnchor: 'right',
            textAnchor: 'start',
            dx: 5,
            text: () => '1 equal',
            fill: 'var(--muted)',
          }),
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
  const dot = (what: RatioDot['what'], value: number | undefined): RatioDot[] =>
    value === undefined
      ? []
      : [
          {
            place: `${number}`,
            ratio: value,
            what,
            title: `Block ${number}, ${what}: ${value.toFixed(3)}\n${measured}`,
          },
        ];
  return [...dot('candidate', ratio), ...dot('control', control)];
}

function summaryOf(data: RatioData | undefined, what: 'candidate' | 'control') {
  if (!data) return undefined;
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
  return list(
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
