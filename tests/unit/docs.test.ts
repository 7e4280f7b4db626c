import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeOptions } from '../../helpers/config/options.ts';
import { troubleKinds } from '../../helpers/diagnosis/causes/troubles.ts';
import { RESULTS_VERSION } from '../../helpers/record/results-schema.ts';
import { causeNames } from '../../helpers/verdict/causes.ts';

const page = (name: string) => readFileSync(`docs/${name}.md`, 'utf8');

test.for(
  describeOptions().map((option) => [option.name, option] as const),
)('options.md lists %s as the code has it', ([, { name, allowed, reason }]) => {
  expect(page('options')).toContain(`| \`${name}\` | ${allowed} | ${reason} |`);
});

test('inconclusive.md has a paragraph for each cause, in their order', () => {
  expect([...page('inconclusive').matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(causeNames);
});

test('interface.md has the version of the code', () => {
  expect(page('interface')).toContain(`Version ${RESULTS_VERSION}.`);
});

test.for(troubleKinds)('interface.md has the trouble %s', (kind) => {
  expect(page('interface').replaceAll(/\s+/g, ' ')).toContain(`\`${kind}\``);
});
