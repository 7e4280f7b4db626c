import { randomBytes, randomUUID } from 'node:crypto';
import { dirname } from 'node:path/posix';
import { containerEnd } from '../engine/container-end.ts';
import type { Engine } from '../engine/engine.ts';
import { Memo } from '../engine/memo.ts';
import { SUITE_CONNECTION } from '../evidence/broker-log.ts';
import { capturedFields } from '../evidence/frames.ts';
import { onAmqp } from './amqp.ts';
import { evaluated, type Shell, shells, timeOf } from './broker-shell.ts';
import { type CommandOptions, type Executed, execute } from './execute.ts';
import { LabError } from './lab-error.ts';
import { LOOKS_EACH, LogTail } from './log-tail.ts';
import { until } from './until.ts';

/** What a worker needs to find a broker. */
export interface BrokerDescription {
  readonly containerId: string;
  /** Its name on the run's network, and its address there. */
  readonly alias: string;
  readonly address: string;
  /** Its address for this machine. */
  readonly host: string;
  readonly port: number;
  /** The administrator's URL of the default virtual host. */
  readonly amqpUrl: string;
}

/** A virtual host of the broker, with the only user that may use it. */
export interface VirtualHost {
  /** The name of both the virtual host and its user; no other deployment has it. */
  readonly name: string;
  readonly password: string;
  /** Its URL for this machine. */
  readonly amqpUrl: string;
  /** Its URL for a container of the run's network. */
  readonly brokerUrl: string;
}

/** A marker in the broker's log and in the frames. */
export interface BrokerMarker {
  /** A text that nothing else contains. */
  readonly token: string;
  /** The index of the first line of the broker's log that has the token; undefined if no line has it. */
  readonly index: number | undefined;
  /** Why the marker could not be written, if it could not. */
  readonly failure?: string;
}

export const AMQP_PORT = 5672;
export const BROKER_LOG = '/var/log/rabbitmq/broker.log';
const MARKER_LIMIT_MS = 10_000;
const START_LIMIT_MS = 60_000;
/** The limit of one handshake; a running broker answers within a few milliseconds. */
const HANDSHAKE_LIMIT_MS = 500;

/** The packet filter's table that silences the network. */
const SILENT = 'mpm_heartbeat';

/** The packets that the container's `start` keeps. */
const CAPTURE = '/tmp/amqp.pcap';
/** The frames in them, one line each, once a worker has asked for them. */
const FRAMES = '/tmp/frames/lines';

/** The programs in the container that are followed besides the log, each from its first use. */
type Follower = 'frames' | Shell;

/** A broker, for a test worker: the run's broker, or a row's own. */
export class Broker implements Disposable {
  private readonly followers = new Memo<Follower, LogTail>();
  private frameLines: readonly string[] = [];
  private readonly disposed = new AbortController();

  private constructor(
    private readonly engine: Engine,
    private readonly description: BrokerDescription,
    /** The broker's own log. */
    readonly log: LogTail,
    /** The first line of {@link FRAMES} that is read. */
    private readonly firstFrame: number,
  ) {}

  /**
   * Connects to a broker that runs.
   *
   * @param from where reading of its log and its frames begins. Earlier lines belong to other rows, and reading them
   *   would delay this thread's traffic.
   */
  static async attach(
    engine: Engine,
    description: BrokerDescription,
    from: 'first line' | 'now',
  ): Promise<Broker> {
    const { containerId } = description;
    const [logged = 0, framed = 0] = from === 'now' ? await linesSoFar(engine, containerId) : [];
    const log = await LogTail.open(engine, containerId, BROKER_LOG, logged + 1);
    return new Broker(engine, description, log, framed + 1);
  }

  /** Its name on the run's network, and its address there. */
  get host(): { alias: string; address: string } {
    return this.description;
  }

  /**
   * Does `work` as long as the broker's container runs.
   *
   * @param work gets a signal that is aborted when the container ends.
   * @throws LabError when the container ends.
   */
  async whileItRuns<T>(work: (gone: AbortSignal) => Promise<T>): Promise<T> {
    const gone = new AbortController();
    const end = containerEnd(this.engine, this.description.containerId, this.disposed.signal).then((how) => {
      gone.abort(new LabError(`its broker ${how} while the row was executed`));
      throw gone.signal.reason;
    });
    return Promise.race([work(gone.signal), end]);
  }

  /** Sets the lowest level that it logs. */
  async setLogLevel(level: 'info' | 'error'): Promise<void> {
    await this.evaluate(`log from ${level} on`, `ok = logger:set_primary_config(level, ${level}).`);
  }

  /** Waits until it completes an AMQP handshake. */
  async ready(limitMs = START_LIMIT_MS): Promise<void> {
    await until('RabbitMQ to answer an AMQP handshake', limitMs, () => this.handshake());
  }

  /** Tries one AMQP handshake. @throws LabError if it is refused, or not answered in time. */
  handshake(): Promise<true> {
    const { amqpUrl } = this.description;
    const done = async () => true as const;
    return onAmqp(amqpUrl, `${SUITE_CONNECTION}handshake`, 'a handshake', done, HANDSHAKE_LIMIT_MS);
  }

  /** Stops RabbitMQ on its Erlang node, as `rabbitmqctl stop_app` does. Only durable things are kept. */
  async stop(): Promise<void> {
    await this.evaluate('stop', 'ok = rabbit:stop().');
  }

  /** Starts it again, as `rabbitmqctl start_app` does. */
  async start(): Promise<void> {
    await this.evaluate('start again', 'ok = rabbit:start().');
  }

  /**
   * Silently drops every packet to or from its port. Only the broker of {@link Lab.withOwnBroker} may do this.
   *
   * @param which an nftables expression that limits this to matching packets.
   */
  async silence(which = ''): Promise<void> {
    const rules = `
      table inet ${SILENT} {
        chain to { type filter hook input priority 0; tcp dport ${AMQP_PORT} ${which} drop; }
        chain from { type filter hook output priority 0; tcp sport ${AMQP_PORT} ${which} drop; }
      }`;
    await this.execute(['nft', rules]);
  }

  /** Lets packets through again. */
  async endSilence(): Promise<void> {
    await this.execute(['nft', `delete table inet ${SILENT}`]);
  }

  /** The description of a new virtual host; {@link create} makes it. */
  virtualHost(label: string): VirtualHost {
    const name = `${label.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-')}-${randomBytes(3).toString('hex')}`;
    const password = randomBytes(16).toString('hex');
    const { alias, host, port } = this.description;
    return {
      name,
      password,
      amqpUrl: `amqp://${name}:${password}@${host}:${port}/${name}`,
      brokerUrl: `amqp://${name}:${password}@${alias}:5672/${name}`,
    };
  }

  /** Makes a virtual host, its user and its permissions. */
  async create(virtualHost: VirtualHost): Promise<void> {
    const [name, password, all, by] = [virtualHost.name, virtualHost.password, '.*', 'suite'].map(
      (name) => `<<"${name}">>`,
    );
    await this.ready();
    await this.evaluate(
      `make the virtual host ${virtualHost.name}`,
      `ok = rabbit_vhost:add(${name}, ${by}),
       ok = rabbit_auth_backend_internal:add_user(${name}, ${password}, ${by}),
       ok = rabbit_auth_backend_internal:set_permissions(${name}, ${name}, ${all}, ${all}, ${all}, ${by}).`,
      virtualHost.password,
    );
  }

  /** Sends messages of an exchange that match no queue to another exchange, now and after a restart of the broker. */
  async setAlternate(virtualHost: VirtualHost, exchange: string, alternate: string): Promise<void> {
    await this.evaluate(
      `send unrouted messages of ${exchange} to ${alternate}`,
      `ok = rabbit_policy:set(<<"${virtualHost.name}">>, <<"alternate">>, <<"^${exchange}$">>,
         [{<<"alternate-exchange">>, <<"${alternate}">>}], 0, <<"exchanges">>, <<"suite">>).`,
    );
  }

  /** The names that clients gave to the open connections of a virtual host, from the broker's own list. */
  async connections(virtualHost: VirtualHost): Promise<string[]> {
    const answer = await this.evaluate(
      'list its connections',
      `[begin
          Name = case lists:keyfind(<<"connection_name">>, 1, proplists:get_value(client_properties, C)) of
            {_, _, N} -> N; false -> <<>> end,
          binary_to_list(<<"=", Name/binary>>)
        end || C <- rabbit_networking:connection_info_all([vhost, client_properties]),
        proplists:get_value(vhost, C) =:= <<"${virtualHost.name}">>].`,
    );
    // Without the sign before it, Erlang would not print an empty name as a string.
    return [...answer.matchAll(/"=([^"]*)"/g)].map(([, name]) => name as string);
  }

  /**
   * Writes a marker to the broker's log (a connection) and to the {@link frames} (a queue's name). Then it waits until
   * the log's reader has the marker, so that all earlier lines have been read.
   */
  async writeMarker(): Promise<BrokerMarker> {
    const token = `marker-${randomUUID()}`;
    const from = this.log.lines.length;
    try {
      await onAmqp(this.description.amqpUrl, token, 'the broker to declare a queue', async (connection) => {
        const channel = await connection.createChannel();
        channel.on('error', () => undefined);
        await channel.assertQueue(token, { exclusive: true });
      });
    } catch (error) {
      // Not thrown, because what was seen until now still counts.
      return { token, index: undefined, failure: (error as Error).message };
    }
    return { token, index: await this.log.until(token, MARKER_LIMIT_MS, from) };
  }

  /** The time by the clock of its container's machine, milliseconds since the epoch. @throws LabError without an answer. */
  async time(): Promise<number> {
    return timeOf(await this.shell('time'));
  }

  /**
   * Follows the packets with AMQP frames, which tshark prints, one line each with {@link capturedFields}. It begins
   * where {@link attach} says.
   *
   * One tshark reads for all workers of the run. The first caller starts it, because that takes a second of CPU time.
   * If a follower has ended, the next one reads the same lines from the beginning, so that an index means the same in
   * both.
   */
  frames(): Promise<LogTail> {
    const tshark = [
      'tshark -l -n -r -',
      '-Y amqp',
      '-T fields -E occurrence=a -E aggregator=,',
      ...capturedFields.map((field) => `-e ${field}`),
    ].join(' ');
    const once = `mkdir ${dirname(FRAMES)} 2>/dev/null && (tail -s ${LOOKS_EACH} -c +1 -f ${CAPTURE} | ${tshark} > ${FRAMES} 2> ${FRAMES}.complaints &)`;
    const script = `${once}; exec tail -q -s ${LOOKS_EACH} -n +${this.firstFrame} -F ${FRAMES}`;
    return this.followers.get('frames', async () => {
      const tail = await this.follow('frames', script, 'root');
      this.frameLines = tail.lines;
      return tail;
    });
  }

  /** How many lines of {@link frames} have been read. */
  get framesRead(): number {
    return this.frameLines.length;
  }

  /** Does `work` while no packets are kept, because that would use the CPU time that is measured. */
  async withoutCapture<T>(work: () => Promise<T>): Promise<T> {
    await this.execute(['pkill', '-STOP', 'dumpcap']);
    try {
      return await work();
    } finally {
      await this.execute(['pkill', '-CONT', 'dumpcap']);
    }
  }

  [Symbol.dispose](): void {
    this.disposed.abort();
    this.log[Symbol.dispose]();
    for (const followed of this.followers.all()) {
      followed.then(
        (resource) => resource[Symbol.dispose](),
        () => undefined,
      );
    }
  }

  /** Runs a program in its container. @throws LabError if it fails. */
  execute(command: readonly string[], options?: CommandOptions): Promise<Executed> {
    return execute(this.engine, this.description.containerId, command, { user: 'root', ...options });
  }

  /** Starts a follower. It is forgotten when it ends, so that the next caller gets a new one. */
  private async follow(key: Follower, script: string, user: string): Promise<LogTail> {
    const tail = await LogTail.follow(this.engine, this.description.containerId, ['sh', '-c', script], user);
    void tail.end.then(() => this.followers.forget(key));
    return tail;
  }

  /** Evaluates Erlang on the node: see {@link evaluated}. */
  private async evaluate(task: string, expression: string, secret?: string): Promise<string> {
    return evaluated(await this.shell('evaluate'), task, expression, secret);
  }

  private shell(key: Shell): Promise<LogTail> {
    return this.followers.get(key, () => this.follow(key, shells[key], 'rabbitmq'));
  }
}

/** The present number of lines of the broker's log and of its frames; 0 for a file that does not exist yet. */
async function linesSoFar(engine: Engine, containerId: string): Promise<number[]> {
  const script = `for file in ${BROKER_LOG} ${FRAMES}; do cat $file 2>/dev/null | wc -l; done`;
  const { stdout } = await execute(engine, containerId, ['sh', '-c', script], { user: 'root' });
  return stdout.trim().split('\n').map(Number);
}
