import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** As packages call it; none is downloaded. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const ON_A_MAC = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Starts Chromium without a window.
 *
 * @throws Error with one line where there is none.
 */
export async function startChromium(): Promise<Browser> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...ON_A_MAC];
  const executablePath = places.find((path) => existsSync(path));
  if (!executablePath) {
    throw new Error(
      'the page’s tests need Chromium, and none is installed: on Debian, apt-get install chromium; npm test and npm run test:unit do without them',
    );
  }
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      // Chromium refuses to run as root inside its sandbox
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
