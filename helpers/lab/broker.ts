import { randomBytes, randomUUID } from 'node:crypto';
import { dirname } from 'node:path/posix';
import { containerEnd } from '../engine/container-end.ts';
import type { Engine } from '../engine/engine.ts';
import { Memo } from '../engine/memo.ts';
import { SUITE_CONNECTION } from '../evidence/broker-log.ts';
import { onAmqp } from './amqp.ts';
import { type Executed, type ExecuteOptions, execute } from './execute.ts';
import { LabError } from './lab-error.ts';
import { LOOKS_EACH, LogTail } from './log-tail.ts';
import { until } from './until.ts';

/** Where a worker finds a broker. */
export interface BrokerDescription {
  readonly containerId: string;
  /** Its name on the run's network, and its address there. */
  readonly alias: string;
  readonly address: string;
  /** Where this machine reaches it. */
  readonly host: string;
  readonly port: number;
  /** The default virtual host, as the administrator. */
  readonly amqpUrl: string;
}

/** A virtual host of the broker with the one user that may use it. */
export interface VirtualHost {
  /** Of the virtual host and of the user alike; no other deployment has it. */
  readonly name: string;
  readonly password: string;
  /** Where this machine reaches it. */
  readonly amqpUrl: string;
  /** Where a container of the run's network reaches it. */
  readonly brokerUrl: string;
}

/** A connection as the broker lists it. */
export interface ListedConnection {
  readonly user: string;
  /** The name the client gave, or nothing. */
  readonly name: string;
}

/** What was left in the broker's log and in the frames, to be found by who reads them. */
export interface BrokerMarker {
  /** Nothing else contains it. */
  readonly token: string;
  /** Of the first line of the broker's log that has it; undefined if the log does not show it. */
  readonly index: number | undefined;
  /** Why it could not be left, if it could not. */
  readonly failure?: string;
}

export const AMQP_PORT = 5672;
export const BROKER_LOG = '/var/log/rabbitmq/broker.log';
const MARKER_LIMIT_MS = 10_000;
const START_LIMIT_MS = 60_000;
/** Of one handshake: a broker that is there answers within a few milliseconds. */
const HANDSHAKE_LIMIT_MS = 500;

/** The packet filter's table that makes it silent. */
const SILENT = 'mpm_heartbeat';

/** Reads a token and an expression from each line, and answers with a line that the token ends. */
const EVALUATE = `
cookie=$(cat /var/lib/rabbitmq/.erlang.cookie)
while read -r token expression; do
  answer=$(echo "$expression" | erl_call -c "$cookie" -sname "rabbit@$(hostname -s)" -h "call-$token" -e 2>&1 | tr '\\n' ' ')
  printf '%s %s\\n' "$answer" "$token"
done`;
const EVALUATE_LIMIT_MS = 20_000;

/** Answers each line with the time, in seconds since the epoch, and the line. */
const TELL_TIME = 'while read -r token; do date "+%s.%N $token"; done';
const TIME_LIMIT_MS = 5000;

/** Where the container's `start` has the packets kept. */
const CAPTURE = '/tmp/amqp.pcap';
/** Where the frames in them are, a line each, once somebody has asked for them. */
const FRAMES = '/tmp/frames/lines';

/** What is followed besides the log, from when it is first needed. */
type Follower = 'frames' | 'evaluate' | 'time';

/** A broker, as seen from a test worker: that of the run, or one that a row has for itself. */
export class Broker implements Disposable {
  private readonly followers = new Memo<Follower, LogTail>();
  private frameLines: readonly string[] = [];
  private readonly disposed = new AbortController();

  private constructor(
    private readonly engine: Engine,
    private readonly description: BrokerDescription,
    /** The broker's own log. */
    readonly log: LogTail,
    /** Which line of {@link FRAMES} is the first that is read. */
    private readonly firstFrame: number,
  ) {}

  /**
   * @param from what of its log and of its frames is read: all; or what comes from now on, where what was before is
   *   others', and reading it would keep this thread from its traffic.
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
   * Does `work`, unless the broker's container ends before: whoever waits for it would wait in vain.
   *
   * @param work is given a signal that is aborted then.
   * @throws LabError then.
   */
  async whileItRuns<T>(work: (gone: AbortSignal) => Promise<T>): Promise<T> {
    const gone = new AbortController();
    const end = containerEnd(this.engine, this.description.containerId, this.disposed.signal).then((how) => {
      gone.abort(new LabError(`its broker ${how} while the row was executed`));
      throw gone.signal.reason;
    });
    return Promise.race([work(gone.signal), end]);
  }

  /** Lets it log what is at that level or above, and no more. */
  async setLogLevel(level: 'info' | 'error'): Promise<void> {
    await this.evaluate(`log from ${level} on`, `ok = logger:set_primary_config(level, ${level}).`);
  }

  /** Waits until the broker completes an AMQP handshake. */
  async ready(limitMs = START_LIMIT_MS): Promise<void> {
    await until('RabbitMQ to answer an AMQP handshake', limitMs, () => this.handshake());
  }

  /** Tries one AMQP handshake. @throws LabError where it is refused, or not answered in time. */
  handshake(): Promise<true> {
    const { amqpUrl } = this.description;
    const done = async () => true as const;
    return onAmqp(amqpUrl, `${SUITE_CONNECTION}handshake`, 'a handshake', done, HANDSHAKE_LIMIT_MS);
  }

  /** Stops RabbitMQ on its Erlang node, as `rabbitmqctl stop_app` does: connections and what is not durable are gone. */
  async stop(): Promise<void> {
    await this.evaluate('stop', 'ok = rabbit:stop().');
  }

  /** Starts it again, as `rabbitmqctl start_app` does. */
  async start(): Promise<void> {
    await this.evaluate('start again', 'ok = rabbit:start().');
  }

  /**
   * Drops every packet that comes to its port or from it: nobody is told.
   *
   * @param which only packets that this expression of nftables matches.
   */
  async silence(which = ''): Promise<void> {
    await this.netfilter(`
      table inet ${SILENT} {
        chain to { type filter hook input priority 0; tcp dport ${AMQP_PORT} ${which} drop; }
        chain from { type filter hook output priority 0; tcp sport ${AMQP_PORT} ${which} drop; }
      }`);
  }

  /** Lets packets through again. */
  async endSilence(): Promise<void> {
    await this.netfilter(`delete table inet ${SILENT}`);
  }

  /** A virtual host that nobody else has; {@link create} makes it. */
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

  /** Makes a virtual host, its user and its permissions, in one step. */
  async create(virtualHost: VirtualHost): Promise<void> {
    const [name, password, all, by] = [virtualHost.name, virtualHost.password, '.*', 'suite'].map(
      (it) => `<<"${it}">>`,
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

  /** Sends what comes to an exchange and is for no queue to another exchange, now and after a restart of the broker. */
  async setAlternate(virtualHost: VirtualHost, exchange: string, alternate: string): Promise<void> {
    await this.evaluate(
      `send what is for no queue of ${exchange} to ${alternate}`,
      `ok = rabbit_policy:set(<<"${virtualHost.name}">>, <<"alternate">>, <<"^${exchange}$">>,
         [{<<"alternate-exchange">>, <<"${alternate}">>}], 0, <<"exchanges">>, <<"suite">>).`,
    );
  }

  /** The connections of a virtual host that are open now, in the broker's own list. */
  async connections(virtualHost: VirtualHost): Promise<ListedConnection[]> {
    const answer = await this.evaluate(
      'list its connections',
      `[begin
          Name = case lists:keyfind(<<"connection_name">>, 1, proplists:get_value(client_properties, C)) of
            {_, _, N} -> N; false -> <<>> end,
          binary_to_list(<<(proplists:get_value(user, C))/binary, " ", Name/binary>>)
        end || C <- rabbit_networking:connection_info_all([user, vhost, client_properties]),
        proplists:get_value(vhost, C) =:= <<"${virtualHost.name}">>].`,
    );
    return [...answer.matchAll(/"(\S+) ([^"]*)"/g)].map(([, user, name]) => ({
      user: user as string,
      name: name as string,
    }));
  }

  /**
   * Leaves a connection in the broker's log, and the name of a queue in the {@link frames}, and waits until the
   * reader of the log has it: all that the broker logged before has then been read.
   */
  async writeMarker(): Promise<BrokerMarker> {
    const token = `mark-${randomUUID()}`;
    const from = this.log.lines.length;
    try {
      await onAmqp(this.description.amqpUrl, token, 'the broker to declare a queue', async (connection) => {
        const channel = await connection.createChannel();
        channel.on('error', () => undefined);
        await channel.assertQueue(token, { exclusive: true });
      });
    } catch (error) {
      // What was seen until now counts all the same.
      return { token, index: undefined, failure: (error as Error).message };
    }
    return { token, index: await this.log.until(token, MARKER_LIMIT_MS, from) };
  }

  /** The time by the clock of its container's machine, milliseconds since the epoch. @throws LabError where it is not told. */
  async time(): Promise<number> {
    const shell = await this.shell('time', TELL_TIME);
    const line = await ask(shell, '', TIME_LIMIT_MS);
    if (line === undefined) throw new LabError(`waited ${TIME_LIMIT_MS / 1000} s for the containers’ time`);
    return Number(line) * 1000;
  }

  /**
   * The packets with AMQP frames, as tshark prints them, a line each with `fields`: from the broker's first one on, or
   * from when it was attached, and on as they come. One tshark reads for all workers of the run; it needs a second of
   * a processor to start, so it is started by the first who asks. A follower that has ended is followed by one that
   * reads the same lines from the first on, so that an index means the same in both.
   */
  frames(fields: readonly string[]): Promise<LogTail> {
    const tshark = [
      'tshark -l -n -r -',
      '-Y amqp',
      '-T fields -E occurrence=a -E aggregator=,',
      ...fields.map((field) => `-e ${field}`),
    ].join(' ');
    const once = `mkdir ${dirname(FRAMES)} 2>/dev/null && (tail -s ${LOOKS_EACH} -c +1 -f ${CAPTURE} | ${tshark} > ${FRAMES} 2> ${FRAMES}.complaints &)`;
    const script = `${once}; exec tail -q -s ${LOOKS_EACH} -n +${this.firstFrame} -F ${FRAMES}`;
    return this.followers.get('frames', async () => {
      const tail = await this.follow('frames', script, 'root');
      this.frameLines = tail.lines;
      return tail;
    });
  }

  /** How many lines of {@link frames} are read so far; none before they are first asked for. */
  get framesRead(): number {
    return this.frameLines.length;
  }

  /** Does `work` while no packets are kept: that would share the time that is measured. */
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
        (it) => it[Symbol.dispose](),
        () => undefined,
      );
    }
  }

  /** Runs a program in its container. @throws LabError where it fails. */
  execute(command: readonly string[], options?: ExecuteOptions): Promise<Executed> {
    return execute(this.engine, this.description.containerId, command, { user: 'root', ...options });
  }

  /** Gives rules to the packet filter of its own network namespace; only a broker that is {@link Lab.withOwnBroker} may. */
  private async netfilter(rules: string): Promise<void> {
    await this.execute(['nft', rules]);
  }

  /** A follower to be kept, until it ends: whoever asks after that gets a new one. */
  private async follow(key: Follower, script: string, user: string): Promise<LogTail> {
    const tail = await LogTail.follow(this.engine, this.description.containerId, ['sh', '-c', script], user);
    void tail.end.then(() => this.followers.forget(key));
    return tail;
  }

  /**
   * Evaluates Erlang on the node. One shell does it for all who ask: erl_call costs a tenth of
   * `rabbitmqctl eval`, and a process less of the engine each time.
   *
   * @param what the broker is to do, for people.
   * @param secret in the expression: nobody is shown it.
   * @throws LabError where it does not do it, or does not say so in time.
   */
  private async evaluate(what: string, expression: string, secret?: string): Promise<string> {
    const shell = await this.shell('evaluate', EVALUATE);
    const answer = await ask(shell, expression.replaceAll(/\s+/g, ' '), EVALUATE_LIMIT_MS);
    if (answer?.startsWith('{ok,')) return answer;
    const said = answer ?? `no answer within ${EVALUATE_LIMIT_MS / 1000} s ${shell.lastComplaint}`;
    const shown = secret === undefined ? said : said.replaceAll(secret, '…');
    throw new LabError(`the broker did not ${what}: ${shown.trim()}`);
  }

  /** A shell in its container that answers each line it reads. */
  private shell(key: Follower, script: string): Promise<LogTail> {
    return this.followers.get(key, () => this.follow(key, script, 'rabbitmq'));
  }
}

/** Asks a shell that ends its answer with the token with which the question begins; undefined where none comes. */
async function ask(shell: LogTail, question: string, limitMs: number): Promise<string | undefined> {
  const token = randomBytes(6).toString('hex');
  const from = shell.lines.length;
  shell.say(`${token} ${question}`);
  const index = await shell.until(` ${token}`, limitMs, from);
  return index === undefined ? undefined : shell.lines[index]?.replace(` ${token}`, '');
}

/** How many lines there are by now of the broker's log and of its frames; none of a file that is not there yet. */
async function linesSoFar(engine: Engine, containerId: string): Promise<number[]> {
  const script = `for it in ${BROKER_LOG} ${FRAMES}; do cat $it 2>/dev/null | wc -l; done`;
  const { stdout } = await execute(engine, containerId, ['sh', '-c', script], { user: 'root' });
  return stdout.trim().split('\n').map(Number);
}
