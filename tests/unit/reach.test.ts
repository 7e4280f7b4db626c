import { expect, test } from 'vitest';
import { containerIdIn, isNamedBy, type OwnContainer, reachOf } from '../../helpers/engine/reach.ts';

const socket = { socketPath: '/var/run/docker.sock' };

function ownContainer(networks: Record<string, { Gateway: string }>, sources = ''): OwnContainer {
  const Mounts = sources ? [{ Source: sources, Destination: '/run/docker.sock' }] : [];
  return { NetworkSettings: { Networks: networks }, Mounts } as unknown as OwnContainer;
}

const podman = ownContainer(
  { none: { Gateway: '' }, some: { Gateway: '172.18.0.1' } },
  '/run/podman/podman.sock',
);

test.for<[string, Parameters<typeof reachOf>, object]>([
  ['a socket', [socket], { host: '127.0.0.1', isHere: true }],
  ['TCP on loopback', [{ host: 'localhost' }], { host: '127.0.0.1', isHere: true }],
  ['TCP on IPv6’s loopback', [{ host: '[::1]' }], { host: '127.0.0.1', isHere: true }],
  ['TCP to another machine', [{ host: 'engine.example' }], { host: 'engine.example', isHere: false }],
  [
    'a socket in a container, in the container’s network',
    [socket, podman],
    { host: '172.18.0.1', isHere: true, socket: '/run/podman/podman.sock' },
  ],
  [
    'a socket in a container with the host’s network',
    [socket, ownContainer({ host: { Gateway: '' } })],
    { host: '127.0.0.1' },
  ],
  [
    'TCP from a container, still on this machine',
    [{ host: '172.17.0.1' }, ownContainer({ bridge: { Gateway: '172.17.0.1' } })],
    { host: '172.17.0.1', isHere: true },
  ],
  ['the user’s own address', [socket, undefined, '10.1.2.3'], { host: '10.1.2.3', isHere: true }],
  [
    'the user’s own address of another machine',
    [{ host: 'a.example' }, undefined, 'b.example'],
    { host: 'b.example', isHere: false },
  ],
])('the engine is reached by %s', ([, by, reach]) => {
  expect(reachOf(...by)).toMatchObject(reach);
});

test.for<[string, Parameters<typeof isNamedBy>[1], boolean]>([
  ['unix:///var/run/docker.sock', socket, true],
  ['unix:///run/podman/podman.sock', socket, false],
  ['tcp://127.0.0.1:2375', { host: '127.0.0.1' }, true],
  ['tcp://127.0.0.1:2375', { host: '10.1.2.3' }, false],
  ['unix:///var/run/docker.sock', { host: '127.0.0.1' }, false],
  ['tcp://127.0.0.1:2375', socket, false],
  ['no address', socket, false],
])('whether DOCKER_HOST=%s names the engine at %o: %s', ([dockerHost, connection, isNamed]) => {
  expect(isNamedBy(dockerHost, connection)).toBe(isNamed);
});

const id = '0123456789abcdef'.repeat(4);

test.for([
  [
    'Docker',
    `812 790 254:0 /var/lib/docker/containers/${id}/hostname /etc/hostname rw - ext4 /dev/vda rw`,
    id,
  ],
  [
    'Podman',
    `65 42 0:39 /containers/storage/overlay-containers/${id}/userdata/hostname /etc/hostname rw - tmpfs`,
    id,
  ],
  [
    'no engine, if the machine was made from an image',
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    undefined,
  ],
] as const)('the id of a container is that of %s', ([, line, expected]) => {
  expect(containerIdIn(`1 2 0:3 / / rw - overlay overlay rw,lowerdir=/l\n${line}\n`)).toBe(expected);
});
