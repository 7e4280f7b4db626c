import { randomBytes } from 'node:crypto';
import { LabError } from './lab-error.ts';
import type { LogTail } from './log-tail.ts';

/**
 * Programs in the broker's container that answer lines. Each reads a token and a question from a line, and ends its answer
 * with the token.
 */
export const shells = {
  /**
   * Evaluates Erlang. One shell serves all callers: it costs a tenth of `rabbitmqctl eval`, and no new process of the
   * engine.
   */
  evaluate: `
cookie=$(cat /var/lib/rabbitmq/.erlang.cookie)
while read -r token expression; do
  answer=$(echo "$expression" | erl_call -c "$cookie" -sname "rabbit@$(hostname -s)" -h "call-$token" -e 2>&1 | tr '\\n' ' ')
  printf '%s %s\\n' "$answer" "$token"
done`,
  /** Gives the time, in seconds since the epoch. */
  time: 'while read -r token; do date "+%s.%N $token"; done',
} as const;
export type Shell = keyof typeof shells;

const EVALUATE_LIMIT_MS = 20_000;
const TIME_LIMIT_MS = 5000;

/**
 * Evaluates Erlang on the broker's node.
 *
 * @param shell the shell `evaluate`.
 * @param task the broker's task, for the error.
 * @param secret a part of the expression that errors must not show.
 * @throws LabError if the evaluation fails, or there is no answer in time.
 */
export async function evaluated(
  shell: LogTail,
  task: string,
  expression: string,
  secret?: string,
): Promise<string> {
  const answer = await answerOf(shell, expression.replaceAll(/\s+/g, ' '), EVALUATE_LIMIT_MS);
  if (answer?.startsWith('{ok,')) return answer;
  const said =
    answer ?? [`no answer within ${EVALUATE_LIMIT_MS / 1000} s`, shell.complaint].filter(Boolean).join('; ');
  const shown = secret === undefined ? said : said.replaceAll(secret, '…');
  throw new LabError(`the broker did not ${task}: ${shown.trim()}`);
}

/** The time that the shell `time` gives, milliseconds since the epoch. @throws LabError without an answer. */
export async function timeOf(shell: LogTail): Promise<number> {
  const line = await answerOf(shell, '', TIME_LIMIT_MS);
  if (line === undefined) throw new LabError(`waited ${TIME_LIMIT_MS / 1000} s for the containers’ time`);
  return Number(line) * 1000;
}

/** A shell's answer to a question; undefined: there is none in time. */
async function answerOf(shell: LogTail, question: string, limitMs: number): Promise<string | undefined> {
  const token = randomBytes(6).toString('hex');
  const from = shell.lines.length;
  shell.writeLine(`${token} ${question}`);
  const index = await shell.until(` ${token}`, limitMs, from);
  return index === undefined ? undefined : shell.lines[index]?.replace(` ${token}`, '');
}
