/** Sources for the expectations of rows that are not based on this suite's own measurements. */
export const sources = {
  /** What the MPM's processes run, and what mod_wsgi's daemons run. */
  daemonMode: 'https://modwsgi.readthedocs.io/en/master/user-guides/embedded-and-daemon-mode.html',
  /** The purpose of heartbeat_in_pthread, in the commit that added the option. */
  nativeHeartbeat:
    'https://github.com/openstack/oslo.messaging/commit/22f240b82fffbd62be8568a7d0d3369134596ace',
  /** The commit that removed heartbeat_in_pthread. */
  pthreadRemoved:
    'https://github.com/openstack/oslo.messaging/commit/624f8572485676e2d17b63580948b71fb5ab2b02',
  /** A green thread always belongs to the hub of its native thread. */
  hubs: 'https://eventlet.readthedocs.io/en/latest/hubs.html',
  /** Modules that were imported before are patched too. */
  patching: 'https://eventlet.readthedocs.io/en/latest/patching.html',
  /** What happens to a greenlet that another native thread wakes. */
  otherThread: 'https://github.com/eventlet/eventlet/issues/662',
  /** When RabbitMQ closes a silent connection. Any traffic counts as a heartbeat. */
  brokerHeartbeats: 'https://www.rabbitmq.com/docs/heartbeats',
  /** `Pool.get` closes idle connections while it holds the pool's lock. */
  pool: 'https://github.com/openstack/oslo.messaging/blob/16.1.0/oslo_messaging/_drivers/pool.py',
  /** nova-api under mod_wsgi hung with heartbeat_in_pthread; the discussion explains why. */
  hangWithNativeHeartbeat: 'https://github.com/openstack-k8s-operators/nova-operator/pull/518',
  /** Two processes instead of one, so that one remains for a health check. */
  secondProcess: 'https://github.com/openstack-k8s-operators/nova-operator/pull/521',
  /** From 32 threads to 1, because nova-api does not work with more. */
  manyThreads: 'https://github.com/openstack/puppet-nova/commit/f7be71fd',
  /** RPC timeouts in patched services with a native heartbeat. */
  timeoutsWithNativeHeartbeat: 'https://github.com/rackerlabs/genestack/pull/1690',
  /** Connections for replies had green heartbeats even with heartbeat_in_pthread. */
  repliesBeat: 'https://bugs.launchpad.net/oslo.messaging/+bug/2009138',
  /** Without enable-threads there were no heartbeats at all. */
  enableThreads: 'https://github.com/eandersson/amqpstorm/issues/51',
  /** Why oslo.messaging polls for a reply every half second since 14.8.0. */
  repliesPolled: 'https://bugs.launchpad.net/oslo.messaging/+bug/2035113',
  /** A child of event does not end when Apache reloads. */
  childStays: 'https://github.com/GrahamDumpleton/mod_wsgi/issues/799',
  /** Why oslo.log has its own lock. */
  loggingLock: 'https://github.com/eventlet/eventlet/issues/432',
} as const;
