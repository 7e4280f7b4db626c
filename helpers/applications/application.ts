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
  /** Requests, by what they do. `plain` is answered without AMQP, `amqp` publishes messages that carry the caller's request id, `call` publishes one and waits for the reply to it. */
  readonly routes: Readonly<Record<Exclude<Route, 'yield'>, Ask>>;
  /** A path that each process is asked once before anything is measured, where the application builds at its first request what a request then has; without AMQP. */
  readonly firstRequest?: string;
  /** Where its messages go, for the suite's conductor to receive. */
  readonly messages: Messages;
  /** Its configuration, and where it looks for it. */
  readonly configurationFile: string;
  readonly configuration: (it: Behaviour, transportUrl: string) => string;
  /** Variables of its environment. */
  readonly environment: (it: Behaviour) => Readonly<Record<string, string>>;
  /** Why such a deployment makes no sense, and which option says so; undefined where it does. */
  readonly problem?: (it: Behaviour) => { readonly option: string; readonly why: string } | undefined;
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

/** An HTTP request, without what all of them have. */
export interface Ask {
  readonly path: string;
  /** GET where it is not said. */
  readonly method?: 'POST';
  /** Sent as JSON, given the request's id. */
  readonly body?: (id: string) => object;
}

/** What the application publishes through oslo.messaging. */
export interface Messages {
  /** A topic exchange. */
  readonly exchange: string;
  /** Routing keys; the first is the one that most messages have. */
  readonly topics: readonly string[];
  /** The id of the request that a message came from, by what is in oslo.messaging's envelope; undefined where it names none. */
  readonly requestIdOf: (message: Readonly<Record<string, unknown>>) => string | undefined;
}

export interface HeartbeatSignature {
  readonly pattern: RegExp;
  /** The releases of the library that print it. */
  readonly releases: string;
}
