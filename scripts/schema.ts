import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { resultsJsonSchema } from '../helpers/record/results-schema.ts';

// npm run dev:schema: writes results.schema.json, which Biome sets as it does every other file.
const file = fileURLToPath(new URL('../results.schema.json', import.meta.url));
writeFileSync(file, JSON.stringify(resultsJsonSchema()));
await execa('biome', ['format', '--write', file], { preferLocal: true, stderr: 'inherit' });
