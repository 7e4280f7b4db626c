import type { z } from 'zod';
import type { Behaviour } from '../config/behaviour.ts';
import type { Frozen } from '../config/frozen.ts';

/** A deployment as its server sees it: the server's own options, and how many processes and threads it has. */
export type Served<Options extends z.ZodRawShape> = Pick<Behaviour, 'processes' | 'threads'> &
  Frozen<z.infer<z.ZodObject<Options>>>;

/**
 * What calls the application. Everything that the suite knows of a server stands in its record, in its folder of
 * containers/ (an image on top of Debian's, `start`, and `probe_server.py`, by which the probe asks it), and nowhere
 * else.
 */
export interface Server<Options extends z.ZodRawShape = z.ZodRawShape> {
  /** The name in a deployment's record, and of its folder in containers/. */
  readonly name: string;
  /** Its own options. */
  readonly options: Options;
  /** Why such a deployment makes no sense, and which option says so; undefined where it does. */
  readonly problem?: (it: Served<Options>) => { readonly option: string; readonly why: string } | undefined;
  /** How people call it with its size: `prefork 8`, `daemon 8 × 1 under event`. */
  readonly title: (it: Served<Options>) => string;
  /** Its configuration; `start` puts it where the server looks for it. */
  readonly configuration: (it: Served<Options>) => string;
  /** What each process must say of the server, by the names that its `probe_server.py` uses. */
  readonly says: (it: Served<Options>) => Readonly<Record<string, unknown>>;
  /** Which of its modules the server's own program lists before it starts, by what it prints; where it lists any. */
  readonly modules?: {
    readonly listedBy: string;
    readonly find: (stdout: string) => string[];
    readonly expected: (it: Served<Options>) => string;
  };
  /** Whether what it logged in one go is a sign of trouble. */
  readonly isTrouble: (block: string) => boolean;
  /** What its error log may have of errors without any sign of trouble. */
  readonly allowedErrors: readonly RegExp[];
  /** How it replaces its processes without a break, where it can. */
  readonly reload?: {
    /** The command, in its container. */
    readonly command: readonly string[];
    /** The line of its error log that says it does so: the command alone proves nothing. */
    readonly logs: RegExp;
  };
  /** Its access log in the container, in the format that evidence/access-log.ts reads; where it has one. */
  readonly accessLog?: string;
}

/** A record of a server, with the types of its own options. */
export function server<Options extends z.ZodRawShape>(record: Server<Options>): Server<Options> {
  return record;
}
