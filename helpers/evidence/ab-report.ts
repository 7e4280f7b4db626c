import {
  AbOutputError,
  type AbPercentage,
  type AbPhase,
  type AbReport,
  type AbTimes,
  abPercentages,
} from './ab-result.ts';

/**
 * Reads the lines of ab's report in any order. Each must occur exactly once.
 *
 * @throws AbOutputError with one line if a line is unknown, missing or repeated.
 */
export function parseAbReport(lines: readonly string[]): AbReport {
  const { fields, warnings } = sorted(lines);
  const text = (name: FieldName) => required(fields, name)[0] as string;
  const number = (name: FieldName) => Number(text(name));
  const optional = (name: FieldName) => (fields.has(name) ? number(name) : undefined);
  return {
    server: { software: text('software'), hostname: text('hostname'), port: number('port') },
    tls: tlsOf(fields),
    document: { path: text('path'), bytes: text('bytes') === 'Variable' ? undefined : number('bytes') },
    concurrency: number('concurrency'),
    seconds: number('seconds'),
    completeRequests: number('complete'),
    failedRequests: number('failed'),
    failures: failuresOf(fields),
    writeErrors: optional('writeErrors') ?? 0,
    non2xxResponses: optional('non2xx') ?? 0,
    keepAliveRequests: optional('keepAlive'),
    transferredBytes: number('transferred'),
    sentBytes: optional('sent'),
    htmlBytes: number('html'),
    requestsPerSecond: number('rate'),
    meanMs: number('mean'),
    meanAcrossConcurrentMs: number('meanAcross'),
    kilobytesPerSecond: number('transferRate'),
    timesMs: {
      connect: timesOf(fields, 'connect'),
      processing: timesOf(fields, 'processing'),
      waiting: timesOf(fields, 'waiting'),
      total: timesOf(fields, 'total'),
    },
    percentilesMs: Object.fromEntries(
      abPercentages.map((percentage) => [percentage, number(`p${percentage}`)]),
    ) as Record<AbPercentage, number>,
    warnings,
  };
}

const TIMES = String.raw`\s+(\d+)\s+(\d+)\s+(\d+\.\d)\s+(\d+)\s+(\d+)$`;

// output_results() in httpd's support/ab.c
const FIELDS = {
  software: /^Server Software:\s*(.*)$/,
  hostname: /^Server Hostname:\s+(\S+)$/,
  port: /^Server Port:\s+(\d+)$/,
  tls: /^SSL\/TLS Protocol:\s+([^,\s]+),([^,\s]+),(\d+),(\d+)$/,
  temporaryKey: /^Server Temp Key:\s+(.+ \d+ bits)$/,
  serverName: /^TLS Server Name:\s+(\S+)$/,
  path: /^Document Path:\s+(\S+)$/,
  bytes: /^Document Length:\s+(?:(\d+) bytes|(Variable))$/,
  concurrency: /^Concurrency Level:\s+(\d+)$/,
  seconds: /^Time taken for tests:\s+(\d+\.\d{3}) seconds$/,
  complete: /^Complete requests:\s+(\d+)$/,
  failed: /^Failed requests:\s+(\d+)$/,
  failures: /^\(Connect: (\d+), Receive: (\d+), Length: (\d+), Exceptions: (\d+)\)$/,
  writeErrors: /^Write errors:\s+(\d+)$/,
  non2xx: /^Non-2xx responses:\s+(\d+)$/,
  keepAlive: /^Keep-Alive requests:\s+(\d+)$/,
  transferred: /^Total transferred:\s+(\d+) bytes$/,
  sent: /^Total body sent:\s+(\d+)$/,
  html: /^HTML transferred:\s+(\d+) bytes$/,
  rate: /^Requests per second:\s+(\d+\.\d{2}) \[#\/sec\] \(mean\)$/,
  mean: /^Time per request:\s+(\d+\.\d{3}) \[ms\] \(mean\)$/,
  meanAcross: /^Time per request:\s+(\d+\.\d{3}) \[ms\] \(mean, across all concurrent requests\)$/,
  transferRate: /^Transfer rate:\s+(\d+\.\d{2}) \[Kbytes\/sec\] received$/,
  sentRate: /^(\d+\.\d{2}) kb\/s sent$/,
  totalRate: /^(\d+\.\d{2}) kb\/s total$/,
  timesHead: /^(Connection Times) \(ms\)$/,
  timesColumns: /^(min)\s+mean\[\+\/-sd\]\s+median\s+max$/,
  connect: new RegExp(`^Connect:${TIMES}`),
  processing: new RegExp(`^Processing:${TIMES}`),
  waiting: new RegExp(`^Waiting:${TIMES}`),
  total: new RegExp(`^Total:${TIMES}`),
  percentilesHead: /^(Percentage) of the requests served within a certain time \(ms\)$/,
  ...(Object.fromEntries(
    abPercentages.map((percentage) => [
      `p${percentage}`,
      percentage === 100 ? /^100%\s+(\d+) \(longest request\)$/ : new RegExp(`^${percentage}%\\s+(\\d+)$`),
    ]),
  ) as Record<`p${AbPercentage}`, RegExp>),
};
type FieldName = keyof typeof FIELDS;
type Fields = ReadonlyMap<FieldName, readonly string[]>;

// The next line ends the sentence.
const WARNING = /^(ERROR|WARNING): The median and mean for the .+ time are /;
const WARNING_END = /^(deviation apart\. )?These results are (NOT|probably not that) reliable\.$/;

function sorted(lines: readonly string[]): { fields: Fields; warnings: string[] } {
  const fields = new Map<FieldName, readonly string[]>();
  const warnings: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (WARNING.test(line)) {
      warnings.push(line);
    } else if (WARNING_END.test(line) && WARNING.test(lines[index - 1] ?? '')) {
      warnings.push(`${warnings.pop()} ${line}`);
    } else {
      const [name, values] = fieldOf(line);
      if (fields.has(name)) throw new AbOutputError(`ab’s report has a line twice: ${line}`);
      fields.set(name, values);
    }
  }
  return { fields, warnings };
}

function fieldOf(line: string): [FieldName, string[]] {
  for (const [name, pattern] of Object.entries(FIELDS)) {
    const match = pattern.exec(line);
    if (match) return [name as FieldName, match.slice(1).filter((value) => value !== undefined)];
  }
  throw new AbOutputError(`ab’s report has an unknown line: ${line}`);
}

function required(fields: Fields, name: FieldName): readonly string[] {
  const values = fields.get(name);
  if (!values) throw new AbOutputError(`ab’s report lacks a line: ${FIELDS[name].source}`);
  return values;
}

function numbers(fields: Fields, name: FieldName): number[] {
  return required(fields, name).map(Number);
}

// FIELDS has as many groups as each of these destructures, so no default is used.

function tlsOf(fields: Fields): AbReport['tls'] {
  const tls = fields.get('tls');
  if (!tls) return undefined;
  const [protocol = '', cipher = '', keyBits, cipherBits] = tls;
  return {
    protocol,
    cipher,
    keyBits: Number(keyBits),
    cipherBits: Number(cipherBits),
    temporaryKey: fields.get('temporaryKey')?.[0],
    serverName: fields.get('serverName')?.[0],
  };
}

function failuresOf(fields: Fields): AbReport['failures'] {
  if (numbers(fields, 'failed')[0] === 0) return undefined;
  const [connect = 0, receive = 0, length = 0, exceptions = 0] = numbers(fields, 'failures');
  return { connect, receive, length, exceptions };
}

function timesOf(fields: Fields, phase: AbPhase): AbTimes {
  const [min = 0, mean = 0, deviation = 0, median = 0, max = 0] = numbers(fields, phase);
  return { min, mean, deviation, median, max };
}
