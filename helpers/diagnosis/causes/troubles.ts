/** The words about a trouble. */
export interface TroubleWords {
  /** One sentence, without a full stop. */
  readonly title: string;
  readonly advice: string;
  /** The id of a row that shows the same trouble, for each program; the key `''` is for all others. */
  readonly rows?: Readonly<Record<string, string>>;
  /** Whether nothing was lost. A hint does not count as found. */
  readonly isHint?: true;
}

/** Titles, advice and rows, in the order of importance. */
const all = {
  'green heartbeat': {
    title:
      'the heartbeat stopped while no request ran in its process, or on the thread that it shares with requests',
    advice:
      'Look up your deployment tool in docs/operators.md: often nothing needs doing. If something does, turn off eventlet’s patching in this API (nova’s default from 2026.1 on), or run the heartbeat in a native thread: heartbeat_in_pthread = true (oslo.messaging up to 17).',
    rows: { mod_wsgi: 'article/prefork-8', uwsgi: 'server/uwsgi-8x1' },
  },
  standstill: {
    title:
      'different programs lost their connections at one moment: a machine, the network or the broker stood still',
    advice:
      'Look at that moment on the broker and on the hosts: CPU steal, suspended or migrated virtual machines, swapping, network changes. Heartbeat options do not help.',
  },
  'broker restart': {
    title: 'the broker restarted, which ends every connection',
    advice: 'Nothing is wrong with heartbeats. Find out why the broker restarted.',
    rows: { '': 'outage/prefork-2' },
  },
  cluster: {
    title: 'the brokers of the cluster lost each other, or the link between them was overloaded',
    advice:
      'Look at the network between the brokers, and at the broker that was away. A break there often cuts clients off as well. Give the logs of all brokers.',
  },
  'independent service': {
    title: 'a program that does not have the name of a WSGI server missed heartbeats',
    advice:
      'Could not tell why. If a WSGI server runs it, read docs/your-application.md. Otherwise its heartbeat does not depend on requests. Look at its own log, and at CPU and I/O of its host at these times: a long blocking call, a full disk, a suspended machine.',
  },
  'unexplained drop': {
    title: 'the broker dropped connections for missed heartbeats, and the logs do not show why',
    advice:
      'Could not tell. The application’s log at level INFO, of the same time and of all its hosts, would tell whether its heartbeat ran.',
  },
  'client gone': {
    title: 'clients went away without closing their connections',
    advice:
      'Usual where processes are ended by a signal (a reload, a deployment, a worker that is recycled). Compare with the times of restarts.',
  },
  network: {
    title:
      'broker and client could not reach each other: the network failed, or the client did not read its socket',
    advice:
      'Look at firewalls, load balancers and their idle timeouts, and packet loss between client and broker. If the broker could not send, also look whether the client was stopped, or too busy to read.',
  },
  'shared socket': {
    title: 'processes or threads share one connection',
    advice:
      'If a process forked after it connected, connect after the fork: `lazy-apps = true` for uWSGI, no preloading for gunicorn, no connection at import. If none did, look for threads that use one connection.',
  },
  'cross thread': {
    title: 'eventlet’s locks are used across native threads: requests can hang for ever',
    advice:
      'Use one thread per process with a patched application. If the heartbeat is native, use oslo.log 5.0.1 or later, except 5.2.0.',
    rows: { '': 'reports/native-stdlib-2x1-burst' },
  },
  'dead reply queue': {
    title: 'replies were sent to a queue that no longer exists',
    advice:
      'The caller’s reply queue has expired or was deleted. Look for a caller that lost its connection and did not declare its queue again.',
  },
  'unexplained loss': {
    title: 'the application lost connections, and no log that was given says why',
    advice:
      'Could not tell. The broker’s log of these times would tell: RabbitMQ logs how each connection ended.',
  },
  'option that will go': {
    title: 'heartbeat_in_pthread is set, or on (perhaps by default), and oslo.messaging 18 no longer has it',
    advice:
      'Nothing while oslo.messaging is older than 18. Before you update to 18, turn eventlet’s patching off: 18 ignores the option silently.',
    isHint: true,
  },
} satisfies Record<string, TroubleWords>;

/** Something that may be wrong. */
export type TroubleKind = keyof typeof all;
/** The most important first. */
export const troubleKinds = Object.keys(all) as TroubleKind[];
export const troubles: Readonly<Record<TroubleKind, TroubleWords>> = all;

/** The row that shows what was found, of a program where that matters. */
export function exampleRow(kind: TroubleKind, program = ''): string | undefined {
  const { rows = {} } = troubles[kind];
  return rows[program] ?? rows[''];
}
