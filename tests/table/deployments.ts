import type { DeploymentInput } from '../../helpers/deployment/deployment.ts';

/**
 * The article's pair differs in MPM, processes and threads at once. The controls have equal numbers of processes under
 * both MPMs.
 */
export const prefork8 = { mpm: 'prefork', processes: 8, threads: 1 } as const satisfies DeploymentInput;
export const event1x25 = { mpm: 'event', processes: 1, threads: 25 } as const satisfies DeploymentInput;
export const prefork1 = { mpm: 'prefork', processes: 1, threads: 1 } as const satisfies DeploymentInput;
export const event8x25 = { mpm: 'event', processes: 8, threads: 25 } as const satisfies DeploymentInput;

export const prefork2 = { mpm: 'prefork', processes: 2, threads: 1 } as const satisfies DeploymentInput;
export const daemon = { mpm: 'event', wsgi: 'daemon' } as const satisfies Partial<DeploymentInput>;
export const uwsgi = { server: 'uwsgi' } as const satisfies Partial<DeploymentInput>;

export const native = { heartbeatThread: 'native' } as const satisfies Partial<DeploymentInput>;
export const notPatched = { concurrency: 'threads' } as const satisfies Partial<DeploymentInput>;
