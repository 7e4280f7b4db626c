import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';

export const loadSchema = z
  .strictObject({
    route: z.enum(['plain', 'amqp']),
    requests: z.int().describe('requests of each run of ab: -n; a run of the warm-up has half'),
    concurrency: z.int().describe('concurrent requests of ab: -c'),
    tls: z.strictObject({ protocol: z.literal('TLSv1.2'), cipher: z.string() }),
  })
  .meta({ id: 'load' });
/** How ApacheBench loads a server: with a connection and a TLS handshake for each request, as in the article. */
export type Load = Frozen<z.infer<typeof loadSchema>>;

/** The `SSL/TLS Protocol` that the article's `ab` printed. */
export const articleTls: Load['tls'] = { protocol: 'TLSv1.2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384' };

/** The servers of a throughput block: the baseline, a second identical baseline (the control), and the candidate. */
export const roles = ['baseline', 'baselineAgain', 'candidate'] as const;
export type Role = (typeof roles)[number];
