// Observable Plot draws SVG, so each mark is an element that can have focus, a name and a click, and prints sharply.
// Canvas libraries (uPlot, ECharts) offer none of this, and ECharts is three times as large. Plot uses the page's own
// colours, light and dark. It adds 0.4 MB to the page, with its dependencies.
import * as Plot from '@observablehq/plot';

export { Plot };

/**
 * Draws a plot. Plot names its groups in `aria-label`, for style sheets. ARIA forbids names on groups without a role, and
 * a screen reader would say “rule”. So the names are moved to `data-part`.
 */
export function plotted(options: Plot.PlotOptions): Element {
  const plot = Plot.plot(options);
  for (const group of plot.querySelectorAll('g[aria-label]:not([role])')) {
    group.setAttribute('data-part', group.getAttribute('aria-label') ?? '');
    group.removeAttribute('aria-label');
  }
  return plot;
}
