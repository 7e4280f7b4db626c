import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openAmqp } from '../../helpers/lab/amqp.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';

test('waiting for a silent broker ends at the limit', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const opening = openAmqp(`amqp://user:secret@127.0.0.1:${port}/v`, 'suite:test', 200);
  await expect(opening).rejects.toThrow(new LabError('no AMQP handshake with the broker: waited 0.2 s'));
});

test('the error about an unreachable broker does not have its password', async () => {
  const opening = openAmqp('amqp://user:secret@127.0.0.1:1/v', 'suite:test', 200);
  const error: Error = await opening.then(
    () => new Error('it connected'),
    (it) => it,
  );
  expect(error).toBeInstanceOf(LabError);
  expect(error.message).toMatch(/^no AMQP handshake with the broker: .*ECONNREFUSED/);
  expect(error.message).not.toContain('secret');
});
