/** What may be wrong, in order of importance. */
export const troubleKinds = [
  'green heartbeat',
  'standstill',
  'broker restart',
  'independent service',
  'client gone',
  'network',
  'shared socket',
  'cross thread',
  'dead reply queue',
  'unexplained loss',
  'unexplained drop',
] as const;
export type TroubleKind = (typeof troubleKinds)[number];

/** What people are told about a trouble. */
export interface TroubleWords {
  /** One sentence, without a full stop. */
  readonly title: string;
  readonly advice: string;
  /** The row that shows the same thing, `npm run table -- -t ID`. */
  readonly row?: string;
}

/** What people are told, by trouble. */
export const troubles: Readonly<Record<TroubleKind, TroubleWords>> = {
  'green heartbeat': {
    title: 'the heartbeat did not run while its process, or its thread, had no request',
    advice:
      'Turn eventlet’s patching off in this API (the default of nova from 2026.1 on), or let the heartbeat run in a native thread: heartbeat_in_pthread = true (in oslo.messaging up to 17).',
    row: 'article/prefork-8',
  },
  standstill: {
    title:
      'different programs lost their connections at the same moment: a machine, the network or the broker stood still',
    advice:
      'Look at that moment on the broker and on the hosts: CPU steal, suspended or migrated virtual machines, memory alarms, network changes. Heartbeat options do not help.',
  },
  'broker restart': {
    title: 'connections were lost because the broker restarted',
    advice: 'Nothing is wrong with heartbeats. Find out why the broker restarted.',
    row: 'outage/prefork-2',
  },
  'independent service': {
    title: 'a program without a WSGI server missed heartbeats, and its heartbeats do not depend on requests',
    advice:
      'These logs do not show why. Look at the program’s own log, and at CPU and I/O of its host at these times: a long blocking call, a full disk, or a suspended machine.',
  },
  'client gone': {
    title: 'clients went away without closing their connections',
    advice:
      'Usual if a signal ends processes (a reload, a deployment, a recycled worker). Compare with the times of restarts.',
  },
  network: {
    title: 'the broker could not send to the client: the network failed, not the heartbeat',
    advice:
      'Look at firewalls, load balancers and their idle timeouts, and packet loss between client and broker.',
  },
  'shared socket': {
    title: 'processes share one socket: the connection was opened before a fork',
    advice:
      'Open connections after the fork: `lazy-apps = true` for uWSGI, no preloading for gunicorn, no connection at import.',
  },
  'cross thread': {
    title: 'eventlet’s locks are used across native threads: requests can hang for ever',
    advice:
      'In a patched application, use one thread in each process. With a native heartbeat, use oslo.log 5.0.1 or later, but not 5.2.0.',
    row: 'reports/native-stdlib-2x1-burst',
  },
  'dead reply queue': {
    title: 'replies were sent to a queue that no longer exists',
    advice:
      'The caller’s reply queue has expired or was deleted. Look for a caller that lost its connection and did not declare its queue again.',
  },
  'unexplained loss': {
    title: 'the application lost connections, and no log that was given says why',
    advice: 'Add the broker’s log of these times: RabbitMQ logs how each connection ended.',
  },
  'unexplained drop': {
    title: 'the broker dropped connections for missed heartbeats, and the logs do not show why',
    advice:
      'Add the application’s log at level INFO, of the same time and of all its hosts: it shows whether the heartbeat ran.',
  },
};
