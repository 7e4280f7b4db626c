import { connectionsOf, isOfSuite } from '../evidence/broker-log.ts';
import type { Lab } from '../lab/lab.ts';
import type { ConnectionCounts } from '../verdict/connections.ts';
import type { StartedDeployment } from './started-deployment.ts';

/** Counts the connections of a server in three ways, less the suite's own. */
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
    listed: listed.filter((it) => !isOfSuite(it)).length,
    opened:
      end === undefined
        ? undefined
        : connectionsOf(lab.broker.log.lines.slice(0, end), virtualHost.name, application).length,
  };
}
