import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { LiveRegion } from '../../helpers/report/terminal/live-region.ts';

function terminal(size = { columns: 80, rows: 24 }) {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  const stream = { write, ...size, isTTY: true } as unknown as WriteStream;
  /** What has been written since the last time, without the commands of a terminal. */
  const text = () => stripVTControlCharacters(written.splice(0).join(''));
  return { stream, write, text };
}

test('other output is printed above the region, which is drawn again below it', () => {
  const { stream, text } = terminal();
  const region = new LiveRegion(stream);
  region.draw(['window']);
  expect(text()).toBe('window\n');
  stream.write('a line\n');
  expect(text()).toBe('a line\nwindow\n');
  region.draw(['proof']);
  expect(text()).toBe('proof\n');
});

test('an unfinished line is not split by the region', () => {
  const { stream, text } = terminal();
  const region = new LiveRegion(stream);
  region.draw(['window']);
  stream.write('half ');
  region.draw(['window 2']);
  stream.write(Buffer.from('a line\n'));
  expect(text()).toBe('window\nhalf a line\nwindow 2\n');
});

test('at the end the region is removed and the streams are restored', () => {
  const [one, two] = [terminal(), terminal()];
  const region = new LiveRegion(one.stream, two.stream);
  region.draw(['window']);
  two.stream.write('a complaint\n');
  region.stop();
  expect([one.text(), two.text()]).toEqual(['window\nwindow\n', 'a complaint\n']);
  expect([one.stream.write, two.stream.write]).toEqual([one.write, two.write]);
});

test('a terminal of unknown size has a region as well', () => {
  const { stream, text } = terminal({ columns: 0, rows: 0 });
  new LiveRegion(stream).draw(['window']);
  expect(text()).toBe('window\n');
});
