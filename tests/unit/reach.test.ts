import { expect, test } from 'vitest';
import { containerIdIn, type OwnContainer, reachOf } from '../../helpers/engine/reach.ts';

const socket = { socketPath: '/var/run/docker.sock' };

function ownContainer(networks: Record<string, { Gateway: string }>, sources = ''): OwnContainer {
  const Mounts = sources ? [{ Source: sources, Destination: '/run/docker.sock' }] : [];
  return { NetworkSettings: { Networks: networks }, Mounts } as unknown as OwnContainer;
}

test.each([
  ['a socket', socket, { host: '127.0.0.1', isHere: true }],
  ['TCP on loopback', { host: 'localhost' }, { host: '127.0.0.1', isHere: true }],
  ['TCP on IPv6’s loopback', { host: '[::1]' }, { host: '127.0.0.1', isHere: true }],
  ['TCP to another machine', { host: 'engine.example' }, { host: 'engine.example', isHere: false }],
])('%s', (_, connection, reach) => {
  expect(reachOf(connection)).toMatchObject(reach);
});

test('a container with the engine’s socket reaches the engine in the container’s network', () => {
  const own = ownContainer(
    { none: { Gateway: '' }, some: { Gateway: '172.18.0.1' } },
    '/run/podman/podman.sock',
  );
  expect(reachOf(socket, own)).toEqual({
    host: '172.18.0.1',
    isHere: true,
    socket: '/run/podman/podman.sock',
  });
});

test('a container with the host’s network reaches it on loopback', () => {
  expect(reachOf(socket, ownContainer({ host: { Gateway: '' } })).host).toBe('127.0.0.1');
});

test('a container that reaches the engine by TCP is still on this machine', () => {
  const own = ownContainer({ bridge: { Gateway: '172.17.0.1' } });
  expect(reachOf({ host: '172.17.0.1' }, own)).toMatchObject({ host: '172.17.0.1', isHere: true });
});

test('the user’s setting takes precedence', () => {
  expect(reachOf(socket, undefined, '10.1.2.3')).toMatchObject({ host: '10.1.2.3', isHere: true });
  expect(reachOf({ host: 'a.example' }, undefined, 'b.example')).toMatchObject({
    host: 'b.example',
    isHere: false,
  });
});

const id = '0123456789abcdef'.repeat(4);

test.each([
  ['Docker', `812 790 254:0 /var/lib/docker/containers/${id}/hostname /etc/hostname rw - ext4 /dev/vda rw`],
  [
    'Podman',
    `65 42 0:39 /containers/storage/overlay-containers/${id}/userdata/hostname /etc/hostname rw - tmpfs`,
  ],
])('the id of a container of %s', (_, line) => {
  expect(containerIdIn(`1 2 0:3 / / rw - overlay overlay rw,lowerdir=/l\n${line}\n`)).toBe(id);
});

test('a machine that was made from an image is not taken for a container', () => {
  expect(containerIdIn('22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n')).toBeUndefined();
});
