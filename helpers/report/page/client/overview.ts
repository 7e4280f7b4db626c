import type { ClaimData, HeartbeatCell, PageData, RunFacts } from '../page-data.ts';
import { button, element, scrolling } from './dom.ts';
import { count } from './figures.ts';
import { timelineSentence } from './timeline.ts';
import { badge, meanings, sign, slug } from './words.ts';

/** The first screen: question, claims, truth table. */
export function overview(data: PageData): HTMLElement[] {
  return [
    pageHeader(data),
    element(
      'section',
      { class: `overview${roomy(data.heartbeat) ? ' roomy' : ''}`, 'aria-label': 'What came out' },
      claims(data.claims),
      truthTable(data.heartbeat),
    ),
  ];
}

function pageHeader({ question, answer, run }: PageData): HTMLElement {
  return element(
    'header',
    {},
    element(
      'div',
      { class: 'title' },
      element('h1', {}, question),
      element('p', { class: 'answer' }, element('strong', {}, answer.word), `: ${answer.because}`),
    ),
    facts(run),
  );
}

function facts({ startedAt, seconds, times, machine, versions, states }: RunFacts): HTMLElement {
  const started = new Date(startedAt);
  const when = `${started.toISOString().slice(0, 10)} ${started.toISOString().slice(11, 16)} UTC`;
  const items: [string, string][] = [
    ['Played', `${when}, in ${duration(seconds)}, ${times} times`],
    ['On', machine ?? 'a machine that this file does not describe'],
    ['Tests', `${states.passed} as expected, ${states.failed} not`],
    ...(versions.length > 0
      ? ([['With', versions.map(([name, version]) => `${name} ${version}`).join(' · ')]] as [
          string,
          string,
        ][])
      : []),
  ];
  return element(
    'dl',
    { class: 'facts' },
    ...items.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function claims(all: readonly ClaimData[]): HTMLElement {
  return element(
    'section',
    { class: 'claims', 'aria-labelledby': 'claims' },
    element('h2', { id: 'claims' }, 'What the article concludes'),
    all.length === 0 &&
      element('p', { class: 'empty' }, 'This run has no cells from which a claim could be judged.'),
    element(
      'ol',
      {},
      ...all.map(({ sentence, answer, because }) =>
        element(
          'li',
          {},
          element('p', { class: 'sentence' }, badge(answer), ` ${sentence}`),
          clamped(because),
        ),
      ),
    ),
  );
}

/** One line of a text, and all of it when asked for. */
function clamped(text: string): HTMLElement[] {
  const paragraph = element('p', { class: 'because clamped' }, text);
  const more = button('more', { class: 'more' }, () => {
    paragraph.classList.remove('clamped');
    more.remove();
  });
  new ResizeObserver(() => {
    more.hidden = paragraph.scrollHeight <= paragraph.clientHeight + 1;
  }).observe(paragraph);
  return [paragraph, more];
}

function truthTable(cells: readonly HeartbeatCell[]): HTMLElement {
  return element(
    'section',
    { class: 'truth', 'aria-labelledby': 'truth' },
    element('h2', { id: 'truth' }, 'What became of the connections'),
    cells.length === 0
      ? element('p', { class: 'empty' }, 'This run played no heartbeat cells.')
      : [...matrices(cells), legend(cells)],
  );
}

/** More deployments than this do not fit on a screen, one below the other. */
const MOST_ROWS = 16;

/**
 * The matrix; of a large one those rows stand apart, broken into columns by the style, that have the
 * commonest traffic and no other.
 */
function matrices(cells: readonly HeartbeatCell[]): HTMLElement[] {
  const deployments = rowsOf(cells);
  const scenarios = columnsOf(cells);
  const [commonest] = scenarios;
  const plain = (deployment: string) =>
    cells
      .filter((it) => it.deployment === deployment)
      .every(({ scenario, mainPlace }) => scenario === commonest && mainPlace === undefined);
  const apart = deployments.length > MOST_ROWS ? deployments.filter(plain) : [];
  const whole = deployments.filter((it) => !apart.includes(it));
  return [
    scrolling('Truth table', matrix(cells, whole, scenarios)),
    ...(apart.length > 0
      ? [element('div', { class: 'apart' }, matrix(cells, apart, scenarios.slice(0, 1)))]
      : []),
  ];
}

/** One column leaves room for figures. */
function roomy(cells: readonly HeartbeatCell[]): boolean {
  return rowsOf(cells).length <= MOST_ROWS && columnsOf(cells).length <= 1;
}

function matrix(
  cells: readonly HeartbeatCell[],
  deployments: readonly string[],
  scenarios: readonly string[],
): HTMLElement {
  const figures = roomy(cells);
  return element(
    'table',
    { class: `matrix${figures ? '' : ' many'}` },
    element(
      'caption',
      { class: 'unseen' },
      'Verdicts of deployments by their traffic; each leads to its evidence',
    ),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, 'deployment'),
        ...scenarios.map((name) => element('th', { scope: 'col' }, name)),
      ),
    ),
    element(
      'tbody',
      {},
      ...deployments.map((deployment) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, deployment),
          ...scenarios.map((scenario) =>
            element(
              'td',
              {},
              ...cells
                .filter((it) => it.deployment === deployment && it.scenario === scenario)
                .flatMap((cell) => [
                  verdictLink(cell),
                  figures && element('span', { class: 'figures' }, ` ${timelineSentence(cell)}`),
                ]),
            ),
          ),
        ),
      ),
    ),
  );
}

function verdictLink(cell: HeartbeatCell): HTMLElement {
  const { id, deployment, scenario, verdict, expected, test } = cell;
  const failed = test.state === 'failed';
  const requests = cell.evidence?.requests ?? [];
  // What hung is a fact beside the verdict.
  const lost = requests.filter(({ ok }) => !ok).length;
  const lostOfAll = `${lost} of ${requests.length} lost`;
  const facts = [verdict, lost > 0 && lostOfAll, failed && `not as expected (${expected})`].filter(Boolean);
  const label = `${deployment}, ${scenario}: ${facts.join(', ')}; evidence`;
  return element(
    'a',
    { class: `badge ${slug(verdict)}${failed ? ' unexpected' : ''}`, href: `#${id}`, 'aria-label': label },
    sign(verdict),
    ` ${verdict}`,
    lost > 0 && element('span', { class: 'lost', title: lostOfAll }, `${lost} lost`),
    failed && element('span', { class: 'flag' }, ' ≠'),
  );
}

function legend(cells: readonly HeartbeatCell[]): HTMLElement {
  const failed = cells.some(({ test }) => test.state === 'failed');
  const seen = (['reproduced', 'silent', 'clean', 'inconclusive'] as const).filter(
    (word) => word !== 'inconclusive' || cells.some(({ verdict }) => verdict === word),
  );
  return element(
    'dl',
    { class: 'legend' },
    ...seen.map((word) =>
      element('div', {}, element('dt', {}, badge(word)), element('dd', {}, meanings[word])),
    ),
    failed &&
      element(
        'div',
        {},
        element('dt', {}, element('span', { class: 'badge unexpected' }, '≠')),
        element(
          'dd',
          {},
          `${count(cells.filter(({ test }) => test.state === 'failed').length, 'cell')} not as expected: the evidence says what`,
        ),
      ),
  );
}

/** The main table first, in its order. */
function rowsOf(cells: readonly HeartbeatCell[]): string[] {
  const main = cells
    .filter(({ mainPlace }) => mainPlace !== undefined)
    .sort((a, b) => (a.mainPlace ?? 0) - (b.mainPlace ?? 0));
  return [...new Set([...main, ...cells].map(({ deployment }) => deployment))];
}

/** The traffic that most deployments got, first. */
function columnsOf(cells: readonly HeartbeatCell[]): string[] {
  const counts = new Map<string, number>();
  for (const { scenario } of cells) counts.set(scenario, (counts.get(scenario) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}
