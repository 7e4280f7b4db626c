import { LogReader, type LogSink } from '../../logs/log-reader.ts';
import type { LogTime } from '../../logs/log-time.ts';
import { ApplicationHistories } from './application-history.ts';
import { BrokerHistory } from './broker-history.ts';

/** What all logs say, of brokers and of applications. */
export class Histories {
  readonly broker = new BrokerHistory();
  readonly applications = new ApplicationHistories();
  /** Files of which not everything could be read. */
  readonly incomplete: string[] = [];
  /** The latest reader of each log. */
  private readonly readers = new Map<string, LogReader>();

  /** @param zoneMs how far the zone of logs that name none is ahead of UTC, if the user gave it. */
  constructor(readonly zoneMs?: number) {}

  /**
   * Gives a reader that adds what it finds to these histories.
   *
   * @param log the same for all files of one rotated log.
   * @param latest milliseconds since the epoch, for times that name no year.
   */
  readerOf(path: string, log: string, latest: number): LogReader {
    const reader = new LogReader(this.sinkOf(path, log), latest, this.readers.get(log));
    this.readers.set(log, reader);
    return reader;
  }

  /** To be called when everything has been read: entries that wait for another line are completed. */
  end(): void {
    for (const reader of this.readers.values()) reader.end();
    this.broker.end();
  }

  private sinkOf(path: string, log: string): LogSink {
    const { broker, applications } = this;
    return {
      broker: (event) => {
        const { time, host } = event;
        if (time?.aheadMs !== undefined) broker.zoneMs = time.aheadMs;
        broker.add(event, host === undefined ? log : `${log} ${host}`, path, this.epochOf(time));
      },
      application: (event) => applications.add(event, log, path),
      request: (event) => applications.request(event, log),
      alive: (pid, time, origin, level) => applications.alive(pid, time, origin, level, log),
      twoClocks: (collectedAt, own, origin) => applications.twoClocks(collectedAt, own, origin, log),
    };
  }

  private epochOf(time: LogTime | undefined): number | undefined {
    return time && (time.isZoned ? time.ms : time.ms - (this.zoneMs ?? 0));
  }
}
