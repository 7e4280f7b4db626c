import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Results } from '../results/results.ts';
import { writeWhole } from '../results/write-whole.ts';
import type { DiagnosisPageData } from './diagnosis-page-data.ts';
import type { PageData } from './page-data.ts';
import { pageOfResults } from './page-of-results.ts';

/**
 * Writes `index.html` into a folder: one file, which needs nothing else and no network.
 *
 * @returns the file; undefined if there is nothing to show.
 */
export async function writePage(folder: string, results: Results): Promise<string | undefined> {
  if (results.tests.length === 0) return undefined;
  const file = join(folder, 'index.html');
  await writeWhole(file, await pageHtml('main', pageOfResults(results)));
  return file;
}

/**
 * JSON that is safe in a `<script>` element.
 *
 * Characters that could end such an element, or begin a comment in it, are escaped as in JSON (HTML, section 4.12.1.3,
 * “Restrictions for contents of script elements”). Characters outside ASCII are escaped too, also lone surrogates. So no
 * log line can become markup or spoil the file's encoding.
 */
export function embeddedJson(data: unknown): string {
  return JSON.stringify(data).replaceAll(
    /[<>&\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The pages by the file of `client/` that draws each, with their data. */
interface Pages {
  readonly main: PageData;
  readonly 'diagnosis-main': DiagnosisPageData;
}

/** What a browser's tab shows. */
export const pageTitles: Readonly<Record<keyof Pages, string>> = {
  main: 'mpm-heartbeat: what was seen',
  'diagnosis-main': 'mpm-heartbeat: what the logs say',
};

/** A whole page. Its policy allows only its own script and no fetches, whatever a log line contains. */
export async function pageHtml<Name extends keyof Pages>(page: Name, data: Pages[Name]): Promise<string> {
  const { script, style } = await bundledClient(page);
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${pageTitles[page]}</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>${style}</style>
</head>
<body>
<noscript>This page draws its charts itself: it needs JavaScript, and no network.</noscript>
${SILENCE}
<script type="application/json" id="data">${embeddedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** The hatching of silence; every timeline refers to it. */
const SILENCE = `<svg width="0" height="0" class="unseen" aria-hidden="true">
<pattern id="silence" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="4" height="4" fill="var(--silence-back)"/><rect width="1.4" height="4" fill="var(--silence)"/>
</pattern>
</svg>`;

/**
 * The client's code and style, each ready for its element.
 *
 * esbuild takes a fifth of a second, is a part of tsx anyway, and never emits `</script`.
 */
async function bundledClient(page: keyof Pages): Promise<{ script: string; style: string }> {
  const entry = (name: string) => fileURLToPath(new URL(`client/${name}`, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry(`${page}.ts`), entry('page.css')],
    outdir: 'page',
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}
