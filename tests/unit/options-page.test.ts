import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeOptions } from '../../helpers/config/options.ts';

const page = readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8');

test.for(
  describeOptions().map((option) => [option.name, option] as const),
)('docs/options.md lists %s as the code has it', ([, { name, allowed, reason }]) => {
  expect(page).toContain(`| \`${name}\` | ${allowed} | ${reason} |`);
});
