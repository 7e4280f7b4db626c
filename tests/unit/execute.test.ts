import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import Dockerode from 'dockerode';
import { expect, test } from 'vitest';
import type { Engine } from '../../helpers/engine/engine.ts';
import { execute } from '../../helpers/lab/execute.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';
import { listening } from './fixtures/listening.ts';

/** What a program does, as an engine reports it (https://docs.docker.com/reference/api/engine/, Exec). */
interface Program {
  readonly stdout?: readonly string[];
  readonly stderr?: string;
  /** Its stream never ends. */
  readonly hangs?: true;
  /** Its stream breaks off. */
  readonly breaks?: true;
  /** One after another, as the engine is asked. */
  readonly inspected?: readonly { readonly Running: boolean; readonly ExitCode: number | null }[];
}

/** A frame of the engine's stream: its kind, three zero bytes, its length (attach, "Stream format"). */
function frame(kind: 1 | 2, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

/** Bytes that the engine sends at once: no frame, and no letter, need be whole. */
const PIECE = 1009;

/** An engine's socket that knows of one program. */
async function engineWith(program: Program): Promise<Engine> {
  const { stdout = [], stderr = '', hangs, breaks } = program;
  const inspected = [...(program.inspected ?? [{ Running: false, ExitCode: 0 }])];
  const answer = async (request: IncomingMessage, socket: Socket) => {
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    const all = Buffer.concat([...stdout.map((text) => frame(1, text)), frame(2, stderr)]);
    for (let from = 0; from < all.length; from += PIECE) socket.write(all.subarray(from, from + PIECE));
    if (breaks) {
      await sleep(20);
      socket.resetAndDestroy();
    } else if (!hangs) socket.end();
    request.resume();
  };
  const server = createServer((request, response) => {
    request.resume();
    const isInspect = request.method === 'GET';
    const next = inspected.length > 1 ? inspected.shift() : inspected[0];
    response.writeHead(isInspect ? 200 : 201, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isInspect ? next : { Id: 'exec' }));
  });
  server.on('upgrade', (request, socket) => void answer(request, socket as Socket));
  const dockerode = new Dockerode({ host: '127.0.0.1', port: await listening(server), protocol: 'http' });
  const container = { dockerode, getById: (id: string) => dockerode.getContainer(id) };
  return { container } as unknown as Engine;
}

test('the whole output of a program is kept, however it is divided into pieces', async () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `größer ${index}\n`);
  const engine = await engineWith({ stdout: lines, stderr: 'a complaint\n' });
  const { stdout, stderr, exitCode } = await execute(engine, 'id', ['cat', 'log']);
  expect(stdout === lines.join('')).toBe(true);
  expect([stderr, exitCode]).toEqual(['a complaint\n', 0]);
});

test('output that arrives late is awaited', async () => {
  const engine = await engineWith({ stdout: ['all of it'] });
  const { modem } = engine.container.dockerode;
  const demuxStream = modem.demuxStream.bind(modem);
  modem.demuxStream = (stream, output, errors) => {
    (output as Writable).cork();
    demuxStream(stream, output, errors);
  };
  expect(await execute(engine, 'id', ['program'])).toMatchObject({ stdout: 'all of it' });
});

test('a program that fails is an error with its last line, and without its arguments', async () => {
  const inspected = [{ Running: false, ExitCode: 2 }];
  const engine = await engineWith({ stderr: 'first\nno such thing\n', inspected });
  const failed = execute(engine, 'id', ['program', 'secret']);
  await expect(failed).rejects.toThrow(new LabError('program ended with exit code 2: no such thing'));
  await expect(execute(engine, 'id', ['program'], { exitCodes: [0, 1] })).rejects.toThrow(LabError);
  expect(await execute(engine, 'id', ['program'], { exitCodes: [0, 2] })).toMatchObject({ exitCode: 2 });
  expect(await execute(engine, 'id', ['program'], { exitCodes: 'any' })).toMatchObject({ exitCode: 2 });
});

test('an engine that does not yet know how a program ended is asked again', async () => {
  const inspected = [
    { Running: true, ExitCode: null },
    { Running: false, ExitCode: 3 },
  ];
  const engine = await engineWith({ inspected });
  expect(await execute(engine, 'id', ['program'], { exitCodes: 'any' })).toMatchObject({ exitCode: 3 });
});

test('waiting for a program that hangs ends at its limit', async () => {
  const engine = await engineWith({ stdout: ['half'], hangs: true });
  const waited = execute(engine, 'id', ['program'], { limitMs: 200 });
  await expect(waited).rejects.toThrow(new LabError('waited 0.2 s for program to end'));
});

test('an output that was cut off is an error', async () => {
  const engine = await engineWith({ stdout: ['half'], breaks: true });
  await expect(execute(engine, 'id', ['program'])).rejects.toThrow(/ECONNRESET/);
});
