import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';

export const loadSchema = z
  .strictObject({
    route: z.enum(['plain', 'amqp']),
    requests: z.int().describe('of each run of ab: -n'),
    concurrency: z.int().describe('requests under way at once: -c'),
    tls: z.strictObject({ protocol: z.literal('TLSv1.2'), cipher: z.string() }),
  })
  .meta({ id: 'load' });
/** How ApacheBench loads a server: a connection and a handshake for each request, as the article's did. */
export type Load = Frozen<z.infer<typeof loadSchema>>;

/** What the article's `ab` printed as `SSL/TLS Protocol`. */
export const articleTls: Load['tls'] = { protocol: 'TLSv1.2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384' };

/**
 * The servers of a throughput block: the one to compare with, another of exactly its kind (the
 * control), and the one that is in question.
 */
export const roles = ['baseline', 'baselineAgain', 'candidate'] as const;
export type Role = (typeof roles)[number];
