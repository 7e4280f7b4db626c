import { parseAbReport } from './ab-report.ts';
import { type AbComplaint, AbOutputError, type AbResult, type AbRun } from './ab-result.ts';

/** apr's code for a socket that nothing came from within ab's `-s`. */
const APR_TIMEUP = 70007;
/** Linux's code for a connection that nobody accepted. */
const ETIMEDOUT = 110;
/** The exit code of coreutils' `timeout` when it had to end the program. */
const ENDED = 124;

/**
 * Reads what one run of ApacheBench 2.3 left behind, as `support/ab.c` of httpd 2.4 writes it.
 *
 * @throws AbOutputError with one line where there is anything that this reader does not know.
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
    else if (COMPLAINT.test(line)) count(complaints, line);
    else if (!OPENSSL.test(line)) report.push(line);
  }
  if (words !== '') {
    const kind = code === APR_TIMEUP || code === ETIMEDOUT ? 'stuck' : 'failed';
    return { kind, words, completedRequests: completed, exitCode };
  }
  if (exitCode === ENDED) {
    const said = 'ab was ended, since it took too long';
    return { kind: 'stuck', words: said, completedRequests: completed, exitCode };
  }
  if (report.length === 0 && exitCode !== 0) {
    const said = `ab ended with exit code ${exitCode} and gave no result`;
    return { kind: 'failed', words: said, completedRequests: completed, exitCode };
  }
  if (exitCode !== 0) throw new AbOutputError(`ab gave a result and yet exit code ${exitCode}`);
  return { kind: 'finished', ...parseAbReport(report), complaints: listed(complaints) };
}

const COMPLETED = /^Completed (\d+) requests$/;
const PROGRESS = [
  /^This is ApacheBench, Version 2\.3 <\$Revision.*\$>$/,
  /^Copyright \d{4} Adam Twiss, Zeus Technology Ltd, /,
  /^Licensed to The Apache Software Foundation, /,
  /^Benchmarking \S+ (\[through \S+\] )?\(be patient\)(\.{3}|\.{5}done)?$/,
  /^\.{0,2}done$/,
  COMPLETED,
  /^Finished \d+ requests$/,
  /^Test aborted after \d+ failures$/,
];
// apr_err() in ab.c: what it did, the reason in the system's words, and the code
const APR_FAILURE = /^apr_\w+(?:\(\))?(?: for \S+)?: .+ \((\d+)\)$/;
const TOTAL = /^Total of (\d+) requests completed$/;
const USAGE = /^ab: .+$/;
// ab goes on after these, and counts such a request as failed, or not at all
const COMPLAINT = /^(SSL (handshake|read|write) failed|Send request (failed|timed out)!)/;
// the lines of OpenSSL's error queue, with the thread's address in front
const OPENSSL = /^[0-9A-F]{8,16}:error:/;

/** Without the table of options that follows a wrong use, and with ab's dots on a line of their own. */
function linesOf(output: string): string[] {
  return output
    .replace(/^Usage: ab [\s\S]*$/m, '')
    .replaceAll(/(\(be patient\)(?:\.{5}done|\.{3})?)(?=[^\s.])/g, '$1\n')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function count(complaints: Map<string, number>, line: string): void {
  complaints.set(line, (complaints.get(line) ?? 0) + 1);
}

function listed(complaints: ReadonlyMap<string, number>): AbComplaint[] {
  return [...complaints].map(([line, times]) => ({ line, times }));
}
