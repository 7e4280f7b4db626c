import { readdir, realpath } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Client } from 'undici';

/** An engine where one may listen. */
export interface KnownEngine {
  /** As `DOCKER_HOST` says it. */
  readonly address: string;
  /** E.g. `Podman 4.3.1, rootless`; undefined: it does not answer. */
  readonly name?: string;
  /** Why it does not answer, in a word. */
  readonly problem?: string;
}

const ANSWER_LIMIT_MS = 5000;
const USERS = '/run/user';

/** Those that `DOCKER_HOST` or a socket of this machine lead to, each once. */
export async function knownEngines(): Promise<KnownEngine[]> {
  const { DOCKER_HOST, XDG_RUNTIME_DIR } = process.env;
  // root sees those of others as well
  const users = await readdir(USERS).catch(() => [`${userInfo().uid}`]);
  const folders = [
    ...new Set([...(XDG_RUNTIME_DIR ? [XDG_RUNTIME_DIR] : []), ...users.map((it) => join(USERS, it))]),
  ];
  const sockets = [
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
    ...folders.flatMap((folder) => [join(folder, 'docker.sock'), join(folder, 'podman/podman.sock')]),
    ...HOME_SOCKETS.map((it) => join(homedir(), it)),
  ];
  const addresses = [...(DOCKER_HOST ? [DOCKER_HOST] : []), ...sockets.map((it) => `unix://${it}`)];
  const leads = await Promise.all(
    addresses.map(async (address) => ({ address, to: await leadsTo(address) })),
  );
  const ends = leads.map(({ to }) => to);
  const each = leads.filter(({ to }, place) => to !== undefined && ends.indexOf(to) === place);
  return Promise.all(each.map(({ address }) => ask(address)));
}

/** Of Docker Desktop, Colima, Rancher Desktop, OrbStack and Podman’s machine. */
const HOME_SOCKETS = [
  '.docker/run/docker.sock',
  '.docker/desktop/docker.sock',
  '.colima/default/docker.sock',
  '.rd/docker.sock',
  '.orbstack/run/docker.sock',
  '.local/share/containers/podman/machine/podman.sock',
];

/** What an address leads to; undefined: nothing. */
async function leadsTo(address: string): Promise<string | undefined> {
  if (!address.startsWith('unix://')) return address;
  return realpath(address.slice('unix://'.length)).catch(() => undefined);
}

async function ask(address: string): Promise<KnownEngine> {
  try {
    return { address, name: await nameOf(address) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { address, problem: code ?? message };
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

/** What an engine says of itself, as far as it is read. */
export interface EngineVersion {
  readonly Version: string;
  readonly Components?: readonly { readonly Name: string }[];
}
export interface EngineInfo {
  /** Of Docker. */
  readonly SecurityOptions?: readonly string[] | null;
  /** Of Podman. */
  readonly host?: { readonly security?: { readonly rootless?: boolean } };
}

/** Who makes it; its program has the same name. */
export function makerOf({ Components = [] }: Pick<EngineVersion, 'Components'>): 'Docker' | 'Podman' {
  return Components.some(({ Name }) => /podman/i.test(Name)) ? 'Podman' : 'Docker';
}

/** E.g. `Docker 28.2.2, rootless`. */
export function engineName(version: EngineVersion, { SecurityOptions, host }: EngineInfo): string {
  const isRootless = SecurityOptions?.includes('name=rootless') || host?.security?.rootless;
  return `${makerOf(version)} ${version.Version}${isRootless ? ', rootless' : ''}`;
}
