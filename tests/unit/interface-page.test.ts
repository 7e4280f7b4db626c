import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RESULTS_VERSION } from '../../helpers/record/results-schema.ts';

test('docs/interface.md has the version of the code', () => {
  const page = readFileSync(new URL('../../docs/interface.md', import.meta.url), 'utf8');
  expect(page).toContain(`Version ${RESULTS_VERSION}.`);
});
