// Observable Plot draws SVG: each mark is an element that can have focus, a name and a click, and that
// prints sharp; canvas libraries (uPlot, ECharts) have none of that, and the latter is three times as
// large. It takes the page's own colours, light and dark, serves timelines and throughput alike, and
// is maintained by the makers of d3, on which it builds. With all it needs it adds 0.4 MB to the page.
import * as Plot from '@observablehq/plot';

export { Plot };

/**
 * Plots what is described. Plot names its groups by `aria-label`, for style sheets; ARIA forbids names
 * on groups without a role, and nobody should hear “rule”: the name goes to `data-part`.
 */
export function plotted(options: Plot.PlotOptions): Element {
  const plot = Plot.plot(options);
  for (const group of plot.querySelectorAll('g[aria-label]:not([role])')) {
    group.setAttribute('data-part', group.getAttribute('aria-label') ?? '');
    group.removeAttribute('aria-label');
  }
  return plot;
}
