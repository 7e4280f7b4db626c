import { readdir, realpath } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Client } from 'undici';

/** An address where an engine may listen. */
export interface KnownEngine {
  /** In the form of `DOCKER_HOST`. */
  readonly address: string;
  /** E.g. `Podman 4.3.1, rootless`; undefined if it does not answer. */
  readonly name?: string;
  /** Why it does not answer: the error's code, or its message. */
  readonly problem?: string;
}

const ANSWER_LIMIT_MS = 5000;
const USERS = '/run/user';

/** The engines that `DOCKER_HOST` and this machine's sockets lead to, each once. */
export async function knownEngines(): Promise<KnownEngine[]> {
  const { DOCKER_HOST, XDG_RUNTIME_DIR } = process.env;
  // root sees other users' sockets as well.
  const users = await readdir(USERS).catch(() => [`${userInfo().uid}`]);
  const folders = [
    ...new Set([...(XDG_RUNTIME_DIR ? [XDG_RUNTIME_DIR] : []), ...users.map((user) => join(USERS, user))]),
  ];
  const sockets = [
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
    ...folders.flatMap((folder) => [join(folder, 'docker.sock'), join(folder, 'podman/podman.sock')]),
    ...HOME_SOCKETS.map((socket) => join(homedir(), socket)),
  ];
  const addresses = [...(DOCKER_HOST ? [DOCKER_HOST] : []), ...sockets.map((socket) => `unix://${socket}`)];
  const leads = await Promise.all(
    addresses.map(async (address) => ({ address, to: await leadsTo(address) })),
  );
  const ends = leads.map(({ to }) => to);
  const each = leads.filter(({ to }, place) => to !== undefined && ends.indexOf(to) === place);
  return Promise.all(each.map(({ address }) => ask(address)));
}

/** The sockets of Docker Desktop, Colima, Rancher Desktop, OrbStack and Podman’s machine. */
const HOME_SOCKETS = [
  '.docker/run/docker.sock',
  '.docker/desktop/docker.sock',
  '.colima/default/docker.sock',
  '.rd/docker.sock',
  '.orbstack/run/docker.sock',
  '.local/share/containers/podman/machine/podman.sock',
];

/** The address or the real path of the socket that an address leads to; undefined if the socket does not exist. */
async function leadsTo(address: string): Promise<string | undefined> {
  if (!address.startsWith('unix://')) return address;
  return realpath(address.slice('unix://'.length)).catch(() => undefined);
}

async function ask(address: string): Promise<KnownEngine> {
  try {
    return { address, name: await nameOf(address) };
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    const late = name === 'TimeoutError' && `no answer within ${ANSWER_LIMIT_MS / 1000} s`;
    return { address, problem: late || (code ?? message) };
  }
}

async function nameOf(address: string): Promise<string> {
  const { protocol, host, pathname } = new URL(address);
  const [origin, socketPath] = protocol === 'unix:' ? ['http://engine', pathname] : [`http://${host}`, null];
  const client = new Client(origin, { ...(socketPath && { socketPath }) });
  const get = async (path: string) => {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    return (await client.request({ method: 'GET', path, signal })).body.json();
  };
  try {
    const version = (await get('/version')) as EngineVersion;
    // Podman’s answer to /info does not say whether it is rootless.
    const info = await get(makerOf(version) === 'Podman' ? '/v4.0.0/libpod/info' : '/info');
    return engineName(version, info as EngineInfo);
  } finally {
    await client.close();
  }
}

/** The fields of an engine's version that are read here. */
export interface EngineVersion {
  readonly Version: string;
  readonly Components?: readonly { readonly Name: string }[];
}
/** The fields of an engine's information that are read here. */
export interface EngineInfo {
  /** Docker's. */
  readonly SecurityOptions?: readonly string[] | null;
  /** Podman's. */
  readonly host?: { readonly security?: { readonly rootless?: boolean } };
}

/** The maker of an engine; its program has the same name. */
export function makerOf({ Components = [] }: Pick<EngineVersion, 'Components'>): 'Docker' | 'Podman' {
  return Components.some(({ Name }) => /podman/i.test(Name)) ? 'Podman' : 'Docker';
}

/** An engine's name for people: `Docker 28.2.2, rootless`. */
export function engineName(version: EngineVersion, { SecurityOptions, host }: EngineInfo): string {
  const isRootless = SecurityOptions?.includes('name=rootless') || host?.security?.rootless;
  return `${makerOf(version)} ${version.Version}${isRootless ? ', rootless' : ''}`;
}
