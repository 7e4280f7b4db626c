import { element } from './dom.ts';

/** The texts of a mark. */
export interface TooltipTexts {
  readonly title: string;
  readonly details: readonly string[];
}

const tooltip = element('div', { class: 'tooltip', role: 'tooltip', id: 'tooltip', hidden: true });
let anchor: Element | undefined;

/** The one tooltip of the page; it goes into the body once. */
export function tooltipElement(): HTMLElement {
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && hideTooltip());
  document.addEventListener('scroll', place, { passive: true, capture: true });
  return tooltip;
}

/** Shows it beside an element, without covering that. */
export function showTooltip({ title, details }: TooltipTexts, beside: Element): void {
  if (beside === anchor) return;
  anchor = beside;
  tooltip.replaceChildren(
    element('strong', {}, title),
    ...details.map((line) => element('div', { class: 'line' }, line)),
  );
  tooltip.hidden = false;
  place();
}

/** Hides the tooltip. */
export function hideTooltip(): void {
  anchor = undefined;
  tooltip.hidden = true;
}

function place(): void {
  if (!anchor) return;
  const { left, right, top, bottom } = anchor.getBoundingClientRect();
  if (!anchor.isConnected || bottom < 0 || top > innerHeight) {
    hideTooltip();
    return;
  }
  const { width, height } = tooltip.getBoundingClientRect();
  const room = 8;
  const middle = (Math.max(0, left) + Math.min(innerWidth, right)) / 2;
  const x = Math.max(room, Math.min(middle - width / 2, innerWidth - width - room));
  const below = bottom + room;
  const y = below + height > innerHeight ? Math.max(room, top - height - room) : below;
  tooltip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}
