import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { engineName, knownEngines } from '../../helpers/engine/known-engines.ts';
import { folderWith } from './fixtures/folder.ts';

afterEach(() => vi.unstubAllEnvs());

const docker = { Version: '20.10.24+dfsg1', Components: [{ Name: 'Engine' }, { Name: 'containerd' }] };
const podman = { Version: '4.3.1', Components: [{ Name: 'Podman Engine' }, { Name: 'Conmon' }] };

test.each([
  [docker, { SecurityOptions: ['name=seccomp,profile=default'] }, 'Docker 20.10.24+dfsg1'],
  [docker, { SecurityOptions: ['name=seccomp', 'name=rootless'] }, 'Docker 20.10.24+dfsg1, rootless'],
  [podman, { host: { security: { rootless: false } } }, 'Podman 4.3.1'],
  [podman, { host: { security: { rootless: true } } }, 'Podman 4.3.1, rootless'],
  [{ Version: '1.12' }, { SecurityOptions: null }, 'Docker 1.12'],
])('%o is named', (version, info, name) => {
  expect(engineName(version, info)).toBe(name);
});

test('an engine that is reached in two ways is listed once, and one that does not answer says why', async () => {
  const folder = folderWith({});
  const server = createServer(({ url }, response) =>
    response.end(JSON.stringify(url === '/version' ? docker : {})),
  );
  onTestFinished(() => void server.close());
  const socket = join(folder, 'docker.sock');
  await new Promise<void>((listening) => server.listen(socket, listening));
  vi.stubEnv('XDG_RUNTIME_DIR', folder);
  vi.stubEnv('DOCKER_HOST', `unix://${socket}`);
  const here = (await knownEngines()).filter(({ address }) => address.includes(folder));
  expect(here).toEqual([{ address: `unix://${socket}`, name: 'Docker 20.10.24+dfsg1' }]);
  vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
  expect((await knownEngines())[0]).toEqual({ address: 'tcp://127.0.0.1:1', problem: 'ECONNREFUSED' });
}, 20_000);
