import { expect, test } from 'vitest';
import { wordsOnMemory, wordsOnRoom } from '../../helpers/engine/room.ts';

const room = { memory: 8, disk: 60, folder: '/var/lib/docker' };

test('the room that images need and the room that is free are printed before images are made', () => {
  const { line, tooLittle } = wordsOnRoom(room);
  expect(line).toMatch(
    /minutes, .* GB of disk \(60\.0 GB free\), .* GB of memory \(the engine has 8\.0 GB\)$/,
  );
  expect(tooLittle).toBeUndefined();
});

test('the disk is not checked if the engine keeps its images elsewhere', () => {
  const { line, tooLittle } = wordsOnRoom({ ...room, disk: undefined });
  expect(line).not.toMatch(/free/);
  expect(tooLittle).toBeUndefined();
});

test('too little disk is one line that says where to make room', () => {
  expect(wordsOnRoom({ ...room, disk: 0.4 }).tooLittle).toMatch(
    /0\.4 GB left in \/var\/lib\/docker\. Make room/,
  );
});

test('too little memory is mentioned, and enough is not', () => {
  expect(wordsOnMemory({ memory: 1 })).toMatch(/^memory: the engine has 1\.0 GB, .* more\.$/);
  expect(wordsOnMemory(room)).toBeUndefined();
});
