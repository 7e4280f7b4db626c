import { stringify } from 'yaml';
import { patternOf, type WatchedLine, watchedLines } from '../../diagnosis/causes/watched-lines.ts';

/** LogQL's stream selectors of the logs, e.g. `{job="rabbitmq"}`. */
export type StreamSelectors = Readonly<Record<WatchedLine['log'], string>>;

/** Where hotsos looks for the logs in a sosreport. */
const HOTSOS_LOGS: Readonly<Record<WatchedLine['log'], readonly string[]>> = {
  broker: ['var/log/rabbitmq/*.log'],
  application: [
    'var/log/nova/*.log',
    'var/log/masakari/*.log',
    'var/log/trove/*.log',
    'var/log/apache2/*.log',
  ],
};

const LINE_WIDTH = 0;

/**
 * The lines to watch as Loki's alerting rules (https://grafana.com/docs/loki/latest/alert/), whose form is that of
 * Prometheus.
 */
export function lokiRules(selectors: StreamSelectors): string {
  const rules = watchedLines.map((line) => ({
    alert: pascalCase(line.id),
    expr: `sum(count_over_time(${selectors[line.log]} |~ \`${patternOf(line)}\` [10m])) > 0`,
    labels: { severity: 'warning' },
    annotations: { summary: line.means, description: line.advice },
  }));
  return stringify({ groups: [{ name: 'mpm-heartbeat', rules }] }, { lineWidth: LINE_WIDTH });
}

/** The lines to watch as a scenario of hotsos (https://hotsos.readthedocs.io), for its folder `defs/scenarios/rabbitmq`. */
export function hotsosScenario(): string {
  const inputs = watchedLines.flatMap((line) =>
    HOTSOS_LOGS[line.log].map((path) => ({ line, path, name: checkName(line, path) })),
  );
  const checks = inputs.map(({ line, path, name }) => [
    name,
    // hotsos matches an expression from the beginning of the line.
    { input: { path }, expr: `.*(?:${patternOf(line)})` },
  ]);
  const conclusions = watchedLines.map((line) => [
    line.id,
    {
      decision: { or: inputs.filter((input) => input.line === line).map(({ name }) => name) },
      raises: {
        type: line.log === 'broker' ? 'RabbitMQWarning' : 'OpenstackWarning',
        message: `${line.means}. ${line.advice}`,
      },
    },
  ]);
  return stringify(
    { checks: Object.fromEntries(checks), conclusions: Object.fromEntries(conclusions) },
    { lineWidth: LINE_WIDTH },
  );
}

/** `missed-heartbeats` in `var/log/nova/*.log` is `missed_heartbeats_nova`. */
function checkName({ id }: WatchedLine, path: string): string {
  const folder = path.split('/').at(-2);
  return `${id}-${folder}`.replaceAll('-', '_');
}

function pascalCase(id: string): string {
  return id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
