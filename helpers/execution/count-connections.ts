import { connectionsOf, isOfSuite } from '../evidence/broker-log.ts';
import type { Lab } from '../lab/lab.ts';
import type { ConnectionCounts } from '../verdict/connection-counts.ts';
import type { StartedDeployment } from './started-deployment.ts';

/** Counts a server's AMQP connections in three ways, without the suite's own. */
export async function countConnections(
  lab: Lab,
  { server, virtualHost, application }: StartedDeployment,
): Promise<ConnectionCounts> {
  const [established, listed, { index: end }] = await Promise.all([
    server.establishedAmqpConnections(),
    lab.broker.connections(virtualHost),
    lab.broker.writeMarker(),
  ]);
  return {
    established,
    listed: listed.filter((name) => !isOfSuite({ name })).length,
    opened:
      end === undefined
        ? undefined
        : connectionsOf(lab.broker.log.lines.slice(0, end), virtualHost.name, application).length,
  };
}
