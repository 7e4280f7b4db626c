import { expect, test } from 'vitest';
import { failureIn, STEP } from '../../helpers/engine/image-stream.ts';

// what Docker's engine says about an apt source that does not exist
const error = "The command '/bin/sh -c apt-get update' returned a non-zero code: 100";
const apt = [
  { stream: 'Step 4/5 : RUN apt-get update' },
  { stream: '\n' },
  { stream: 'Ign:1 file:/nowhere ./ InRelease\n' },
  { stream: 'Reading package lists...' },
  { stream: '\n' },
  {
    stream:
      '\u001b[91mE: Failed to fetch file:/nowhere/./Packages  File not found\nE: Some index files failed to download.\n\u001b[0m',
  },
  { stream: 'Removing intermediate container b79a9e240c21\n' },
];

const missing = Array.from({ length: 9 }, (_, number) => ({
  stream: `E: Unable to locate package p${number}\n`,
}));
const many = Array.from({ length: 20 }, (_, number) => `line ${number}\r\n`).join('');
const layer = { id: 'e3b0c44298fc', status: 'Downloading', progress: '[=>   ]' };

test.for<[string, Parameters<typeof failureIn>[0], string[] | undefined]>([
  ['a build that ends well has no failure, whatever its programs print', apt, undefined],
  [
    'a build that fails in apt gives only apt’s own errors',
    [...apt, { error }],
    [
      'E: Failed to fetch file:/nowhere/./Packages  File not found',
      'E: Some index files failed to download.',
    ],
  ],
  [
    'without a network, what apt could not fetch comes before the packages that it then misses',
    [{ stream: 'W: Failed to fetch http://mirror.invalid/\n' }, ...missing, { error }],
    [
      'W: Failed to fetch http://mirror.invalid/',
      ...[0, 1, 2, 3, 4].map((number) => `E: Unable to locate package p${number}`),
    ],
  ],
  [
    'a build that fails in another program gives the engine’s words and the last lines printed',
    [{ stream: many }, { error }],
    [error, 'line 14', 'line 15', 'line 16', 'line 17', 'line 18', 'line 19'],
  ],
  [
    'a step that fails after apt has succeeded gives its own words',
    [
      ...apt,
      { stream: 'Step 5/5 : RUN a2enmod wsgi\n ---> Running in 0c2f\nERROR: Module wsgi does not exist!\n' },
      { error },
    ],
    [error, 'ERROR: Module wsgi does not exist!'],
  ],
  [
    'a step of Podman is recognised',
    [
      { stream: '[1/2] STEP 2/2: RUN true\nmany words\n' },
      { stream: '[2/2] STEP 3/4: RUN python3 -m probe.parts\npart: no\n' },
      { error },
    ],
    [error, 'part: no'],
  ],
  ['a pull that fails gives the engine’s words', [layer, { error: 'unexpected EOF' }], ['unexpected EOF']],
])('%s', ([, stream, lines]) => {
  expect(failureIn(stream)?.split('\n')).toEqual(lines);
});

test('a step of a build with several stages has its number and its command', () => {
  expect(STEP.exec('[2/2] STEP 3/4: RUN python3 -m probe.parts\n')?.slice(1)).toEqual([
    '3',
    '4',
    'RUN python3 -m probe.parts',
  ]);
});
