import { type ChannelModel, connect } from 'amqplib';
import { LabError } from './lab-error.ts';
import { within } from './until.ts';

/** How long a broker may take to answer on a connection of the suite; one that is there needs a few milliseconds. */
export const AMQP_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 2000;

/**
 * Opens an AMQP connection of the suite's own.
 *
 * @param name what the broker calls it.
 * @throws LabError where it is refused, or the broker does not complete the handshake in time.
 */
export async function openAmqp(url: string, name: string, limitMs = AMQP_LIMIT_MS): Promise<ChannelModel> {
  try {
    const connection = await connect(url, {
      timeout: limitMs,
      clientProperties: { connection_name: name },
    });
    // Users of the connection learn of its end by what they wait for. Without a listener, it would end the process.
    connection.on('error', () => undefined);
    return connection;
  } catch (error) {
    const { message } = error as Error;
    const why = message === 'connect ETIMEDOUT' ? `waited ${limitMs / 1000} s` : message;
    throw new LabError(`no AMQP handshake with the broker: ${why}`);
  }
}

/** Closes a connection; cuts it off where the broker does not answer. */
export async function closeAmqp(connection: ChannelModel): Promise<void> {
  await within('the broker to close a connection', CLOSE_LIMIT_MS, connection.close()).catch(() =>
    // Not among its types: amqplib’s Connection has the socket that it was given (lib/connection.js).
    (connection.connection as unknown as { stream: { destroy(): void } }).stream.destroy(),
  );
}

/**
 * Does `work` on a connection that is open only meanwhile.
 *
 * @param awaited what `work` waits for.
 * @throws LabError as {@link openAmqp} does, or where `work` takes too long.
 */
export async function onAmqp<T>(
  url: string,
  name: string,
  awaited: string,
  work: (connection: ChannelModel) => Promise<T>,
  limitMs = AMQP_LIMIT_MS,
): Promise<T> {
  const connection = await openAmqp(url, name, limitMs);
  try {
    return await within(awaited, limitMs, work(connection));
  } finally {
    await closeAmqp(connection);
  }
}
