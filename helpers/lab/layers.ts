import { applicationOf, type Deployment, serverOf } from '../deployment/deployment.ts';
import type { Layer } from '../engine/images.ts';

const oslo: Layer = { folder: 'oslo' };
/** The layers that applications share. */
const shared = { oslo, openstack: { folder: 'openstack', on: oslo } } satisfies Record<string, Layer>;

/** The image of the broker. */
export const brokerLayer: Layer = { folder: 'rabbitmq' };
/** The image of the client programs. The `nova` client needs many packages that the applications share. */
export const clientLayer: Layer = { folder: 'client', on: oslo };

/**
 * The image of a deployment: its application, the server on top of it, and the probe. The application is at the bottom so
 * that its packages, which are the largest, are installed once and not once per server.
 */
export function servedLayer(deployment: Deployment): Layer {
  const { name, folder, dockerfile, on } = applicationOf(deployment);
  const application: Layer = {
    folder,
    name,
    ...(dockerfile && { dockerfile }),
    ...(on && { on: shared[on] }),
  };
  return { folder: 'probe', on: { folder: serverOf(deployment).name, on: application } };
}
