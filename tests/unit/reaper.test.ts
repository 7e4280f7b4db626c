import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import type { Engine } from '../../helpers/engine/engine.ts';
import { acknowledged, startReaper } from '../../helpers/engine/reaper.ts';
import { listening } from './fixtures/listening.ts';

afterEach(() => vi.unstubAllEnvs());

test('no reaper is started if the user wants none, and a line says what that means', async () => {
  vi.stubEnv('TESTCONTAINERS_RYUK_DISABLED', 'true');
  const said: string[] = [];
  // an engine that is asked for anything throws
  const reaper = await startReaper(
    { engine: {} as Engine, options: readOptions({}), say: (line) => said.push(line) },
    'run',
  );
  expect(reaper).toBeUndefined();
  expect(said).toEqual([expect.stringContaining('TESTCONTAINERS_RYUK_DISABLED=true')]);
});

describe('Ryuk’s protocol', () => {
  /** A connection to a server that answers like this. */
  async function connectedTo(answer: (client: Socket) => void): Promise<Socket> {
    const socket = connect(await listening(createServer(answer)), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  test('the reaper is sent the run’s label and must acknowledge it', async () => {
    let heard = '';
    const socket = await connectedTo((client) => {
      client.on('data', (data) => {
        heard += data;
        client.write('AC');
        setTimeout(() => client.write('K\n'), 20);
      });
    });
    await acknowledged(socket, 'mpm-heartbeat.run=1');
    expect(heard).toBe('label=mpm-heartbeat.run=1\n');
  });

  test.for<[string, (client: Socket) => void, RegExp]>([
    ['never answers', (client) => void client.resume(), /within 0\.1 s/],
    ['answers something else', (client) => void client.write('Started\n'), /within 0\.1 s/],
    ['hangs up', (client) => void client.end().resume(), /hung up/],
  ])('waiting for a reaper ends if it %s', async ([, answer, fact]) => {
    await expect(acknowledged(await connectedTo(answer), 'a=b', 100)).rejects.toThrow(fact);
  });
});

test.for([
  ['on another machine', undefined, 'every address of the engine’s machine'],
  ['on an address that others reach', '10.1.2.3', '10.1.2.3'],
] as const)('Ryuk is not started %s, even if the user names its image', async ([, publishedOn, where]) => {
  vi.stubEnv('RYUK_CONTAINER_IMAGE', 'registry.example/ryuk:1');
  const said: string[] = [];
  const asked: string[] = [];
  const dockerode = {
    getImage: (name: string) => ({
      inspect: async () => {
        asked.push(name);
        throw new Error('the test ends here');
      },
    }),
  };
  const engine = { publishedOn, container: { dockerode } } as unknown as Engine;
  const starting = startReaper(
    {
      engine,
      // Images are remembered for each release, and other tests have those of others.
      options: readOptions({ MPM_HEARTBEAT_BASE_IMAGE: 'base:test', MPM_HEARTBEAT_RELEASE: 'bullseye' }),
      say: (line) => said.push(line),
    },
    'run',
  );
  await expect(starting).rejects.toThrow('ends here');
  expect(asked).toEqual(['base:test']);
  expect(said).toEqual([expect.stringMatching(new RegExp(`RYUK_CONTAINER_IMAGE.* ${where}$`))]);
});
