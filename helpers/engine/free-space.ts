import { statfs } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { type Engine, EngineError } from './engine.ts';
import type { Log } from './log.ts';
import { Memo } from './memo.ts';

/** An engine's memory and disk, GB. */
export interface Space {
  readonly memory: number;
  /** Free space for its images; undefined if they are in a virtual machine or on another machine. */
  readonly disk?: number | undefined;
  readonly folder: string;
}

/** What the images and a run of `npm run reproduce` need, measured with Debian 13 on amd64: GB and minutes. */
const TAKES = { disk: 1, download: 0.3, minutes: 5, memory: 1.5 };
/** The same of `npm run table`. */
const WHOLE_TABLE = { disk: 4, minutes: 50 };

/** The line to print before images are built, and the error if there is too little disk space. */
export function wordsOnSpace({ memory, disk, folder }: Space): { line: string; tooLittle?: string } {
  const [free, has] = [disk === undefined ? '' : ` (${disk.toFixed(1)} GB free)`, memory.toFixed(1)];
  const line = `image: missing images are built now, and kept. Those of the article’s rows take up to ${TAKES.minutes} minutes, ${TAKES.download} GB of downloads and ${TAKES.disk} GB of disk${free}; those of the whole table up to ${WHOLE_TABLE.minutes} minutes and ${WHOLE_TABLE.disk} GB. A run needs ${TAKES.memory} GB of memory (the engine has ${has} GB)`;
  if (disk === undefined || disk >= TAKES.disk) return { line };
  return {
    line,
    tooLittle: `Images take ${TAKES.disk} GB of disk, and the engine has ${disk.toFixed(1)} GB left in ${folder}. Make room there, and run again.`,
  };
}

/** A warning if the engine has too little memory for a run. */
export function wordsOnMemory({ memory }: Pick<Space, 'memory'>): string | undefined {
  if (memory >= TAKES.memory) return undefined;
  return `memory: the engine has ${memory.toFixed(1)} GB, and a run needs ${TAKES.memory} GB, so some rows may be inconclusive. Give the engine, or its virtual machine, more.`;
}

async function spaceOf(engine: Engine): Promise<Space> {
  const { MemTotal, DockerRootDir } = await engine.container.dockerode.info();
  const isHere = engine.publishedOn !== undefined;
  const { bavail, bsize } = (isHere && (await statfs(DockerRootDir).catch(() => undefined))) || {};
  return {
    memory: MemTotal / 1e9,
    disk: bavail === undefined || bsize === undefined ? undefined : (bavail * bsize) / 1e9,
    folder: DockerRootDir,
  };
}

const said = new Memo<'space', void>();

/**
 * Prints once what a first run needs. Call it before an image is built.
 *
 * @throws EngineError if there is too little disk space.
 */
export function checkSpace(engine: Engine, say: Log): Promise<void> {
  return said.get('space', async () => {
    const { line, tooLittle } = wordsOnSpace(await spaceOf(engine));
    if (tooLittle) throw new EngineError(tooLittle);
    // Workers build images that only some rows need. They check the disk, but do not print the line again.
    if (isMainThread) say(line);
  });
}
