import { expect, test } from 'vitest';
import { parseStacks } from '../../helpers/evidence/stacks.ts';

test('the innermost frames of each thread in Python are read', () => {
  const text = [
    'process 12',
    'Thread 0x00007f5b6bfff6c0 (most recent call first):',
    '  File "/usr/lib/python3/dist-packages/eventlet/hubs/poll.py", line 75 in do_poll',
    '  File "/usr/lib/python3/dist-packages/eventlet/hubs/hub.py", line 363 in run',
    '',
    'Current thread 0x00007f5b6afff6c0 (most recent call first):',
    '  <no Python frame>',
    'process 13',
    'Thread 0x00007f5b6bfff6c0 (most recent call first):',
    '  File "/usr/lib/python3.13/threading.py", line 359 in wait',
  ].join('\n');
  expect(parseStacks(text)).toEqual([
    { pid: 12, frames: ['do_poll (eventlet/hubs/poll.py:75)', 'run (eventlet/hubs/hub.py:363)'] },
    { pid: 13, frames: ['wait (threading.py:359)'] },
  ]);
});
