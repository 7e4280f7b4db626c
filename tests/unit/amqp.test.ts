import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { openAmqp } from '../../helpers/lab/amqp.ts';
import { LabError } from '../../helpers/lab/lab-error.ts';
import { listening } from './fixtures/listening.ts';

test('waiting for a silent broker ends at the limit', async () => {
  const port = await listening(createServer());
  const opening = openAmqp(`amqp://user:secret@127.0.0.1:${port}/v`, 'suite:test', 200);
  await expect(opening).rejects.toThrow(new LabError('no AMQP handshake with the broker: waited 0.2 s'));
});

test('the error about an unreachable broker does not have its password', async () => {
  const opening = openAmqp('amqp://user:secret@127.0.0.1:1/v', 'suite:test', 200);
  const error = await opening.catch((thrown: Error) => thrown);
  expect(error).toBeInstanceOf(LabError);
  expect(String(error)).toMatch(/ no AMQP handshake with the broker: .*ECONNREFUSED/);
  expect(String(error)).not.toContain('secret');
});
