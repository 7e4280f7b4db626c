import { setTimeout as sleep } from 'node:timers/promises';
import { pidNamed } from '../evidence/broker-log.ts';
import type { FaultSeen, Replacement } from '../evidence/fault-facts.ts';
import type { Broker } from '../lab/broker.ts';
import type { Lab } from '../lab/lab.ts';
import type { Traffic } from '../rows/traffic.ts';
import type { Fault } from '../traffic/faults.ts';
import type { Emit, StartedDeployment } from './started-deployment.ts';

/** How long a broker may take to come back; RabbitMQ starts within two or three seconds. */
const BACK_LIMIT_MS = 30_000;
/** The time from one handshake to the next. */
const HANDSHAKE_EACH_MS = 100;
/** How long old processes may take to end; Apache waits for its slowest request. */
const LEAVE_LIMIT_MS = 30_000;
const LEAVES_EACH_MS = 200;

/** The observation of a fault while the traffic runs. */
export type SeenMeanwhile = Omit<FaultSeen, 'processesAfter'>;

/**
 * Injects a fault at the traffic's time, tries AMQP handshakes while it lasts, and undoes it.
 *
 * @throws LabError if the fault cannot be injected, or the broker is not back in time.
 */
export async function injectFault(
  { broker }: Lab,
  started: StartedDeployment,
  { afterMs, forMs }: NonNullable<Traffic['fault']>,
  { begin, end, replacesProcesses }: Fault,
  emit: Emit,
): Promise<SeenMeanwhile> {
  const { server, messageSink, virtualHost, clock } = started;
  const target = { broker, server };
  await Promise.all([sleep(afterMs), messageSink.keepUnrouted(broker, virtualHost)]);
  await begin(target);
  const beganAt = clock.now();
  emit('fault', 'begins');

  const handshakes = await handshakesFor(broker, forMs);
  const endingAt = clock.now();
  const over = [end(target).then(clock.now), broker.ready(BACK_LIMIT_MS).then(clock.now)];
  const overAt = Math.min(...(await Promise.all(over)));
  await messageSink.reopen(BACK_LIMIT_MS);
  emit('fault', `is over after ${((overAt - beganAt) / 1000).toFixed(1)} s`);
  return {
    beganAt,
    endingAt,
    overAt,
    handshakes,
    replacement: replacesProcesses && (await leftBehind(broker, started, beganAt)),
  };
}

/** Waits until all old processes have ended and the broker has none of their connections, or the time limit is over. */
async function leftBehind(
  broker: Broker,
  { server, facts, virtualHost, application, clock }: StartedDeployment,
  beganAt: number,
): Promise<Replacement> {
  const oldProcesses = facts.processes.map(({ pid }) => pid);
  let lastEndedMs: number | undefined;
  for (;;) {
    const [left, connections] = await Promise.all([
      server.processesAlive(oldProcesses),
      broker.connections(virtualHost),
    ]);
    const afterMs = clock.now() - beganAt;
    if (left.length === 0) lastEndedMs ??= afterMs;
    const connectionsLeft = connections.filter((name) =>
      oldProcesses.includes(pidNamed(name, application) ?? 0),
    );
    if (left.length + connectionsLeft.length === 0 || afterMs > LEAVE_LIMIT_MS) {
      return { oldProcesses, lastEndedMs, left, connectionsLeft };
    }
    await sleep(LEAVES_EACH_MS);
  }
}

/** Tries one handshake after another until the time limit. */
async function handshakesFor(broker: Broker, limitMs: number): Promise<FaultSeen['handshakes']> {
  const deadline = performance.now() + limitMs;
  const counts = { failed: 0, completed: 0 };
  while (performance.now() < deadline) {
    const completed = await broker.handshake().catch(() => false);
    counts[completed ? 'completed' : 'failed']++;
    await sleep(Math.min(HANDSHAKE_EACH_MS, Math.max(0, deadline - performance.now())));
  }
  return counts;
}
