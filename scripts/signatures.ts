/**
 * Prints the lines to watch, for monitoring without this suite:
 *
 *     npm run -s signatures -- loki --rabbitmq '{job="rabbitmq"}' --applications '{job="nova"}' > rules.yaml
 *     npm run -s signatures -- hotsos > missed_heartbeats.yaml
 */
import { parseArgs } from 'node:util';
import { OneLineError } from '../helpers/config/one-line.ts';
import { hotsosScenario, lokiRules } from '../helpers/report/text/signatures.ts';

const USAGE = `Usage: npm run -s signatures -- loki [--rabbitmq SELECTOR] [--applications SELECTOR]
       npm run -s signatures -- hotsos

Prints the lines to watch as alerting rules of Loki, or as a scenario of hotsos.

    --rabbitmq SELECTOR        LogQL's selector of RabbitMQ's log, {job="rabbitmq"} by default
    --applications SELECTOR    of the services' logs, {job=~"nova|masakari|trove"} by default`;

try {
  const { values, positionals } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      rabbitmq: { type: 'string', default: '{job="rabbitmq"}' },
      applications: { type: 'string', default: '{job=~"nova|masakari|trove"}' },
    },
    allowPositionals: true,
  });
  if (values.help) console.log(USAGE);
  else process.stdout.write(printed(positionals, values));
} catch (error) {
  console.error(
    new OneLineError(`signatures: ${(error as Error).message}; see npm run signatures -- --help`).message,
  );
  process.exitCode = 2;
}

function printed(
  positionals: readonly string[],
  { rabbitmq, applications }: { readonly rabbitmq: string; readonly applications: string },
): string {
  const [form, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`unexpected ${rest[0]}`);
  if (form === 'hotsos') return hotsosScenario();
  if (form !== 'loki') throw new Error(`expected loki or hotsos, got ${form ?? 'nothing'}`);
  for (const selector of [rabbitmq, applications]) {
    if (!/^\{.+\}$/.test(selector))
      throw new Error(`${selector} is no selector, expected one like {job="nova"}`);
  }
  return lokiRules({ broker: rabbitmq, application: applications });
}
