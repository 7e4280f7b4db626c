import { expect, test } from 'vitest';
import { wordsOnMemory, wordsOnRoom } from '../../helpers/engine/room.ts';

const room = { memory: 8, disk: 60, folder: '/var/lib/docker' };

test('before images are made: what they take, and what is there', () => {
  const { line, tooLittle } = wordsOnRoom(room);
  expect(line).toMatch(
    /minutes, .* GB of disk \(60\.0 GB free\), .* GB of memory \(the engine has 8\.0 GB\)$/,
  );
  expect(tooLittle).toBeUndefined();
});

test('an engine that keeps its images elsewhere: its disk is not looked at', () => {
  const { line, tooLittle } = wordsOnRoom({ ...room, disk: undefined });
  expect(line).not.toMatch(/free/);
  expect(tooLittle).toBeUndefined();
});

test('a disk with too little room: one line says where to make some', () => {
  expect(wordsOnRoom({ ...room, disk: 0.4 }).tooLittle).toMatch(
    /0\.4 GB left in \/var\/lib\/docker\. Make room/,
  );
});

test('too little memory is said, and enough is not', () => {
  expect(wordsOnMemory({ memory: 1 })).toMatch(/^memory: the engine has 1\.0 GB, .* more\.$/);
  expect(wordsOnMemory(room)).toBeUndefined();
});
