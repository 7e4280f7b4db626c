/** What says that a row must be as it is expected, where it is not this suite's own measurement. */
export const sources = {
  /** What the MPM's own processes do, and what mod_wsgi's daemons do. */
  daemonMode: 'https://modwsgi.readthedocs.io/en/master/user-guides/embedded-and-daemon-mode.html',
  /** What the option is for, in the words of the change that brought it. */
  nativeHeartbeat:
    'https://github.com/openstack/oslo.messaging/commit/22f240b82fffbd62be8568a7d0d3369134596ace',
  /** The change that removed it. */
  pthreadRemoved:
    'https://github.com/openstack/oslo.messaging/commit/624f8572485676e2d17b63580948b71fb5ab2b02',
  /** A green thread belongs to the hub of its native thread for good. */
  hubs: 'https://eventlet.readthedocs.io/en/latest/hubs.html',
  /** That a module which was imported before is patched too. */
  patching: 'https://eventlet.readthedocs.io/en/latest/patching.html',
  /** What happens to a greenlet that another native thread wakes. */
  otherThread: 'https://github.com/eventlet/eventlet/issues/662',
  /** When RabbitMQ closes a silent connection, and that any traffic counts. */
  brokerHeartbeats: 'https://www.rabbitmq.com/docs/heartbeats',
  /** `Pool.get` closes what has been idle while it holds the pool's lock. */
  pool: 'https://github.com/openstack/oslo.messaging/blob/16.1.0/oslo_messaging/_drivers/pool.py',
  /** nova-api under mod_wsgi hung with it; what was found out is in the thread. */
  hangWithNativeHeartbeat: 'https://github.com/openstack-k8s-operators/nova-operator/pull/518',
  /** Two processes instead of one, so that one is left for a health check. */
  secondProcess: 'https://github.com/openstack-k8s-operators/nova-operator/pull/521',
  /** From 32 threads to 1, since nova-api refused to work with more. */
  manyThreads: 'https://github.com/openstack/puppet-nova/commit/f7be71fd',
  /** RPC timeouts in patched services with a native heartbeat. */
  timeoutsWithNativeHeartbeat: 'https://github.com/rackerlabs/genestack/pull/1690',
  /** Connections for replies had green heartbeats, whatever the option said. */
  repliesBeat: 'https://bugs.launchpad.net/oslo.messaging/+bug/2009138',
  /** Without enable-threads there were no heartbeats at all. */
  enableThreads: 'https://github.com/eandersson/amqpstorm/issues/51',
  /** Why who waits for a reply looks for it each half second, from oslo.messaging 14.8.0 on. */
  repliesPolled: 'https://bugs.launchpad.net/oslo.messaging/+bug/2035113',
  /** A child of event that does not end when Apache reloads. */
  childStays: 'https://github.com/GrahamDumpleton/mod_wsgi/issues/799',
  /** Why oslo.log has a lock of its own. */
  loggingLock: 'https://github.com/eventlet/eventlet/issues/432',
} as const;
