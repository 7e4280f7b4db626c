/** The content of an element. Strings become text, never markup, because some are log lines. */
export type Child = Node | string | number | undefined | false | readonly Child[];

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes (`true` sets an empty one, `false` and undefined none) and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

/** Sets attributes: `true` sets an empty one, `false` and undefined none. */
export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false)
      target.setAttribute(name, value === true ? '' : String(value));
  }
}

/** A button that does something. */
export function button(label: string, attributes: Attributes, action: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', action);
  return made;
}

/** A name and its value, in a description list. */
export function term(name: Child, value: Child): HTMLElement {
  return element('div', {}, element('dt', {}, name), element('dd', {}, value));
}

/** A table with a head, in a region that scrolls sideways if there is too little room. `anchor` gives a row's. */
export function tableElement(
  name: string,
  head: readonly string[],
  rows: readonly (readonly Child[])[],
  anchor: (row: number) => string | undefined = () => undefined,
): HTMLElement {
  const lines = rows.map((row, index) =>
    element('tr', { id: anchor(index) }, ...row.map((cell) => element('td', {}, cell))),
  );
  return scrolling(name, element('table', {}, ...tableParts(head, lines)));
}

/** The head of a table, and its rows below it. */
export function tableParts(head: readonly string[], rows: readonly HTMLElement[]): HTMLElement[] {
  const columns = head.map((text) => element('th', { scope: 'col' }, text));
  return [element('thead', {}, element('tr', {}, ...columns)), element('tbody', {}, ...rows)];
}

/** A region that scrolls sideways, by keyboard as well. */
export function scrolling(name: string, ...children: Child[]): HTMLElement {
  return element('div', { class: 'scrolling', role: 'region', 'aria-label': name, tabindex: 0 }, ...children);
}

/** A part of the page with its heading. */
export function section(id: string, title: string, ...content: Child[]): HTMLElement {
  const heading = `${id}-title`;
  return element(
    'section',
    { id, class: id, 'aria-labelledby': heading },
    element('h2', { id: heading }, title),
    ...content,
  );
}

/** Something that can be folded. */
export function foldable(title: string, open: boolean, ...content: Child[]): HTMLElement {
  return element('details', { class: 'list', open }, element('summary', {}, title), ...content);
}

/** Lines as they were logged, under a title. */
export function lines(title: string, all: readonly string[], kind: string): HTMLElement | undefined {
  if (all.length === 0) return undefined;
  return element('div', { class: `lines ${kind}` }, element('h4', {}, title), lineList(all));
}

/** Lines as they were logged. */
export function lineList(all: readonly string[]): HTMLElement {
  return element('ul', {}, ...all.map((line) => element('li', { class: 'line' }, line)));
}

/** A command, and a button that copies it. */
export function command(text: string): HTMLElement {
  const copy = button('Copy', { class: 'copy' }, () => {
    navigator.clipboard.writeText(text).then(
      () => {
        copy.textContent = 'Copied';
      },
      () => {
        copy.textContent = 'Select it by hand';
      },
    );
  });
  return element('span', { class: 'command' }, element('code', {}, text), copy);
}

/** Opens what hides an element, scrolls to it, and gives it the focus. */
export function reveal(target: HTMLElement, block: ScrollLogicalPosition): void {
  for (
    let details = target.closest('details');
    details;
    details = details.parentElement?.closest('details') ?? null
  )
    details.open = true;
  if (target.tagName !== 'SUMMARY') setAttributes(target, { tabindex: -1 });
  target.scrollIntoView({ block });
  target.focus({ preventScroll: true });
}

function append(target: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    if (Array.isArray(child)) append(target, child as readonly Child[]);
    else target.append(child instanceof Node ? child : String(child));
  }
}
