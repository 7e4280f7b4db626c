import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { causeNames } from '../../helpers/verdict/causes.ts';

test('docs/inconclusive.md has a paragraph for each cause, in their order', () => {
  const page = readFileSync(new URL('../../docs/inconclusive.md', import.meta.url), 'utf8');
  expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(causeNames);
});
