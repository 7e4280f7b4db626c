import { statfs } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { type Engine, EngineError } from './engine.ts';
import type { Log } from './log.ts';
import { Memo } from './memo.ts';

/** What an engine has to work with, GB. */
export interface Room {
  readonly memory: number;
  /** Left where it keeps its images; undefined: it does so in a virtual machine, or elsewhere. */
  readonly disk?: number | undefined;
  readonly folder: string;
}

/** What the images of `npm run reproduce` take, and a run of it, measured with Debian 13 on amd64: GB and minutes. */
const TAKES = { disk: 1.5, download: 0.3, minutes: 5, memory: 1.5 };

/** What must be said, or ends the run, before images are made. */
export function wordsOnRoom({ memory, disk, folder }: Room): { line: string; tooLittle?: string } {
  const [free, has] = [disk === undefined ? '' : ` (${disk.toFixed(1)} GB free)`, memory.toFixed(1)];
  const line = `image: what is missing is made now, and kept. A first run: up to ${TAKES.minutes} minutes, ${TAKES.download} GB of downloads, ${TAKES.disk} GB of disk${free}, ${TAKES.memory} GB of memory (the engine has ${has} GB)`;
  if (disk === undefined || disk >= TAKES.disk) return { line };
  return {
    line,
    tooLittle: `Images take ${TAKES.disk} GB of disk, and the engine has ${disk.toFixed(1)} GB left in ${folder}. Make room there, and run again.`,
  };
}

/** One line where the engine's memory is too little for a run; undefined: it is not. */
export function wordsOnMemory({ memory }: Pick<Room, 'memory'>): string | undefined {
  if (memory >= TAKES.memory) return undefined;
  return `memory: the engine has ${memory.toFixed(1)} GB, and a run takes ${TAKES.memory} GB: expect rows that could not tell. Give it, or its virtual machine, more.`;
}

export async function roomOf(engine: Engine): Promise<Room> {
  const { MemTotal, DockerRootDir } = await engine.container.dockerode.info();
  const isHere = engine.publishedOn !== undefined;
  const { bavail, bsize } = (isHere && (await statfs(DockerRootDir).catch(() => undefined))) || {};
  return {
    memory: MemTotal / 1e9,
    disk: bavail === undefined || bsize === undefined ? undefined : (bavail * bsize) / 1e9,
    folder: DockerRootDir,
  };
}

const said = new Memo<'room', void>();

/**
 * To be called before an image is made: says once what that takes.
 *
 * @throws EngineError where the disk has too little room.
 */
export function lookForRoom(engine: Engine, say: Log): Promise<void> {
  return said.get('room', async () => {
    const { line, tooLittle } = wordsOnRoom(await roomOf(engine));
    if (tooLittle) throw new EngineError(tooLittle);
    // Workers make what only some rows need: they look, and need not say it again.
    if (isMainThread) say(line);
  });
}
