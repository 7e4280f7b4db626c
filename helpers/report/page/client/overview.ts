import type { ClaimData, HeartbeatCell, PageData, RunData } from '../page-data.ts';
import { button, element, scrolling, section, tableParts, term } from './dom.ts';
import { count } from './units.ts';
import { badge, mainRows, meanings, sentenceOf, sign, slug } from './words.ts';

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

function facts({
  startedAt,
  took,
  times,
  machine,
  versions,
  states,
  endedEarly,
  failures,
}: RunData): HTMLElement {
  const started = new Date(startedAt);
  const when = `${started.toISOString().slice(0, 10)} ${started.toISOString().slice(11, 16)} UTC`;
  const items: (readonly [name: string, value: string])[] = [
    ['Executed', `${when}, in ${took}, ${times} times`],
    ['On', machine ?? 'a machine that results.json does not describe'],
    ['Tests', `${states.passed} passed, ${states.failed} failed, ${states.informational} informational`],
    ['Ended early', endedEarly ?? ''],
    ['Also failed', failures.join(' · ')],
    ['With', versions.map(([name, version]) => `${name} ${version}`).join(' · ')],
  ];
  return element(
    'dl',
    { class: 'facts' },
    ...items.filter(([, value]) => value !== '').map(([name, value]) => term(name, value)),
  );
}

function claims(all: readonly ClaimData[]): HTMLElement {
  return section(
    'claims',
    'What the article concludes',
    all.length === 0 && element('p', { class: 'empty' }, 'This run has no rows that a claim depends on.'),
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

/** One line of a text, which opens to show all of it. */
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
  return section(
    'truth',
    'What became of the connections',
    cells.length === 0
      ? element('p', { class: 'empty' }, 'This run executed no rows under traffic.')
      : [...groups(cells), legend(cells)],
  );
}

/** A table for each group of rows. All but the first are folded, unless a row in them failed. */
function groups(cells: readonly HeartbeatCell[]): HTMLElement[] {
  const titles = [...new Set([...mainRows(cells), ...cells].map(({ group }) => group))];
  if (titles.length === 1) return [scrolling('Truth table', matrix(cells))];
  return titles.map((title, index) => {
    const members = cells.filter(({ group }) => group === title);
    return folded(title, members, index === 0);
  });
}

/** A table of rows behind a line that counts their verdicts. */
function folded(title: string, cells: readonly HeartbeatCell[], first: boolean): HTMLElement {
  return element(
    'details',
    { class: 'group', open: first || cells.some(({ mismatch }) => mismatch !== undefined) },
    element(
      'summary',
      {},
      element('span', { class: 'title' }, title),
      element('span', { class: 'tally' }, tally(cells)),
    ),
    scrolling(title, matrix(cells)),
  );
}

/** Verdicts, counted: `4 clean, 1 reproduced`. */
function tally(cells: readonly HeartbeatCell[]): string {
  const verdicts = [...new Set(cells.map(({ verdict }) => verdict))];
  return verdicts
    .map((word) => `${cells.filter(({ verdict }) => verdict === word).length} ${word}`)
    .join(', ');
}

/** Whether there is room for figures, because the table has only one column. */
function roomy(cells: readonly HeartbeatCell[]): boolean {
  return columnsOf(cells).length <= 1;
}

function matrix(cells: readonly HeartbeatCell[]): HTMLElement {
  const [columns, figures] = [columnsOf(cells), roomy(cells)];
  const linked = (cell: HeartbeatCell) => [
    verdictLink(cell),
    figures && element('span', { class: 'figures' }, ` ${sentenceOf(cell)}`),
  ];
  const rows = rowsOf(cells).map((deployment) => {
    const own = cells.filter((cell) => cell.deployment === deployment);
    const verdicts = columns.map((name) => own.filter(({ traffic }) => traffic === name).map(linked));
    const title = element('th', { scope: 'row' }, deployment);
    return element('tr', {}, title, ...verdicts.map((all) => element('td', {}, all)));
  });
  return element(
    'table',
    { class: `matrix${figures ? '' : ' many'}` },
    element(
      'caption',
      { class: 'unseen' },
      'Verdicts of deployments by their traffic; each links to its evidence',
    ),
    ...tableParts(['deployment', ...columns], rows),
  );
}

function verdictLink({ id, deployment, traffic, verdict, mismatch, test, seen }: HeartbeatCell): HTMLElement {
  // Lost requests are a fact of their own beside the verdict.
  const { lost = 0, sent = 0, dropWords = '' } = seen ?? {};
  const lostOfAll = `${lost} of ${sent} lost`;
  const informational = test.state === 'informational';
  const facts = [
    verdict,
    dropWords,
    lost > 0 && lostOfAll,
    mismatch,
    informational && 'informational',
  ].filter(Boolean);
  return element(
    'a',
    {
      class: ['badge', slug(verdict), mismatch && 'unexpected', informational && 'informational']
        .filter(Boolean)
        .join(' '),
      href: `#${id}`,
      title: [id, dropWords].filter(Boolean).join(': '),
      'aria-label': `${deployment}, ${traffic}: ${facts.join(', ')}; evidence`,
    },
    sign(verdict),
    ` ${verdict}`,
    lost > 0 && element('span', { class: 'lost', title: lostOfAll }, `${lost} lost`),
    mismatch !== undefined && element('span', { class: 'flag' }, ' ≠'),
  );
}

function legend(cells: readonly HeartbeatCell[]): HTMLElement {
  const unexpected = cells.filter(({ mismatch }) => mismatch !== undefined).length;
  const informational = cells.filter(({ test }) => test.state === 'informational').length;
  const seen = (['reproduced', 'dropped', 'clean', 'inconclusive'] as const).filter(
    (word) => word !== 'inconclusive' || cells.some(({ verdict }) => verdict === word),
  );
  return element(
    'dl',
    { class: 'legend' },
    ...seen.map((word) => term(badge(word), meanings[word])),
    unexpected > 0 &&
      term(
        element('span', { class: 'badge unexpected' }, '≠'),
        `${count(unexpected, 'row')} not as expected: the evidence says what`,
      ),
    informational > 0 &&
      term(
        element('span', { class: 'badge informational' }, 'dashed'),
        `${count(informational, 'row')} informational: executed, and nothing is asserted about the outcome`,
      ),
  );
}

function rowsOf(cells: readonly HeartbeatCell[]): string[] {
  return [...new Set([...mainRows(cells), ...cells].map(({ deployment }) => deployment))];
}

/** The traffic that most deployments got, first. */
function columnsOf(cells: readonly HeartbeatCell[]): string[] {
  const counts = new Map<string, number>();
  for (const { traffic } of cells) counts.set(traffic, (counts.get(traffic) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}
