import { writeFileSync } from 'node:fs';
import { resultsJsonSchema } from '../helpers/report/results-schema.ts';

writeFileSync(
  new URL('../results.schema.json', import.meta.url),
  `${JSON.stringify(resultsJsonSchema(), null, 2)}\n`,
);
