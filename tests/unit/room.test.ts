import { expect, test } from 'vitest';
import { wordsOnMemory, wordsOnRoom } from '../../helpers/engine/room.ts';

const room = { memory: 8, disk: 60, folder: '/var/lib/docker' };

test.for([
  ['is printed before images are made', room, /60\.0 GB free.* 8\.0 GB/, undefined],
  [
    'has no disk if the engine keeps its images elsewhere',
    { ...room, disk: undefined },
    /^(?!.*free)/,
    undefined,
  ],
  ['is too little if the disk is full', { ...room, disk: 0.4 }, /./, /0\.4 GB .*\/var\/lib\/docker\./],
] as const)('the room for images %s', ([, it, line, tooLittle]) => {
  const words = wordsOnRoom(it);
  expect(words.line).toMatch(line);
  expect(words.tooLittle).toEqual(tooLittle && expect.stringMatching(tooLittle));
});

test('too little memory is mentioned, and enough is not', () => {
  expect(wordsOnMemory({ memory: 1 })).toMatch(/1\.0 GB/);
  expect(wordsOnMemory(room)).toBeUndefined();
});
