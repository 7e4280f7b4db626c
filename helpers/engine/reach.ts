import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import type { ContainerInspectInfo } from 'dockerode';

/** How this process talks to the engine: by a socket, or by TCP to a host. */
export interface Connection {
  readonly socketPath?: string | undefined;
  readonly host?: string | undefined;
}

/** What the engine says of the container that this process runs in, as far as it is asked for. */
export type OwnContainer = Pick<ContainerInspectInfo, 'NetworkSettings' | 'Mounts'>;

/** Where this process reaches what containers publish. */
export interface Reach {
  readonly host: string;
  /** Whether the engine is on this machine, so that nobody beyond it needs to get there. */
  readonly isHere: boolean;
  /** The engine's socket as the engine's own machine names it, where that is known. */
  readonly socket?: string | undefined;
}

const LOOPBACK = '127.0.0.1';

/**
 * Where this process reaches what containers publish: on loopback, or at the address that the engine has in the
 * network of the container that this process runs in, or at the engine's machine.
 *
 * Testcontainers goes by the file /.dockerenv, which a machine made from an image has as well, and which a container
 * of Podman lacks.
 *
 * @param own the container of this engine that this process runs in, if it does.
 * @param override `TESTCONTAINERS_HOST_OVERRIDE`.
 */
export function reachOf({ socketPath, host }: Connection, own?: OwnContainer, override?: string): Reach {
  const isHere = socketPath !== undefined || (host !== undefined && isLoopback(host)) || own !== undefined;
  const gateway = Object.values(own?.NetworkSettings.Networks ?? {}).find((it) => it.Gateway)?.Gateway;
  const socket = own?.Mounts.find(({ Destination }) => samePath(Destination, socketPath))?.Source;
  return { host: override || gateway || (isHere ? LOOPBACK : (host as string)), isHere, socket };
}

/** Whether only this machine reaches a host. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\..*|\[?::1\]?)$/.test(host);
}

/** On Debian /var/run is /run. */
function samePath(one: string, other = ''): boolean {
  return one.replace(/^\/var\/run\//, '/run/') === other.replace(/^\/var\/run\//, '/run/');
}

/** The id that engines give away: they mount a file of each container at /etc/hostname. */
export function containerIdIn(mountInfo: string): string | undefined {
  return /([0-9a-f]{64})\/\S*hostname \/etc\/hostname /.exec(mountInfo)?.[1];
}

/** The id of the container that this process runs in, whatever its engine. */
export async function ownContainerId(): Promise<string | undefined> {
  return containerIdIn(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}

/** IPv4 first, since that is what is published on. */
export async function addressesOf(host: string): Promise<{ address: string; family: number }[]> {
  return lookup(host, { all: true, order: 'ipv4first' });
}
