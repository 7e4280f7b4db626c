import { resultsJsonSchema } from '../helpers/record/results-schema.ts';

// npm run -s schema: prints the JSON Schema of results.json.
console.log(JSON.stringify(resultsJsonSchema(), undefined, 2));
