import { capitalized } from '../config/capitalized.ts';
import { AbOutputError, type AbReport, abPercentages, abReportSchema } from './ab-result.ts';

/** A line of the report, and the fields of the result that its groups belong to. */
type Line = readonly [pattern: RegExp, ...fields: readonly string[]];

const TIMES = String.raw`\s+(\d+)\s+(\d+)\s+(\d+\.\d)\s+(\d+)\s+(\d+)$`;

// output_results() in httpd's support/ab.c
const ALWAYS: readonly Line[] = [
  [/^Server Software:\s*(.*)$/, 'server.software'],
  [/^Server Hostname:\s+(\S+)$/, 'server.hostname'],
  [/^Server Port:\s+(\d+)$/, 'server.port'],
  [/^Document Path:\s+(\S+)$/, 'document.path'],
  [/^Document Length:\s+(\d+) bytes$/, 'document.bytes'],
  [/^Concurrency Level:\s+(\d+)$/, 'concurrency'],
  [/^Time taken for tests:\s+(\d+\.\d{3}) seconds$/, 'seconds'],
  [/^Complete requests:\s+(\d+)$/, 'completeRequests'],
  [/^Failed requests:\s+(\d+)$/, 'failedRequests'],
  [/^Total transferred:\s+(\d+) bytes$/, 'transferredBytes'],
  [/^HTML transferred:\s+(\d+) bytes$/, 'htmlBytes'],
  [/^Requests per second:\s+(\d+\.\d{2}) \[#\/sec\] \(mean\)$/, 'requestsPerSecond'],
  [/^Time per request:\s+(\d+\.\d{3}) \[ms\] \(mean\)$/, 'meanMs'],
  [
    /^Time per request:\s+(\d+\.\d{3}) \[ms\] \(mean, across all concurrent requests\)$/,
    'meanAcrossConcurrentMs',
  ],
  [/^Transfer rate:\s+(\d+\.\d{2}) \[Kbytes\/sec\] received$/, 'kilobytesPerSecond'],
  [/^Connection Times \(ms\)$/],
  [/^min\s+mean\[\+\/-sd\]\s+median\s+max$/],
  ...['connect', 'processing', 'waiting', 'total'].map((phase): Line => {
    const fields = ['min', 'mean', 'deviation', 'median', 'max'].map((time) => `timesMs.${phase}.${time}`);
    return [new RegExp(`^${capitalized(phase)}:${TIMES}`), ...fields];
  }),
  [/^Percentage of the requests served within a certain time \(ms\)$/],
  ...abPercentages.map((percentage): Line => {
    const end = percentage === 100 ? String.raw` \(longest request\)` : '';
    return [new RegExp(String.raw`^${percentage}%\s+(\d+)${end}$`), `percentilesMs.${percentage}`];
  }),
];
const FAILURES: Line = [
  /^\(Connect: (\d+), Receive: (\d+), Length: (\d+), Exceptions: (\d+)\)$/,
  ...['connect', 'receive', 'length', 'exceptions'].map((kind) => `failures.${kind}`),
];
const SOMETIMES: readonly Line[] = [
  [
    /^SSL\/TLS Protocol:\s+([^,\s]+),([^,\s]+),(\d+),(\d+)$/,
    ...['protocol', 'cipher', 'keyBits', 'cipherBits'].map((fact) => `tls.${fact}`),
  ],
  [/^Server Temp Key:\s+(.+ \d+ bits)$/, 'tls.temporaryKey'],
  [/^TLS Server Name:\s+(\S+)$/, 'tls.serverName'],
  FAILURES,
  [/^Write errors:\s+(\d+)$/, 'writeErrors'],
  [/^Non-2xx responses:\s+(\d+)$/, 'non2xxResponses'],
];
/** The fields that are not numbers. */
const TEXTS = /^(server\.(software|hostname)|document\.path|tls\.(protocol|cipher|temporaryKey|serverName))$/;

// The next line ends the sentence.
const WARNING = /^(ERROR|WARNING): The median and mean for the .+ time are /;
const WARNING_END = /^(deviation apart\. )?These results are (NOT|probably not that) reliable\.$/;

/**
 * Reads the lines of ab's report in any order. Each must occur exactly once.
 *
 * @throws AbOutputError with one line if a line is unknown, missing or repeated.
 */
export function parseAbReport(lines: readonly string[]): AbReport {
  const seen = new Set<Line>();
  const warnings: string[] = [];
  const values = new Map<string, string | number | undefined>();
  for (const [index, line] of lines.entries()) {
    if (WARNING.test(line)) {
      warnings.push(line);
    } else if (WARNING_END.test(line) && WARNING.test(lines[index - 1] ?? '')) {
      warnings.push(`${warnings.pop()} ${line}`);
    } else {
      const known = [...ALWAYS, ...SOMETIMES].find(([pattern]) => pattern.test(line));
      if (!known) throw new AbOutputError(`ab’s report has an unknown line: ${line}`);
      if (seen.has(known)) throw new AbOutputError(`ab’s report has a line twice: ${line}`);
      seen.add(known);
      const [pattern, ...fields] = known;
      for (const [group, field] of fields.entries()) {
        const value = pattern.exec(line)?.[group + 1];
        values.set(field, value === undefined || TEXTS.test(field) ? value : Number(value));
      }
    }
  }
  const always = values.get('failedRequests') === 0 ? ALWAYS : [...ALWAYS, FAILURES];
  const missing = always.find((line) => !seen.has(line));
  if (missing) throw new AbOutputError(`ab’s report lacks a line: ${missing[0].source}`);
  const { tls, ...report } = nested(values);
  // Without a handshake ab may still print the name that it asked for.
  const shaken = values.has('tls.protocol') ? tls : undefined;
  return abReportSchema.parse({ writeErrors: 0, non2xxResponses: 0, ...report, tls: shaken, warnings });
}

/** `{ a: { b: 1 } }` from `a.b` and 1. */
function nested(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let inner = whole;
    for (const key of keys) {
      inner[key] ??= {};
      inner = inner[key] as Record<string, unknown>;
    }
    inner[last] = value;
  }
  return whole;
}
