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

test('a build that ends well has no failure, whatever its programs print', () => {
  expect(failureIn(apt)).toBeUndefined();
});

test('a build that fails in apt gives only apt’s own errors', () => {
  expect(failureIn([...apt, { error }])).toBe(
    'E: Failed to fetch file:/nowhere/./Packages  File not found\nE: Some index files failed to download.',
  );
});

test('without a network, what apt could not fetch comes before the packages that it then misses', () => {
  const missing = Array.from({ length: 9 }, (_, it) => ({ stream: `E: Unable to locate package p${it}\n` }));
  const words = failureIn([{ stream: 'W: Failed to fetch http://mirror.invalid/\n' }, ...missing, { error }]);
  expect(words?.split('\n')).toHaveLength(6);
  expect(words).toMatch(/^W: Failed to fetch .*\nE: Unable to locate package p0\n/);
});

test('a build that fails in another program gives the engine’s words and the last lines printed', () => {
  const stream = Array.from({ length: 20 }, (_, it) => `line ${it}\r\n`).join('');
  expect(failureIn([{ stream }, { error }])).toBe(
    `${error}\nline 14\nline 15\nline 16\nline 17\nline 18\nline 19`,
  );
});

test('a step that fails after apt has succeeded gives its own words', () => {
  const stream = 'Step 5/5 : RUN a2enmod wsgi\n ---> Running in 0c2f\nERROR: Module wsgi does not exist!\n';
  expect(failureIn([...apt, { stream }, { error }])).toBe(`${error}\nERROR: Module wsgi does not exist!`);
});

test('Podman’s steps are recognised, also those of several stages', () => {
  const [first, last] = [
    '[1/2] STEP 2/2: RUN true\nmany words\n',
    '[2/2] STEP 3/4: RUN python3 -m probe.parts\npart: no\n',
  ];
  expect(STEP.exec(last)?.slice(1)).toEqual(['3', '4', 'RUN python3 -m probe.parts']);
  expect(failureIn([{ stream: first }, { stream: last }, { error }])).toBe(`${error}\npart: no`);
});

test('a pull that fails gives the engine’s words', () => {
  const layer = { id: 'e3b0c44298fc', status: 'Downloading', progress: '[=>   ]' };
  expect(failureIn([layer, { error: 'unexpected EOF' }])).toBe('unexpected EOF');
});
