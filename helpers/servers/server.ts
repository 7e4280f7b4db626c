import type { z } from 'zod';
import type { Behaviour } from '../config/behaviour.ts';
import type { Frozen } from '../config/frozen.ts';

/** The part of a deployment that concerns its server: the server's own options, processes and threads. */
export type Served<Options extends z.ZodRawShape> = Pick<Behaviour, 'processes' | 'threads'> &
  Frozen<z.infer<z.ZodObject<Options>>>;

/**
 * A server that calls the application. Only this record and the server's folder in containers/ depend on the server. The
 * folder has a Dockerfile, `start`, and `probe_server.py`, which the probe calls.
 */
export interface Server<Options extends z.ZodRawShape = z.ZodRawShape> {
  /** The name in a deployment's record, and of its folder in containers/. */
  readonly name: string;
  /** Its own options. */
  readonly options: Options;
  /** Which option makes a deployment impossible, and why; undefined if the deployment is possible. */
  readonly problem?: (
    served: Served<Options>,
  ) => { readonly option: string; readonly why: string } | undefined;
  /** Its name with its size, for people: `prefork 8`, `daemon 8 × 1 under event`. */
  readonly title: (served: Served<Options>) => string;
  /** The content of the file that `SERVER_CONFIGURATION_FILE` names in its image. */
  readonly configuration: (served: Served<Options>) => string;
  /** The facts that each process must report about the server, by the names in its `probe_server.py`. */
  readonly says: (served: Served<Options>) => Readonly<Record<string, unknown>>;
  /** The modules that the server's own program lists before it starts, if it lists any. */
  readonly modules?: {
    readonly listedBy: string;
    readonly find: (stdout: string) => string[];
    readonly expected: (served: Served<Options>) => string;
  };
  /** Whether a block of its log is a sign of trouble. */
  readonly isTrouble: (block: string) => boolean;
  /** Errors that its error log may have at any time. */
  readonly allowedErrors: readonly RegExp[];
  /** How it replaces its processes without an interruption, if it can. */
  readonly reload?: {
    /** The command, in its container. */
    readonly command: readonly string[];
    /** The line of its error log that reports a reload; the command alone proves nothing. */
    readonly logs: RegExp;
  };
  /** Its access log in the container, in the format that evidence/access-log.ts reads, if it has one. */
  readonly accessLog?: string;
}

/** Gives a server's record the types of its own options. */
export function server<Options extends z.ZodRawShape>(record: Server<Options>): Server<Options> {
  return record;
}
