import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { troubleKinds } from '../../helpers/diagnosis/troubles.ts';
import { RESULTS_VERSION } from '../../helpers/record/results-schema.ts';

const page = readFileSync(new URL('../../docs/interface.md', import.meta.url), 'utf8');

test('docs/interface.md has the version of the code', () => {
  expect(page).toContain(`Version ${RESULTS_VERSION}.`);
});

test.for(troubleKinds)('docs/interface.md has the trouble %s', (kind) => {
  expect(page.replaceAll(/\s+/g, ' ')).toContain(`\`${kind}\``);
});
