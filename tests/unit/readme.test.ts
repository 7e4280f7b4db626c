import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeOptions } from '../../helpers/config/options.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test.for(
  describeOptions().map((option) => [option.name, option] as const),
)('the README lists %s as the code has it', ([, { name, allowed, reason }]) => {
  expect(readme).toContain(`| \`${name}\` | ${allowed} | ${reason} |`);
});
