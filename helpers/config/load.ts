import type { Application } from './application.ts';
import type { Deployment } from './deployment.ts';

/** How ApacheBench loads a server: a connection and a handshake for each request, as the article's did. */
export interface Load {
  readonly route: keyof Pick<Application['routes'], 'plain' | 'amqp'>;
  /** Of each run: `-n`. */
  readonly requests: number;
  /** Requests under way at once: `-c`. */
  readonly concurrency: number;
  readonly tls: { readonly protocol: 'TLSv1.2'; readonly cipher: string };
}

/** What the article's `ab` printed as `SSL/TLS Protocol`. */
export const articleTls: Load['tls'] = { protocol: 'TLSv1.2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384' };

/** Two deployments under the same load: does the candidate answer as many requests as the baseline? */
export interface Comparison {
  readonly baseline: Deployment;
  readonly candidate: Deployment;
  readonly load: Load;
}
