import { expect, test } from 'vitest';
import { deployment, deploymentName } from '../../helpers/deployment/deployment.ts';
import { rowOfWords } from '../../helpers/deployment/spelling.ts';

test.for([
  ['prefork 8', 'prefork 8'],
  ['event 1x25', 'event 1 × 25'],
  ['event 8 × 25', 'event 8 × 25'],
  ['Worker 2 x 25', 'worker 2 × 25'],
  ['daemon 8x1', 'daemon 8 × 1 under event'],
  ['uwsgi 2x1', 'uWSGI 2 × 1'],
])('%s is %s', ([spelling, name]) => {
  expect(deploymentName(deployment(rowOfWords(spelling as string)))).toBe(name);
});

test.for(['', 'prefork', 'winnt 8', 'httpd 8', 'event 8 25', 'event x25'])('“%s” is refused', (spelling) => {
  expect(() => rowOfWords(spelling)).toThrow(/is no deployment; write one like prefork 8/);
});
