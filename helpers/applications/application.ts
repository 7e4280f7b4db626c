import type { Behaviour } from '../config/behaviour.ts';
import type { Route } from '../config/scenario.ts';

/**
 * What is served. Everything that the suite knows of a WSGI application stands in its record and in the folder of its
 * image, and nowhere else.
 */
export interface Application {
  /** The name in a deployment's record. */
  readonly name: string;
  /** The folder with the Dockerfile of its layer, which is built on a server's image: an absolute path, or a folder of containers/. */
  readonly folder: string;
  /** The WSGI callable, `module:callable`, which is served as it is. */
  readonly callable: string;
  /** Paths, by what a request on them does. `plain` answers without AMQP, `amqp` publishes one message that carries the caller's request id, `call` publishes one and waits for the reply to it. */
  readonly routes: Readonly<Record<Exclude<Route, 'yield'>, string>>;
  /** Its configuration, and where it looks for it. */
  readonly configurationFile: string;
  readonly configuration: (it: Behaviour, transportUrl: string) => string;
  /** Variables of its environment. */
  readonly environment: (it: Behaviour) => Readonly<Record<string, string>>;
  /** What its `facts` must say in each process, where its module has such a function. */
  readonly says: (it: Behaviour) => Readonly<Record<string, unknown>>;
  /** Its log file in the container, in oslo.log's default format. */
  readonly log: string;
  /** The logger through which its heartbeat speaks. */
  readonly heartbeatLogger: string;
  readonly signatures: {
    /** Heartbeat errors, by the heartbeat loop that logs them; the first match counts. */
    readonly heartbeatErrors: readonly HeartbeatSignature[];
    /** The request's own line when it meets a dead connection. Not the article's line. */
    readonly unreachable: RegExp;
  };
  /** What its log may have of errors without any sign of trouble. */
  readonly expectedErrors: readonly RegExp[];
}

export interface HeartbeatSignature {
  readonly pattern: RegExp;
  /** The releases of the library that print it. */
  readonly releases: string;
}
