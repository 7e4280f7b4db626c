import { readFileSync } from 'node:fs';
import { stub } from '../../../helpers/applications/stub.ts';
import { deployment as deploymentOf } from '../../../helpers/deployment/deployment.ts';
import type { Observation } from '../../../helpers/evidence/observation.ts';

export type RecordedName = 'prefork-8' | 'prefork-8-2019' | 'event-8x25' | 'event-1x25';

/**
 * What was seen in real runs of 24 requests each (Debian 13, oslo.messaging 16.1.0, RabbitMQ 4.0.5).
 *
 * Logs, frames, requests, messages and times are as they were recorded. The suite asked for less then; what it did
 * not ask for was completed by hand:
 * - one process reported, and the others are said to be the same;
 * - the logging and the heartbeat of each process; the thread that started it is the one that its answers named;
 * - `Debian` among the versions, and the release of the image;
 * - the marker of every process, where one of them had written a line;
 * - what the application had to add, and the broker's release;
 * - that the message sink got the last message.
 *
 * Left out is what the readers said when they were started, before there was anything to read.
 */
export function recorded(name: RecordedName): Observation {
  const { arrived, ...rest } = JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));
  const seen: Observation = {
    ...rest,
    application: stub,
    arrived: new Map(arrived.map((id: string) => [id, 1])),
  };
  const deployment = deploymentOf(seen.deployment);
  const versions = { ...seen.server.versions, RabbitMQ: '4.0.5' };
  const processes = seen.server.processes.map((process) => ({
    ...process,
    application: stub.says(deployment),
  }));
  return { ...seen, deployment, server: { ...seen.server, versions, processes } };
}
