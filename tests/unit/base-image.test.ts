import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { ImageName } from 'testcontainers';
import { afterEach, expect, test, vi } from 'vitest';
import { importImage, OWN, pull } from '../../helpers/engine/base-image.ts';
import type { Engine } from '../../helpers/engine/engine.ts';

afterEach(() => vi.unstubAllEnvs());

const DIGEST = `debian@sha256:${'0'.repeat(64)}`;

/** An engine that has what it pulls, unless nothing can be pulled. */
function engineWith(registry: boolean): { engine: Engine; asked: string[] } {
  const asked: string[] = [];
  const inspect = async () => {
    if (registry) return { Id: 'sha256:1', Created: '2026-01-01T00:00:00Z', RepoDigests: [DIGEST] };
    throw Object.assign(new Error('no such image'), { statusCode: 404 });
  };
  const engine = {
    image: { pull: async ({ string }: ImageName) => void asked.push(string) },
    container: { dockerode: { getImage: () => ({ inspect }) } },
  };
  return { engine: engine as unknown as Engine, asked };
}

test('an image of Docker Hub is pulled from the mirror that the user named', async () => {
  vi.stubEnv('TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX', 'mirror.example/hub');
  const { engine, asked } = engineWith(true);
  const name = await pull(engine, 'debian:trixie-slim', () => undefined);
  expect([name, ...asked]).toEqual(Array(2).fill('mirror.example/hub/debian:trixie-slim'));
});

test('the digest of a pulled image is printed, and can be pulled', async () => {
  const said: string[] = [];
  const { engine, asked } = engineWith(true);
  await pull(engine, 'debian:trixie-slim', (line) => said.push(line));
  await pull(engine, DIGEST, (line) => said.push(line));
  expect(said).toEqual([`image: pulled debian:trixie-slim, which is ${DIGEST}`, `image: pulled ${DIGEST}`]);
  expect(asked.at(-1)).toBe(DIGEST);
});

test('an image that was made here is not looked for on the mirror', () => {
  vi.stubEnv('TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX', 'mirror.example/hub');
  expect(ImageName.fromString(`${OWN}/httpd:trixie-0`).string).toBe(`${OWN}/httpd:trixie-0`);
});

test('a pull that ends without an image is one line that says where to look', async () => {
  const { engine } = engineWith(false);
  await expect(pull(engine, 'debian:none', () => undefined)).rejects.toThrow(
    'debian:none could not be pulled: run with DEBUG=testcontainers:pull to see why',
  );
});

test('the engine is asked to import an image when the first bytes of the image are there', async () => {
  const importing = vi.fn(async () => undefined);
  const followProgress = (_: unknown, end: (error: null) => void, onEvent: (event: object) => void) => {
    onEvent({ status: 'sha256:1' });
    end(null);
  };
  const engine = { container: { dockerode: { importImage: importing, modem: { followProgress } } } };
  const tar = new PassThrough();
  const id = importImage(engine as unknown as Engine, tar);
  await turn();
  expect(importing).not.toHaveBeenCalled();
  tar.write('a first file');
  expect(await id).toBe('sha256:1');
});
