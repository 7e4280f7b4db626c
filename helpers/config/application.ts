/** What the suite needs to know of the WSGI application that a deployment serves. */
export interface Application {
  readonly routes: {
    /** Answers without AMQP. */
    readonly plain: string;
    /** Publishes one message that carries the caller's request id, and answers. */
    readonly amqp: string;
    /** Yields for a moment, and publishes nothing. */
    readonly yield: string;
    /** Publishes one message and waits for the reply to it. */
    readonly call: string;
    /** Says what the process is: {@link ProcessReport}. */
    readonly process: string;
    /** Occupies its native thread for `seconds` without yielding. */
    readonly hold: string;
    /** Logs `marker TOKEN` as the heartbeat errors are logged, for `?token=TOKEN`. */
    readonly mark: string;
  };
  /** The application's log file in the container, in oslo.log's default format. */
  readonly log: string;
  readonly signatures: {
    /** Heartbeat errors, by the heartbeat loop that logs them; the first match counts. */
    readonly heartbeatErrors: readonly HeartbeatSignature[];
    /** The request's own line when it meets a dead connection. Not the article's line. */
    readonly unreachable: RegExp;
  };
  /** Where `kill -USR2` makes a process write the Python stacks of all its native threads, in the container. */
  readonly stacks: string;
  /** What the logs, the application's and the server's, may have of errors without any sign of trouble. */
  readonly expectedErrors: readonly RegExp[];
}

export interface HeartbeatSignature {
  readonly pattern: RegExp;
  /** The releases of oslo.messaging that print it. */
  readonly releases: string;
}

/** The stub API of containers/httpd. */
export const stubApi: Application = {
  routes: {
    plain: '/',
    amqp: '/v2.1/os-services',
    yield: '/probe/yield',
    call: '/probe/call',
    process: '/probe/process',
    hold: '/probe/hold',
    mark: '/probe/mark',
  },
  log: '/var/log/nova/nova-api.log',
  signatures: {
    heartbeatErrors: [
      {
        // sic: the article's line
        pattern: /Unexpected error during heartbeart thread processing, retrying\.\.\./,
        releases: 'up to 9.5.0 and 9.6.0 (2019), misspelt',
      },
      {
        pattern: /Unexpected error during heartbeat thread processing, retrying\.\.\./,
        releases: 'later ones, for what the next line does not cover',
      },
      {
        pattern: /A recoverable connection\/channel error occurred, trying to reconnect: /,
        releases: 'later ones, OSError included: what a dropped connection prints today',
      },
    ],
    unreachable: /AMQP server on \S+ is unreachable: /,
  },
  stacks: '/var/log/nova/stacks.log',
  expectedErrors: [
    // event and worker, whose children are all started at once: no spare is left to start
    /AH(10159|00287): server is within MinSpareThreads of MaxRequestWorkers/,
    /AH03490: scoreboard is full, not at MaxRequestWorkers/,
    // prefork with all its children busy during the warm-up; no request is lost by it
    /AH00161: server reached MaxRequestWorkers setting/,
    /AH00484: server reached MaxRequestWorkers setting/,
  ],
};
