import { expect, test } from 'vitest';
import { wordsOnMemory, wordsOnSpace } from '../../helpers/engine/free-space.ts';

const space = { memory: 8, disk: 60, folder: '/var/lib/docker' };

test.for([
  ['is printed before images are made', space, /60\.0 GB free.* 8\.0 GB/, undefined],
  [
    'has no disk if the engine keeps its images elsewhere',
    { ...space, disk: undefined },
    /^(?!.*free)/,
    undefined,
  ],
  ['is too little if the disk is full', { ...space, disk: 0.4 }, /./, /0\.4 GB .*\/var\/lib\/docker\./],
] as const)('the space for images %s', ([, space, line, tooLittle]) => {
  const words = wordsOnSpace(space);
  expect(words.line).toMatch(line);
  expect(words.tooLittle).toEqual(tooLittle && expect.stringMatching(tooLittle));
});

test('too little memory is mentioned, and enough is not', () => {
  expect(wordsOnMemory({ memory: 1 })).toMatch(/1\.0 GB/);
  expect(wordsOnMemory(space)).toBeUndefined();
});
