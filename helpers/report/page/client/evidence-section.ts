import type { CellEvidence, ConnectionMark, DropMark, HeartbeatCell, LineMark } from '../page-data.ts';
import { cellTimeline, loggedWords } from './cell-timeline.ts';
import { type Child, command, element, foldable, lines, reveal, section, tableElement, term } from './dom.ts';
import { legend, stretchOf, zoomButtons } from './timeline-controls.ts';
import { type OpenEvidence, timelineOf } from './timelines.ts';
import { clock, count, seconds } from './units.ts';
import { badge, NOT_HELD } from './words.ts';
import { Zoom } from './zoom.ts';

/** Every row with everything behind its verdict. */
export function evidenceSection(
  cells: readonly HeartbeatCell[],
  open: OpenEvidence,
): HTMLElement | undefined {
  if (cells.length === 0) return undefined;
  return section('evidence', 'The evidence of each verdict', ...cells.map((cell) => cellDetails(cell, open)));
}

/** Opens a cell's evidence and shows a row of it, or its head. */
export function openEvidence(id: string, row?: string): void {
  const details = document.getElementById(id);
  if (!(details instanceof HTMLDetailsElement)) return;
  details.open = true;
  details.dispatchEvent(new Event('toggle'));
  const target = row === undefined ? null : document.getElementById(`${id}-${row}`);
  if (target) reveal(target, 'center');
  else reveal(details.querySelector('summary') ?? details, 'start');
}

function cellDetails(cell: HeartbeatCell, open: OpenEvidence): HTMLElement {
  const { id, deployment, traffic, verdict, test, mismatch } = cell;
  const isInformational = test.state === 'informational';
  const details = element(
    'details',
    { class: 'cell', id },
    element(
      'summary',
      {},
      badge(verdict),
      element('code', { class: 'id' }, id),
      element('span', { class: 'name' }, `${deployment}, ${traffic}`),
      mismatch !== undefined && element('span', { class: 'badge unexpected' }, `≠ ${mismatch}`),
      isInformational && element('span', { class: 'badge informational' }, 'informational'),
    ),
  );
  // Drawn when it is opened: most cells never are.
  const draw = () => {
    if (details.open && details.childElementCount === 1) details.append(...cellBody(cell, open));
  };
  details.addEventListener('toggle', draw);
  return details;
}

function cellBody(cell: HeartbeatCell, open: OpenEvidence): Node[] {
  const { evidence } = cell;
  const head = element(
    'div',
    { class: 'reasons' },
    element('p', { class: 'reason' }, cell.reason),
    element(
      'dl',
      { class: 'plain' },
      term('Expected', `${cell.expected}: ${cell.why}`),
      cell.source !== undefined && term('Source', source(cell.source)),
      term('Traffic', cell.trafficWords),
      cell.earlier.length > 0 && term('Executed before', cell.earlier.join('; ')),
      term('Execute it again', command(cell.test.rerun)),
    ),
    lines('Violations', cell.violations, 'violations'),
  );
  if (!evidence) {
    const why = cell.seen ? NOT_HELD : 'Nothing was observed: the row could not be executed.';
    return [head, element('p', { class: 'empty' }, why)];
  }
  return [
    head,
    ...drawn(cell, evidence, open),
    ...evidence.remarks.map(({ title, lines: all }) => lines(title, all, 'remarks')),
    ...tables(cell, evidence),
    foldable(
      'Everything else that was found',
      true,
      element('dl', { class: 'plain' }, ...evidence.facts.map(([name, value]) => term(name, value))),
    ),
  ].filter((part): part is HTMLElement => part instanceof Node);
}

function drawn(cell: HeartbeatCell, evidence: CellEvidence, open: OpenEvidence): HTMLElement[] {
  const data = cellTimeline(evidence);
  const zoom = new Zoom(stretchOf([data]));
  return [
    element('div', { class: 'controls' }, zoomButtons(zoom)),
    legend([data]),
    timelineOf(cell, data, zoom, open),
  ];
}

/** Only an address becomes a link. */
function source(text: string): Child {
  return /^https:\/\/\S+$/.test(text) ? element('a', { href: text, rel: 'noreferrer' }, text) : text;
}

/** How lines and drops were matched. */
const MATCHED_BY =
  'A line is matched with a drop by process id and time. The client names its connection PROGRAM:PID:UUID. The drop must be of the same process and before the line, with no new connection between them. Lines of one kind are matched with different drops, as long as there are any. The first line that matches a drop decides who logged it: the heartbeat or a request.';

/** The tables of the evidence. The anchor of a row is the cell's, the table's kind and a number. */
function tables({ id, seen }: HeartbeatCell, evidence: CellEvidence): HTMLElement[] {
  const { errors, unreachable, drops, requests, connections, origin } = evidence;
  const table = (
    kind: string,
    title: string,
    open: boolean,
    head: readonly string[],
    rows: readonly (readonly Child[])[],
    hint?: string,
  ) => {
    if (rows.length === 0) return foldable(title, false, element('p', { class: 'empty' }, 'None.'));
    const made = tableElement(title, head, rows, (row) => `${id}-${kind}-${row}`);
    return foldable(title, open, hint !== undefined && element('p', { class: 'hint' }, hint), made);
  };
  const linesTable = (kind: string, title: string, all: readonly LineMark[]) =>
    table(
      kind,
      title,
      true,
      ['at', 'process', 'line', 'matched with'],
      all.map((mark) => [when(mark.at, origin), mark.pid, logLines([mark.line]), matched(mark, drops)]),
      MATCHED_BY,
    );
  return [
    linesTable('error', `${count(errors.length, 'heartbeat error')} in the application’s log`, errors),
    linesTable(
      'unreachable',
      `${count(unreachable.length, 'line')} in the application’s log about a dead connection that a request met`,
      unreachable,
    ),
    table(
      'drop',
      `${seen?.dropWords || 'No drop'}, according to the broker’s log`,
      drops.some(({ loggedBy }) => loggedBy === 'nobody'),
      ['at', 'process', 'broker’s lines', 'in the application’s log'],
      drops.map((drop) => [
        when(drop.at, origin),
        drop.pid ?? 'unknown',
        logLines(linesOf(drop)),
        loggedWords(drop),
      ]),
    ),
    table(
      'request',
      count(requests.length, 'request'),
      false,
      ['sent at', 'took', 'outcome', 'process', 'thread', 'path', 'id'],
      requests.map(({ at, ms, outcome, slowed, slowOtherwise, pid, thread, path, id: request }) => [
        when(at, origin),
        `${ms} ms${slowed ? ', slowed by a reconnect' : slowOtherwise ? ', slow for another reason' : ''}`,
        outcome,
        pid ?? '–',
        thread ?? '–',
        path,
        request,
      ]),
    ),
    table(
      'connection',
      count(connections.length, 'AMQP connection'),
      false,
      [
        'opened at',
        'ended',
        'silence before that',
        'longest survived',
        'packets',
        'heartbeats',
        'process',
        'name',
      ],
      connections.map((connection) => [
        when(connection.at, origin),
        endWords(connection, origin),
        seconds(connection.silenceAtEndMs),
        seconds(connection.longestSilenceMs),
        connection.packets.length / 3,
        connection.heartbeats,
        connection.pid ?? '–',
        connection.name,
      ]),
    ),
  ];
}

/** The drop that a line was matched with. */
function matched({ at, drop }: LineMark, drops: CellEvidence['drops']): Child {
  const match = drop === undefined ? undefined : drops[drop];
  if (!match) return 'no drop';
  const ago = `dropped at ${seconds(match.at)}, ${seconds(at - match.at)} before`;
  return [element('div', {}, ago), logLines(linesOf(match))];
}

function linesOf({ lines, connection }: DropMark): readonly string[] {
  return lines.length > 0 ? lines : [connection];
}

function endWords({ endedAt, ended }: ConnectionMark, origin: number): Child {
  return endedAt === undefined ? 'open at the end' : [ended ?? 'ended', element('br'), when(endedAt, origin)];
}

function when(at: number, origin: number): Child {
  return [
    element('span', { class: 'at' }, seconds(at)),
    element('span', { class: 'clock' }, clock(origin + at)),
  ];
}

function logLines(all: readonly string[]): Child {
  return all.map((line) => element('div', { class: 'line' }, line));
}
