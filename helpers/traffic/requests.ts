import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { Agent, request } from 'undici';
import type { Ask } from '../applications/application.ts';
import type { RequestRecord, ServedBy } from '../evidence/request-record.ts';

/** The limit of the suite's own requests, which are not measured. */
const ANSWER_LIMIT_MS = 20_000;

/** Functions to call when a request's first byte is about to be written, by the request's id. */
const onWrite = new Map<string, () => void>();
// https://undici.nodejs.org/#/docs/api/DiagnosticsChannel?id=undiciclientsendheaders
subscribe('undici:client:sendHeaders', (message) => {
  const id = /^x-request-id: (\S+)/m.exec((message as { headers: string }).headers)?.[1] ?? '';
  onWrite.get(id)?.();
});

/** Sends requests to one server, each on a new connection, as `ab` and HAProxy do. */
export class HttpClient implements AsyncDisposable {
  // undici's timers tick only every half second, so an abort signal keeps the limit instead.
  private readonly agent = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 });

  /** @param now the time, milliseconds since the epoch; it must not jump. */
  constructor(
    private readonly baseUrl: string,
    readonly now: () => number,
  ) {}

  /** Sends a request now. It never throws: the record has the error. */
  async send(ask: Ask, dueAt = this.now(), limitMs = ANSWER_LIMIT_MS): Promise<RequestRecord> {
    return (await this.answerTo(ask, dueAt, limitMs)).record;
  }

  /** Requests a path, and decodes the answer's body from JSON. */
  async getJson<T>(path: string, limitMs: number): Promise<{ record: RequestRecord; body?: T }> {
    const { record, text } = await this.answerTo({ path }, this.now(), limitMs);
    return record.status === 200 ? { record, body: JSON.parse(text) as T } : { record };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.destroy();
  }

  private async answerTo(
    { path, method, headers, body }: Ask,
    dueAt: number,
    limitMs: number,
  ): Promise<{ record: RequestRecord; text: string }> {
    const id = `req-${randomUUID()}`;
    let sentAt = this.now();
    onWrite.set(id, () => {
      sentAt = this.now();
    });
    const ended = () => ({ id, path, dueAt, sentAt, endedAt: this.now() });
    try {
      const response = await request(this.baseUrl + path, {
        method: method ?? 'GET',
        dispatcher: this.agent,
        reset: true,
        signal: AbortSignal.timeout(limitMs),
        headers: {
          'x-openstack-request-id': id,
          'x-request-id': id,
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body ? JSON.stringify(body(id)) : null,
      });
      const text = await response.body.text();
      const servedBy = parseServedBy(response.headers['x-served-by']);
      const record = { ...ended(), status: response.statusCode };
      return { record: servedBy ? { ...record, servedBy } : record, text };
    } catch (error) {
      const { name, code, message } = error as NodeJS.ErrnoException;
      const failure =
        name === 'TimeoutError' ? `no answer within ${limitMs / 1000} s` : String(code ?? message);
      return { record: { ...ended(), failure }, text: '' };
    } finally {
      onWrite.delete(id);
    }
  }
}

/** Parses `PID/THREAD/THREAD,THREAD`; undefined if there is no such header. */
export function parseServedBy(header: string | string[] | undefined): ServedBy | undefined {
  const match = /^(\d+)\/(\d+)\/([\d,]*)$/.exec(String(header ?? ''));
  if (!match) return undefined;
  const [, pid, thread, owners] = match as unknown as [string, string, string, string];
  return {
    pid: Number(pid),
    thread: Number(thread),
    heartbeatOwners: owners === '' ? [] : owners.split(',').map(Number),
  };
}
