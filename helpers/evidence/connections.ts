import type { Lab } from '../lab/lab.ts';
import { parseBrokerLog, pidOfConnection } from './broker-log.ts';
import type { WarmServer } from './warm-server.ts';

/** AMQP connections of a deployment, seen in three ways. */
export interface Connections {
  /** Established, as `ss` counts them in the container. */
  readonly established: number;
  /** As the broker lists them. */
  readonly listed: number;
  /** Opened in all, by the broker's log; undefined if it could not be read to its end. */
  readonly opened: number | undefined;
}

/** Counts the connections of a server, less the suite's own. */
export async function countConnections(lab: Lab, { server, virtualHost }: WarmServer): Promise<Connections> {
  const [established, listed, { index: end }] = await Promise.all([
    server.establishedAmqpConnections(),
    lab.broker.connections(virtualHost),
    lab.broker.mark(),
  ]);
  const opened = parseBrokerLog(lab.broker.log.lines.slice(0, end)).filter(
    (it) => it.user === virtualHost.name && pidOfConnection(it) !== undefined,
  );
  return {
    established,
    listed: listed.filter((it) => pidOfConnection(it) !== undefined).length,
    opened: end === undefined ? undefined : opened.length,
  };
}
