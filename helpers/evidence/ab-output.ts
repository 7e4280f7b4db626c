import { parseAbReport } from './ab-report.ts';
import { type AbGaveUp, AbOutputError, type AbResult, type AbRun } from './ab-result.ts';

/** apr's code for a socket that received nothing within ab's `-s`. */
const APR_TIMEUP = 70007;
/** Linux's code for a connection that was not accepted in time. */
const ETIMEDOUT = 110;
/** The exit code of coreutils' `timeout` if it ended the program. */
const ENDED = 124;

/**
 * Reads the output of one run of ApacheBench 2.3, as `support/ab.c` of httpd 2.4 writes it.
 *
 * @throws AbOutputError with one line if anything in the output is unknown.
 */
export function parseAbOutput({ stdout, stderr, exitCode }: AbRun): AbResult {
  const complaints = new Map<string, number>();
  const report: string[] = [];
  let [words, code, completed] = ['', 0, 0];
  for (const line of [...linesOf(stdout), ...linesOf(stderr)]) {
    completed = Math.max(completed, Number(COMPLETED.exec(line)?.[1] ?? 0));
    if (PROGRESS.some((known) => known.test(line))) continue;
    const failure = APR_FAILURE.exec(line);
    const total = TOTAL.exec(line);
    if (failure) [words, code] = [line, Number(failure[1])];
    else if (total) completed = Math.max(completed, Number(total[1]));
    else if (USAGE.test(line)) words ||= line;
    else if (COMPLAINT.test(line)) complaints.set(line, (complaints.get(line) ?? 0) + 1);
    else if (!OPENSSL.test(line)) report.push(line);
  }
  const gaveUp = (kind: AbGaveUp['kind'], said: string): AbGaveUp => ({
    kind,
    words: said,
    completedRequests: completed,
    exitCode,
  });
  if (words !== '') return gaveUp(code === APR_TIMEUP || code === ETIMEDOUT ? 'stuck' : 'failed', words);
  if (exitCode === ENDED) return gaveUp('stuck', 'ab was ended because it took too long');
  if (report.length === 0 && exitCode !== 0) {
    return gaveUp('failed', `ab ended with exit code ${exitCode} and printed no report`);
  }
  if (exitCode !== 0) throw new AbOutputError(`ab printed a report, but ended with exit code ${exitCode}`);
  const counted = [...complaints].map(([line, times]) => ({ line, times }));
  return { kind: 'finished', ...parseAbReport(report), complaints: counted };
}

const COMPLETED = /^Completed (\d+) requests$/;
const PROGRESS = [
  /^This is ApacheBench, Version 2\.3 <\$Revision.*\$>$/,
  /^Copyright \d{4} Adam Twiss, Zeus Technology Ltd, /,
  /^Licensed to The Apache Software Foundation, /,
  /^Benchmarking \S+ \(be patient\)(\.{3}|\.{5}done)?$/,
  /^\.{0,2}done$/,
  COMPLETED,
  /^Finished \d+ requests$/,
  /^Test aborted after \d+ failures$/,
];
// apr_err() in ab.c: the call, the system's message, and the code
const APR_FAILURE = /^apr_\w+(?:\(\))?(?: for \S+)?: .+ \((\d+)\)$/;
const TOTAL = /^Total of (\d+) requests completed$/;
const USAGE = /^ab: .+$/;
// ab continues after these, and counts such a request as failed or not at all
const COMPLAINT = /^(SSL (handshake|read|write) failed|Send request (failed|timed out)!)/;
// OpenSSL's error queue: each line begins with the thread's address
const OPENSSL = /^[0-9A-F]{8,16}:error:/;

/** The lines of ab's output without its usage text, and with its dots on a separate line. */
function linesOf(output: string): string[] {
  return output
    .replace(/^Usage: ab [\s\S]*$/m, '')
    .replaceAll(/(\(be patient\)(?:\.{5}done|\.{3})?)(?=[^\s.])/g, '$1\n')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
