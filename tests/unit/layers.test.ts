import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The rooms of helpers/ along the path of a row. Each imports only rooms before it, and none imports tests or scripts. */
const rooms = [
  'config',
  'servers',
  'applications',
  'deployment',
  'rows',
  'logs',
  'evidence',
  'verdict',
  'diagnosis/history',
  'diagnosis/join',
  'diagnosis/causes',
  'diagnosis',
  'record',
  'engine',
  'lab',
  'traffic',
  'execution',
  'report/results',
  'report/text',
  'report/comparison',
  'report/page',
  'report/diagnosis',
  'report/terminal',
  'report',
];
/** These touch no container, file, process or clock; a few files of config and applications read what the user wrote. */
const pure = rooms.filter((room) => /^(servers|deployment|rows|evidence|verdict|diagnosis)\b/.test(room));

const files = readdirSync('helpers', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('helpers', file));

/** The modules that a file imports; those of this project from the project's folder. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import|import\()\s*'([^']+)'/g)].map(([, name = '']) =>
    name.startsWith('.') ? normalize(join(dirname(file), name)) : name,
  );
}

/** The longest room that a file is in. */
const roomOf = (file: string) =>
  rooms.filter((room) => file.startsWith(`helpers/${room}/`)).sort((a, b) => b.length - a.length)[0] ?? file;

describe('the path of a row has one direction', () => {
  test('every room is on it', () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(rooms));
  });

  test.for(rooms)('%s imports only rooms before it', (room) => {
    const before = rooms.slice(0, rooms.indexOf(room) + 1);
    const wrong = files
      .filter((file) => roomOf(file) === room)
      .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
      .filter(
        ({ name }) => name.startsWith('tests/') || name.startsWith('scripts/') || name.startsWith('helpers/'),
      )
      .filter(({ name }) => !(name.startsWith('helpers/') && before.includes(roomOf(name))));
    expect(wrong).toEqual([]);
  });

  test.for(pure)('%s touches nothing outside', (room) => {
    const acting =
      /^(node:(fs|child_process|net|http|timers|worker_threads|process)|testcontainers|dockerode|amqplib|undici|execa)/;
    const wrong = files
      .filter((file) => roomOf(file) === room)
      .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
      .filter(({ name }) => acting.test(name));
    expect(wrong).toEqual([]);
  });
});
