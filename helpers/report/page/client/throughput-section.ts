import type { BlockData, RatioData, RoleName, ThroughputCell } from '../page-data.ts';
import { command, element, lines, section, setAttributes, tableElement, term } from './dom.ts';
import { Plot, plotted } from './plot.ts';
import { badge } from './words.ts';

/** How each server is called in the order of a block, and drawn. */
const signs: Readonly<Record<RoleName, { letter: string; colour: string; dash: string }>> = {
  baseline: { letter: 'A', colour: 'var(--client)', dash: '' },
  baselineAgain: { letter: 'A′', colour: 'var(--broker)', dash: '5 3' },
  candidate: { letter: 'B', colour: 'var(--candidate)', dash: '' },
};
const roleNames = Object.keys(signs) as RoleName[];

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
        element(
          'li',
          {},
          element('strong', { class: `server ${role}` }, signs[role].letter),
          ` ${cell.names[role]}: ${words}`,
        ),
      ),
    ),
    cell.blocks.length > 0
      ? element('div', { class: 'charts' }, ratioChart(cell), latencyChart(cell))
      : element('p', { class: 'empty' }, 'No block was measured.'),
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
/** A narrow chart has its labels below each other, or fewer of them. */
const NARROW = 480;
const sparse: readonly number[] = [50, 75, 90, 99];

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
    cell.blocks.map(({ number, order }) => [`${number}`, order.map((role) => signs[role].letter)]),
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

/** How long requests took: medians over the blocks of ab's percentiles. */
function latencyChart({ latency, names }: ThroughputCell): HTMLElement {
  const all = [...new Set(latency.map(({ percentile }) => percentile))];
  const percentiles = all.map(String);
  const points = latency.map((point) => ({ ...point, place: `${point.percentile}` }));
  return chart(
    'Latency',
    'How many milliseconds it took to answer that percentage of the requests; medians over the blocks.',
    (width) =>
      plotted({
        width,
        height: 280,
        marginLeft: 46,
        marginRight: 14,
        marginBottom: 28,
        style: { fontSize: '11px' },
        x: {
          type: 'point',
          domain: percentiles,
          label: null,
          ticks: (width < NARROW ? all.filter((percentile) => sparse.includes(percentile)) : all).map(String),
          tickFormat: (percentile: string) => `${percentile} %`,
        },
        y: { zero: true, nice: true, label: null, tickFormat: (ms: number) => `${ms} ms`, grid: true },
        marks: roleNames.flatMap((role) => {
          const own = points.filter((point) => point.role === role);
          const { colour, dash } = signs[role];
          return [
            Plot.lineY(own, { x: 'place', y: 'ms', stroke: colour, strokeWidth: 1.8, strokeDasharray: dash }),
            Plot.dot(own, {
              x: 'place',
              y: 'ms',
              r: 2.5,
              fill: colour,
              title: ({ percentile, ms }: (typeof own)[number]) =>
                `${names[role]}: ${percentile} % within ${ms} ms`,
            }),
          ];
        }),
      }),
  );
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
  return element(
    'details',
    { class: 'list' },
    element('summary', {}, title),
    tableElement(
      title,
      [
        'block',
        'order',
        ...roleNames.map((role) => `${signs[role].letter} requests/s`),
        'B against A, A′',
        'A′ against A',
      ],
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
