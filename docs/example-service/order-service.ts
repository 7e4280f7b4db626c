// A plain object is enough; with these two lines an editor knows its fields.
import type { Application } from '../../helpers/applications/application.ts';

const record: Application = {
  name: 'order-service',
  folder: 'image',
  callable: 'order_service:application',
  routes: {
    plain: { path: '/' },
    amqp: { path: '/orders', method: 'POST', body: (id) => ({ order: id }) },
  },
  messages: {
    exchange: 'orders',
    type: 'direct',
    durable: true,
    topics: ['placed'],
    requestIdOf: ({ headers }) => headers.request_id as string | undefined,
  },
  environment: ({ concurrency, heartbeatSeconds }, brokerUrl) => ({
    ORDERS_BROKER: brokerUrl,
    ORDERS_HEARTBEAT: String(heartbeatSeconds),
    ORDERS_EVENTLET: concurrency === 'eventlet' ? '1' : '0',
  }),
  options: ['concurrency'],
  usual: { logging: 'stdlib' },
  log: '/var/log/orders/orders.log',
  logEntry: /^(?<time>\S+ \S+) \[(?<pid>\d+)\] (?<level>[A-Z]+) (?<logger>\S+): (?<message>.*)$/,
  heartbeatLogger: 'orders.broker',
  connectionName: /^order-service:(?<pid>\d+)$/,
  connections: 1,
  signatures: {
    heartbeatErrors: [{ pattern: /^lost the broker: / }],
    unreachable: /^the broker is unreachable: /,
  },
};
export default record;
