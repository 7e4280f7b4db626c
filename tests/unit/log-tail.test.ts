import { PassThrough } from 'node:stream';
import { setImmediate as soon } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LogTail } from '../../helpers/lab/log-tail.ts';

const NOT_THERE = "tail: cannot open '/f' for reading: No such file or directory\n";
const HAS_COME = "tail: '/f' has appeared;  following new file\n";
const LONG_MS = 60_000;

function following(): { tail: LogTail; output: PassThrough; errors: PassThrough } {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  return { tail: new LogTail(new PassThrough(), { output, errors }), output, errors };
}

test('a line is found as soon as it is complete, in however many pieces it arrives', async () => {
  const { tail, output } = following();
  const found = tail.until('größer', LONG_MS);
  const bytes = Buffer.from('one\nis größer\nthr');
  for (const byte of bytes) output.write(Buffer.of(byte));
  expect(await found).toBe(1);
  expect(tail.lines).toEqual(['one', 'is größer']);
  expect(tail.complaint).toBe('');
});

test('waiting for a line ends when the reader ends', async () => {
  const { tail, output, errors } = following();
  const waits = tail.until('never', LONG_MS);
  output.end('last\n');
  errors.end();
  expect(await waits).toBeUndefined();
  await tail.end;
  expect(tail.hasEnded).toBe(true);
  expect(await tail.until('never', LONG_MS)).toBeUndefined();
  expect(await tail.until('last', LONG_MS)).toBe(0);
  expect(tail.complaint).toBe('its program in the container has ended');
});

test.each([
  ['it was there from the first on', '', ''],
  ['it was not there yet, and came', NOT_THERE + HAS_COME, ''],
  ['it is not there', NOT_THERE, 'No such file'],
  ['it was cut off', 'tail: /f: file truncated\n', 'truncated'],
  [
    'it came, and was cut off',
    `${NOT_THERE}${HAS_COME}tail: /f: file truncated\n`,
    'tail: /f: file truncated',
  ],
  ['it was replaced', "tail: '/f' has been replaced;  following new file\n", 'replaced'],
  [
    'it was renamed, and there is a new one',
    `tail: '/f' has become inaccessible: No such file or directory\n${HAS_COME}`,
    'has become inaccessible',
  ],
])('a complaint of tail is reported: %s', async (_, said, complaint) => {
  const { tail, errors } = following();
  errors.write(said);
  await soon();
  if (complaint === '') expect(tail.complaint).toBe('');
  else expect(tail.complaint).toContain(complaint);
});

test('a file that appears after the limit is too late', async () => {
  const { tail, errors } = following();
  errors.write(NOT_THERE);
  await soon();
  expect(await tail.until('mark', 0)).toBeUndefined();
  errors.write(HAS_COME);
  await soon();
  expect(tail.complaint).toMatch(/No such file or directory; .* has appeared/);
});
