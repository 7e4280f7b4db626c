import { stripVTControlCharacters } from 'node:util';
import { type Engine, EngineError } from './engine.ts';

/** An event that the engine sends while it pulls, builds or imports an image. */
export interface ImageEvent {
  /** The layer's id, during a pull. */
  readonly id?: string;
  readonly status?: string;
  /** A progress bar, drawn by the engine. */
  readonly progress?: string;
  /** The output of a build. */
  readonly stream?: string;
  /** Why it failed. The answer's status was sent earlier, and reported success. */
  readonly error?: string;
}

const MOST_LINES = 6;
/** A step of a build: its number, the number of steps, and its instruction. Podman writes the stage before it. */
export const STEP = /^(?:\[\d+\/\d+\] )?step (\d+)\/(\d+) ?: (.*)$/im;
/** The engine's own lines in the output of a build. */
const ENGINES_OWN = /^( ---> |--> |Removing intermediate container ).*$/gm;

/** A build that prints nothing for this long hangs. The longest silent step fills a service's database. */
const SILENCE_LIMIT_MS = 15 * 60_000;

/**
 * Follows the engine's answer to its end. Only silence ends it early, so a slow machine may take as long as it needs.
 *
 * @param onEvent called with each event.
 * @returns all events.
 * @throws EngineError with the words of the program that failed ({@link failureIn}), or with the last line before the
 *   silence.
 */
export async function followImage(
  engine: Engine,
  answer: NodeJS.ReadableStream & { destroy?: () => void },
  onEvent: (event: ImageEvent) => void = () => undefined,
): Promise<readonly ImageEvent[]> {
  const seen: ImageEvent[] = [];
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new EngineError(`nothing was printed for ${SILENCE_LIMIT_MS / 60_000} minutes${lastWords(seen)}`),
      );
      // The engine ends a build whose client has gone.
      answer.destroy?.();
    }, SILENCE_LIMIT_MS);
    const settle = (error: Error | null) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    };
    engine.container.dockerode.modem.followProgress(answer, settle, (event: ImageEvent) => {
      timer.refresh();
      seen.push(event);
      onEvent(event);
    });
  });
  const failure = failureIn(seen);
  if (failure !== undefined) throw new EngineError(failure);
  return seen;
}

function lastWords(events: readonly ImageEvent[]): string {
  const last = events
    .map(({ stream, status }) => (stream ?? status ?? '').trim())
    .findLast((line) => line !== '');
  return last === undefined ? '' : `; the last line was: ${last.split('\n').at(-1)}`;
}

/**
 * Why an image could not be made, in the words of the failing program. Unless that is apt, the engine's own error is
 * included. Undefined if nothing failed.
 */
export function failureIn(events: readonly ImageEvent[]): string | undefined {
  const error = events.find((event) => event.error !== undefined)?.error;
  if (error === undefined) return undefined;
  const printed = events.map(({ stream = '' }) => stream).join('');
  // The steps before the last succeeded, whatever they printed.
  const ofLastStep = printed.split(STEP).at(-1) ?? '';
  const { words, ofApt } = wordsOfFailure(ofLastStep.replaceAll(ENGINES_OWN, ''));
  return (ofApt ? words : [error, ...words]).join('\n');
}

/** The lines of a program's output that say why it failed: apt's errors, or else the last ones. */
export function wordsOfFailure(output: string): { words: readonly string[]; ofApt: boolean } {
  const lines = stripVTControlCharacters(output)
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // `apt-get update` only warns about lists that it cannot fetch. `install` then misses each package.
  const ofApt = lines.filter((line) => /^(E: |W: Failed to fetch )/.test(line));
  if (ofApt.some((line) => line.startsWith('E: '))) {
    return { words: [...new Set(ofApt)].slice(0, MOST_LINES), ofApt: true };
  }
  return { words: lines.slice(-MOST_LINES), ofApt: false };
}
