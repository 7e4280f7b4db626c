import { setTimeout as sleep } from 'node:timers/promises';
import type { DisturbedScenario } from '../config/scenario.ts';
import { pidNamed } from '../evidence/broker-log.ts';
import type { DisturbanceSeen, Replacement } from '../evidence/disturbance-facts.ts';
import type { Broker } from '../lab/broker.ts';
import type { Lab } from '../lab/lab.ts';
import type { Disturbance } from '../traffic/disturbances.ts';
import type { Tell, WarmServer } from './warm-server.ts';

/** How long a broker may take to be back; RabbitMQ starts within two or three seconds. */
const BACK_LIMIT_MS = 30_000;
/** From one handshake to the next. */
const HANDSHAKE_EACH_MS = 100;
/** How long old processes may take to end; Apache itself waits for its slowest request. */
const LEAVE_LIMIT_MS = 30_000;
const LEAVES_EACH_MS = 200;

/** What is seen of a disturbance while the traffic lasts; what comes after it is seen by who plays the row. */
export type SeenMeanwhile = Omit<DisturbanceSeen, 'processesAfter'>;

/**
 * Disturbs a deployment when its scenario says so, undoes it, and watches meanwhile whether the broker completes
 * handshakes.
 *
 * @throws LabError where it cannot be done, or the broker is not back in time.
 */
export async function disturb(
  { broker }: Lab,
  warm: WarmServer,
  scenario: DisturbedScenario,
  { begin, end, replacesProcesses }: Disturbance,
  tell: Tell,
): Promise<SeenMeanwhile> {
  const { afterMs, forMs } = scenario.disturbed;
  const { server, conductor, virtualHost, clock } = warm;
  const target = { broker, server };
  await Promise.all([sleep(afterMs), conductor.keepUnheard(broker, virtualHost)]);
  await begin(target);
  const beganAt = clock.now();
  tell('disturbed', 'it has begun');

  const handshakes = await handshakesFor(broker, forMs);
  const endingAt = clock.now();
  const over = [end(target).then(clock.now), broker.ready(BACK_LIMIT_MS).then(clock.now)];
  const overAt = Math.min(...(await Promise.all(over)));
  await conductor.reopen(BACK_LIMIT_MS);
  tell('disturbed', `it is over, after ${((overAt - beganAt) / 1000).toFixed(1)} s`);
  return {
    beganAt,
    endingAt,
    overAt,
    handshakes,
    replacement: replacesProcesses && (await leftBehind(broker, warm, beganAt)),
  };
}

/** Waits until no process of before the window is there, and the broker has no connection of one, or has waited enough. */
async function leftBehind(
  broker: Broker,
  { server, facts, virtualHost, application, clock }: WarmServer,
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
    const connectionsLeft = connections
      .filter((it) => oldProcesses.includes(pidNamed(it.name, application) ?? 0))
      .map(({ name }) => name);
    if (left.length + connectionsLeft.length === 0 || afterMs > LEAVE_LIMIT_MS) {
      return { oldProcesses, lastEndedMs, left, connectionsLeft };
    }
    await sleep(LEAVES_EACH_MS);
  }
}

/** Tries one handshake after another for so long. */
async function handshakesFor(broker: Broker, limitMs: number): Promise<DisturbanceSeen['handshakes']> {
  const deadline = performance.now() + limitMs;
  const counts = { failed: 0, completed: 0 };
  while (performance.now() < deadline) {
    const completed = await broker.handshake().catch(() => false);
    counts[completed ? 'completed' : 'failed']++;
    await sleep(Math.min(HANDSHAKE_EACH_MS, Math.max(0, deadline - performance.now())));
  }
  return counts;
}
