/**
 * Finds missed heartbeats, and what is taken for them, in the logs of any deployment:
 *
 *     npm run diagnose -- /var/log/nova /var/log/rabbitmq
 *     journalctl -u rabbitmq-server | npm run diagnose -- - nova-api.log
 */

import { parseArgs } from 'node:util';
import { OneLineError, printable } from '../helpers/config/one-line.ts';
import { sum } from '../helpers/config/sum.ts';
import { anonymiser, formOf, mapTexts } from '../helpers/diagnosis/anonymous.ts';
import { type Diagnosis, diagnose, joinedLogs } from '../helpers/diagnosis/diagnosis.ts';
import { details, type FileReport, firstScreen } from '../helpers/diagnosis/diagnosis-words.ts';
import { Histories } from '../helpers/diagnosis/history/histories.ts';
import { STDIN } from '../helpers/logs/lines.ts';
import { logFiles } from '../helpers/logs/log-files.ts';
import { zoneOffsetMs } from '../helpers/logs/log-time.ts';
import { checkPageFile, writeDiagnosisPage } from '../helpers/report/diagnosis/diagnosis-page-file.ts';
import { pageCode, pageOfDiagnosis } from '../helpers/report/diagnosis/page-of-diagnosis.ts';
import { readLogs } from '../helpers/report/diagnosis/read-logs.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Usage: npm run diagnose -- [--zone ZONE] [--json] [--html PAGE] [--anonymous] FILE…

Reads logs of RabbitMQ and of the programs that use it: files, folders, *.gz, - for standard input. Says which
connections the broker dropped for missed heartbeats, who logged it, and why, as far as the logs show it. Starts
nothing, and writes nothing but its report.

    --zone ZONE    the zone of logs that name no zone, e.g. +02:00 or UTC; the report's hours are in it too
    --json         for programs
    --html PAGE    writes a page with the same report and timelines, a lane for each process
    --anonymous    replaces hosts, addresses and files by words, and shows only the form of unread lines

Exit code 0: nothing found; 1: found; 2: wrong usage, a missing file, or no file could be
read; 3: could not tell.`;

const EXIT_CODES: Readonly<Record<Diagnosis['outcome'], number>> = {
  'nothing found': 0,
  found: 1,
  'could not tell': 3,
};
/** Raised when a program that reads the last version would misread the new one. */
const VERSION = 1;

/** Shows how far the reading has come, in a line on a terminal. @param total bytes of all files. */
function progressOn(total: number) {
  let shownAt = 0;
  return (path: string, bytes: number) => {
    const now = Date.now();
    if (!process.stderr.isTTY || now - shownAt < 200) return;
    shownAt = now;
    const share = total > 0 ? Math.floor((bytes / total) * 100) : 0;
    process.stderr.write(`\r\u001b[K${share} % ${path.slice(-60)}`);
  };
}

// Whoever reads the report may have read enough: `| head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { help, zone, json, html, anonymous, paths } = readArguments(process.argv.slice(2));
if (help) console.log(USAGE);
else await runCommand(main, { name: 'diagnose', exitCode: 2 });

async function main(): Promise<number> {
  if (html !== undefined) await checkPageFile(html);
  const histories = new Histories(zone === undefined ? undefined : zoneOffsetMs(zone));
  const all = await logFiles(paths, Date.now());
  const files = await readLogs(all, histories, progressOn(sum(all, ({ size }) => size)));
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  if (files.every(({ lines, complaint }) => lines === 0 && complaint !== undefined)) {
    for (const { complaint } of files) console.error(complaint);
    return 2;
  }
  const logs = joinedLogs(histories);
  const diagnosis = diagnose(histories, logs);
  const replace = anonymous ? anonymiser(namesIn(histories, files)) : (text: string) => text;
  const shown = anonymous ? files.map(withForms) : files;
  if (json) {
    const answer = { version: VERSION, ...diagnosis, files: shown };
    console.log(JSON.stringify(mapTexts(answer, replace, { keys: true }), undefined, 2));
  } else {
    // A log's text is not to be trusted with a terminal.
    for (const line of [...firstScreen(diagnosis, shown), ...details(diagnosis, shown)])
      console.log(printable(replace(line)));
  }
  if (html !== undefined) {
    const page = pageOfDiagnosis(histories, logs, diagnosis, shown);
    await writeDiagnosisPage(html, mapTexts(page, replace, { code: pageCode }));
    if (!json) console.log(`page: ${html}`);
  }
  return EXIT_CODES[diagnosis.outcome];
}

/** In an unread line any word may be a name. */
function withForms(file: FileReport): FileReport {
  return { ...file, examples: file.examples.map(({ number, text }) => ({ number, text: formOf(text) })) };
}

function namesIn({ broker, applications }: Histories, files: readonly FileReport[]) {
  const ends = [...broker.drops, ...broker.otherEnds];
  return {
    // `-` is no name, and would be replaced in every date.
    file: [
      ...files.map(({ file }) => file),
      ...broker.brokers,
      ...[...applications.all.values()].map(({ source }) => source),
    ].filter((name) => name !== STDIN),
    address: [...ends, ...broker.openings].map(({ address }) => address),
    host: [
      ...[...applications.all.values()].flatMap(({ host }) => host ?? []),
      ...broker.moments.flatMap(({ node }) => node ?? []),
    ],
    // A client may call itself anything: `celery@HOST`, `Federation link to HOST`.
    client: [...broker.programs.values()].flatMap(({ program }) =>
      /^[\w.-]*$/.test(program) ? [] : program,
    ),
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
        html: { type: 'string' },
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
