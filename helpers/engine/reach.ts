import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import type { ContainerInspectInfo } from 'dockerode';

/** How this process connects to the engine: by a socket, or by TCP to a host. */
export interface Connection {
  readonly socketPath?: string | undefined;
  readonly host?: string | undefined;
}

/** The engine's description of the container that this process runs in. */
export type OwnContainer = Pick<ContainerInspectInfo, 'NetworkSettings' | 'Mounts'>;

/** Where this process reaches the ports that containers publish. */
export interface Reach {
  readonly host: string;
  /** Whether the engine is on this machine, so that other machines need no access. */
  readonly isHere: boolean;
  /** The path of the engine's socket on the engine's own machine, if it is known. */
  readonly socket?: string | undefined;
}

const LOOPBACK = '127.0.0.1';

/**
 * Finds where this process reaches the ports that containers publish. This is loopback, the engine's machine or, if this
 * process runs in a container, the engine's address in that container's network.
 *
 * Testcontainers checks for /.dockerenv. But a machine made from an image has that file too, and Podman's containers
 * lack it.
 *
 * @param own the container that this process runs in, if it is one of this engine's.
 * @param override `TESTCONTAINERS_HOST_OVERRIDE`.
 */
export function reachOf({ socketPath, host }: Connection, own?: OwnContainer, override?: string): Reach {
  const isHere = socketPath !== undefined || (host !== undefined && isLoopback(host)) || own !== undefined;
  const gateway = Object.values(own?.NetworkSettings.Networks ?? {}).find(
    (network) => network.Gateway,
  )?.Gateway;
  const socket = own?.Mounts.find(({ Destination }) => samePath(Destination, socketPath))?.Source;
  return { host: override || gateway || (isHere ? LOOPBACK : (host as string)), isHere, socket };
}

/**
 * Whether a connection leads to the engine that `DOCKER_HOST` names. If that engine does not answer, or a file of
 * Testcontainers' names another one, Testcontainers silently connects to a different one.
 */
export function isNamedBy(dockerHost: string, { socketPath, host }: Connection): boolean {
  if (!URL.canParse(dockerHost)) return false;
  const { hostname, pathname } = new URL(dockerHost);
  return socketPath === undefined ? hostname === host : pathname === socketPath;
}

/** Whether a host can be reached only from this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\..*|\[?::1\]?)$/.test(host);
}

/** Whether two paths are the same: on Debian /var/run is /run. */
function samePath(one: string, other = ''): boolean {
  return one.replace(/^\/var\/run\//, '/run/') === other.replace(/^\/var\/run\//, '/run/');
}

/** The container's id in a list of mounts: engines mount a file of each container at /etc/hostname. */
export function containerIdIn(mountInfo: string): string | undefined {
  return /([0-9a-f]{64})\/\S*hostname \/etc\/hostname /.exec(mountInfo)?.[1];
}

/** The id of the container that this process runs in, on any engine. */
export async function ownContainerId(): Promise<string | undefined> {
  return containerIdIn(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}

/** The addresses of a host, IPv4 first, because ports are published on IPv4. */
export async function addressesOf(host: string): Promise<{ address: string; family: number }[]> {
  return lookup(host, { all: true, order: 'ipv4first' });
}
