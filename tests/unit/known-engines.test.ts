import { expect, test } from 'vitest';
import { engineName } from '../../helpers/engine/known-engines.ts';

const docker = { Version: '20.10.24+dfsg1', Components: [{ Name: 'Engine' }, { Name: 'containerd' }] };
const podman = { Version: '4.3.1', Components: [{ Name: 'Podman Engine' }, { Name: 'Conmon' }] };

test.each([
  [docker, { SecurityOptions: ['name=seccomp,profile=default'] }, 'Docker 20.10.24+dfsg1'],
  [
    docker,
    { SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] },
    'Docker 20.10.24+dfsg1, rootless',
  ],
  [podman, { host: { security: { rootless: false } } }, 'Podman 4.3.1'],
  [podman, { host: { security: { rootless: true } } }, 'Podman 4.3.1, rootless'],
  [{ Version: '1.12' }, { SecurityOptions: null }, 'Docker 1.12'],
])('%o is named', (version, info, name) => {
  expect(engineName(version, info)).toBe(name);
});
