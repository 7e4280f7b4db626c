import { UnreadableError } from './unreadable.ts';

/** A packet with AMQP frames that tshark captured at the broker. */
export interface CapturedPacket {
  /** Milliseconds since the epoch, by the clock of the broker's machine. */
  readonly at: number;
  readonly from: 'client' | 'broker';
  /** The client's end, `IP:PORT`. Addresses are reused, so only {@link stream} identifies a connection. */
  readonly peer: string;
  /** tshark's number of the TCP connection. */
  readonly stream: number;
  /** Frame types, in order (AMQP 0-9-1, section 4.2.3): 1 method, 2 header, 3 body, 8 heartbeat. */
  readonly types: readonly number[];
  /** tshark's description, such as `Basic.Publish x=nova rk=conductor`. */
  readonly text: string;
}

/** Type of a heartbeat frame. */
export const HEARTBEAT = 8;
const AMQP_PORT = '5672';

/** The fields that tshark prints of each packet, in this order, separated by tabs. */
export const capturedFields = [
  'frame.time_epoch',
  'ip.src',
  'tcp.srcport',
  'ip.dst',
  'tcp.dstport',
  'tcp.stream',
  'amqp.type',
  // tshark 3.4 (Debian 11) accepts only this spelling, later releases accept any
  '_ws.col.Info',
] as const;

/**
 * Reads the output of tshark.
 *
 * @throws UnreadableError with the first line that has another form.
 */
export function parseCapture(lines: readonly string[]): CapturedPacket[] {
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [time, source, sourcePort, destination, destinationPort, stream, types, text] = line.split('\t');
      const at = Number(time) * 1000;
      if (text === undefined || !Number.isFinite(at)) {
        throw new UnreadableError(`the capture has an unknown line: ${line}`);
      }
      const fromClient = destinationPort === AMQP_PORT;
      return {
        at,
        from: fromClient ? 'client' : 'broker',
        peer: fromClient ? `${source}:${sourcePort}` : `${destination}:${destinationPort}`,
        stream: Number(stream),
        types: types === '' ? [] : (types as string).split(',').map(Number),
        text: text.trim(),
      };
    });
}
