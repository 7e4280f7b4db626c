import { type ChannelModel, connect } from 'amqplib';
import { LabError } from './lab-error.ts';
import { within } from './until.ts';

/** How long a broker may take to answer on a connection of the suite; a running broker needs a few milliseconds. */
export const AMQP_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 2000;

/**
 * Opens an AMQP connection for the suite itself.
 *
 * @param name the connection's name at the broker.
 * @throws LabError if the broker refuses the connection, or does not complete the handshake in time.
 */
export async function openAmqp(url: string, name: string, limitMs = AMQP_LIMIT_MS): Promise<ChannelModel> {
  try {
    const connection = await connect(url, {
      timeout: limitMs,
      clientProperties: { connection_name: name },
    });
    // Without a listener an error would end the process. Callers notice the end of the connection by other means.
    connection.on('error', () => undefined);
    return connection;
  } catch (error) {
    const { message } = error as Error;
    const why = message === 'connect ETIMEDOUT' ? `waited ${limitMs / 1000} s` : message;
    throw new LabError(`no AMQP handshake with the broker: ${why}`);
  }
}

/** Closes a connection, or cuts it off if the broker does not answer. */
export async function closeAmqp(connection: ChannelModel): Promise<void> {
  await within('the broker to close a connection', CLOSE_LIMIT_MS, connection.close()).catch(() =>
    // amqplib’s Connection has its socket (lib/connection.js), but not in its types.
    (connection.connection as unknown as { stream: { destroy(): void } }).stream.destroy(),
  );
}

/**
 * Does `work` on a connection that is closed afterwards.
 *
 * @param awaited the event that `work` waits for, for the error.
 * @throws LabError as {@link openAmqp} does, or if `work` takes too long.
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
