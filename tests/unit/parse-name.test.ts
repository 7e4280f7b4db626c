import { expect, test } from 'vitest';
import { deployment, deploymentName } from '../../helpers/deployment/deployment.ts';
import { parseDeploymentName } from '../../helpers/deployment/parse-name.ts';

test.for([
  ['prefork 8', 'prefork 8'],
  ['event 1x25', 'event 1 × 25'],
  ['event 8 × 25', 'event 8 × 25'],
  ['Worker 2 x 25', 'worker 2 × 25'],
  ['daemon 8x1', 'daemon 8 × 1 under event'],
  ['uwsgi 2x1', 'uWSGI 2 × 1'],
])('“%s” is parsed as %s', ([spelling, name]) => {
  expect(deploymentName(deployment(parseDeploymentName(spelling as string)))).toBe(name);
});

test.for(['', 'prefork', 'winnt 8', 'httpd 8', 'event 8 25', 'event x25'])('“%s” is refused', (spelling) => {
  expect(() => parseDeploymentName(spelling)).toThrow(/is not a deployment; write one like prefork 8/);
});
