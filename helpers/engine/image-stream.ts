import { stripVTControlCharacters } from 'node:util';
import { type Engine, EngineError } from './engine.ts';

/** What the engine tells while it pulls, builds or imports an image. */
export interface ImageEvent {
  /** Of the layer, while it pulls. */
  readonly id?: string;
  readonly status?: string;
  /** A bar, drawn by the engine. */
  readonly progress?: string;
  /** What a program of a build prints. */
  readonly stream?: string;
  /** Why it has failed: the answer's status was sent before, and said that all is well. */
  readonly error?: string;
}

const MOST_LINES = 6;
/** A step of a build: its number, of how many, its instruction. Docker’s engine and Podman’s write it, the latter with its stage. */
export const STEP = /^(?:\[\d+\/\d+\] )?step (\d+)\/(\d+) ?: (.*)$/im;
/** Lines of a build that the engine prints among those of the programs. */
const ENGINES_OWN = /^( ---> |--> |Removing intermediate container ).*$/gm;

/** A build that prints nothing for so long hangs; what takes longest in silence is filling a service's database. */
export const SILENCE_LIMIT_MS = 15 * 60_000;

/**
 * Follows the engine's answer to its end. Only silence ends it early: a slow machine may take as long as it needs.
 *
 * @param onEvent is told each event as it comes.
 * @param silenceLimitMs the longest time without an event.
 * @returns all events.
 * @throws EngineError in the words of what has failed ({@link failureIn}), or with the last line before the silence.
 */
export async function followImage(
  engine: Engine,
  answer: NodeJS.ReadableStream & { destroy?: () => void },
  onEvent: (event: ImageEvent) => void = () => undefined,
  silenceLimitMs = SILENCE_LIMIT_MS,
): Promise<readonly ImageEvent[]> {
  const seen: ImageEvent[] = [];
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new EngineError(`nothing was printed for ${silenceLimitMs / 60_000} minutes${lastWords(seen)}`));
      // The engine gives up a build whose client has gone.
      answer.destroy?.();
    }, silenceLimitMs);
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
 * Why an image could not be had, as far as the events tell: what the failing program said, and where that is not
 * apt, the engine's own words as well. Undefined where nothing failed.
 */
export function failureIn(events: readonly ImageEvent[]): string | undefined {
  const error = events.find((event) => event.error !== undefined)?.error;
  if (error === undefined) return undefined;
  const printed = events.map(({ stream = '' }) => stream).join('');
  // Steps before it have succeeded, whatever they said.
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
  // `apt-get update` only warns of what it cannot fetch, and `install` then misses each package.
  const ofApt = lines.filter((line) => /^(E: |W: Failed to fetch )/.test(line));
  if (ofApt.some((line) => line.startsWith('E: '))) {
    return { words: [...new Set(ofApt)].slice(0, MOST_LINES), ofApt: true };
  }
  return { words: lines.slice(-MOST_LINES), ofApt: false };
}
