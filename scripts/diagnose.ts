/**
 * Finds missed heartbeats, and problems that are mistaken for them, in the logs of any deployment:
 *
 *     npm run diagnose -- /var/log/nova /var/log/rabbitmq
 *     journalctl -u rabbitmq-server | npm run diagnose -- - nova-api.log
 */

import { parseArgs } from 'node:util';
import { OneLineError } from '../helpers/config/one-line.ts';
import { anonymiser, mapStrings } from '../helpers/diagnosis/anonymous.ts';
import { ApplicationHistories } from '../helpers/diagnosis/application-history.ts';
import { BrokerHistory } from '../helpers/diagnosis/broker-history.ts';
import { type Diagnosis, diagnose } from '../helpers/diagnosis/diagnosis.ts';
import { details, type FileReport, firstScreen } from '../helpers/diagnosis/diagnosis-words.ts';
import { fileKind } from '../helpers/logs/file-kind.ts';
import { forEachLine, LogFileError } from '../helpers/logs/lines.ts';
import { type LogFile, logFiles } from '../helpers/logs/log-files.ts';
import { LogReader, type LogSink } from '../helpers/logs/log-reader.ts';
import { type LogTime, zoneOffsetMs } from '../helpers/logs/log-time.ts';

const USAGE = `Usage: npm run diagnose -- [--zone ZONE] [--json] [--anonymous] FILE…

Reads logs of RabbitMQ and of the programs that use it: files, folders, *.gz, - for standard input. Says which
connections the broker dropped for missed heartbeats, what logged each drop, and the cause if the logs show it. Starts
nothing, and writes nothing but this report.

    --zone ZONE    the time zone of logs that name none, e.g. +02:00 or UTC
    --json         for programs
    --anonymous    replaces hosts, addresses and files by words

Exit code 0: nothing found; 1: found; 2: wrong usage, or a file that cannot be read; 3: could not tell.`;

const EXIT_CODES: Readonly<Record<Diagnosis['outcome'], number>> = {
  'nothing found': 0,
  found: 1,
  'could not tell': 3,
};
/** Raised when a program that reads the last version would misread the new one. */
const VERSION = 1;

/** A line on a terminal that says how far the reading has come. */
class Progress {
  private before = 0;
  private shownAt = 0;

  constructor(private readonly total: number) {}

  at(path: string, bytes: number): void {
    const now = Date.now();
    if (!process.stderr.isTTY || now - this.shownAt < 200) return;
    this.shownAt = now;
    const share = this.total > 0 ? Math.floor(((this.before + bytes) / this.total) * 100) : 0;
    process.stderr.write(`\r\u001b[K${share} % ${path.slice(-60)}`);
  }

  done(bytes: number): void {
    this.before += bytes;
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

const { help, zone, json, anonymous, paths } = readArguments(process.argv.slice(2));
if (help) console.log(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { broker, applications, files } = await read(await logFiles(paths, Date.now()));
    if (files.every(({ lines, complaint }) => lines === 0 && complaint !== undefined)) {
      for (const { complaint } of files) console.error(complaint);
      return 2;
    }
    const diagnosis = diagnose(broker, applications, zone === undefined ? undefined : zoneOffsetMs(zone));
    const replace = anonymous ? anonymiser(namesIn(broker, applications, files)) : (text: string) => text;
    if (json)
      console.log(
        JSON.stringify(mapStrings({ version: VERSION, ...diagnosis, files }, replace), undefined, 2),
      );
    else
      for (const line of [...firstScreen(diagnosis, files), ...details(diagnosis, files)])
        console.log(replace(line));
    return EXIT_CODES[diagnosis.outcome];
  } catch (error) {
    if (!(error instanceof OneLineError)) throw error;
    console.error(`diagnose: ${error.message}`);
    return 2;
  }
}

async function read(all: readonly LogFile[]) {
  const broker = new BrokerHistory();
  const applications = new ApplicationHistories();
  const files: FileReport[] = [];
  const progress = new Progress(all.reduce((sum, { size }) => sum + size, 0));
  for (const { path, size, log, writtenAt } of all) {
    const reader = new LogReader(sinkOf(broker, applications, log, path), writtenAt);
    try {
      const { lines, cut, notUtf8, complaint } = await forEachLine(
        path,
        (line, number) => reader.line(line, number),
        (bytes) => progress.at(path, bytes),
      );
      reader.end();
      const { counts, examples } = reader;
      files.push({
        file: path,
        kind: fileKind(counts),
        lines,
        unread: counts.unknown,
        examples,
        odd: cut + notUtf8,
        complaint,
      });
    } catch (error) {
      if (!(error instanceof LogFileError)) throw error;
      files.push({
        file: path,
        kind: 'unknown',
        lines: 0,
        unread: 0,
        examples: [],
        odd: 0,
        complaint: error.message,
      });
    }
    progress.done(size);
  }
  progress.clear();
  return { broker, applications, files };
}

function sinkOf(
  broker: BrokerHistory,
  applications: ApplicationHistories,
  log: string,
  path: string,
): LogSink {
  const zoneMs = zone === undefined ? 0 : (zoneOffsetMs(zone) ?? 0);
  const msOf = (time: LogTime | undefined) => time && (time.isZoned ? time.ms : time.ms - zoneMs);
  return {
    broker: (event) =>
      broker.add(event, event.host === undefined ? log : `${log} ${event.host}`, path, msOf(event.time)),
    application: (event) => applications.add(event, log, path),
    request: (event) => applications.request(event, log),
    alive: (pid, time, origin) => applications.alive(pid, time, origin, log),
    twoClocks: (collectedAt, own) => applications.twoClocks(collectedAt, own, log),
  };
}

function namesIn(broker: BrokerHistory, applications: ApplicationHistories, files: readonly FileReport[]) {
  const ends = [...broker.drops, ...broker.otherEnds];
  return {
    file: [...files.map(({ file }) => file), ...broker.brokers, ...applications.all.keys()],
    address: ends.map(({ address }) => address),
    host: [...applications.all.values()].flatMap(({ host }) => host ?? []),
  };
}

function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        zone: { type: 'string' },
        json: { type: 'boolean', default: false },
        anonymous: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    if (!values.help && positionals.length === 0) throw new Error('no file was given');
    if (values.zone !== undefined && zoneOffsetMs(values.zone) === undefined) {
      throw new Error(`unknown zone ${values.zone}, expected one like +02:00`);
    }
    return { ...values, paths: positionals };
  } catch (error) {
    console.error(
      new OneLineError(`diagnose: ${(error as Error).message}; see npm run diagnose -- --help`).message,
    );
    process.exit(2);
  }
}
