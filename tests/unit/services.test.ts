import { describe, expect, test } from 'vitest';
import { masakari } from '../../helpers/applications/masakari.ts';
import { nova } from '../../helpers/applications/nova.ts';
import { trove } from '../../helpers/applications/trove.ts';
import { type DeploymentInput, deployment } from '../../helpers/deployment/deployment.ts';
import { serverDifference } from '../../helpers/verdict/server-difference.ts';
import { prefork8 } from '../table/deployments.ts';
import { serverFacts } from './fixtures/server-facts.ts';

const environment = (row: Partial<DeploymentInput>) =>
  nova.environment(deployment({ ...prefork8, application: 'nova', ...row }));

test.for<[Partial<DeploymentInput>, object]>([
  [{}, { OS_NOVA_DISABLE_EVENTLET_PATCHING: '0' }],
  [{ release: 'forky' }, { OS_NOVA_DISABLE_EVENTLET_PATCHING: '0' }],
  [{ concurrency: 'threads' }, { OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' }],
  [{ concurrency: 'threads', release: 'forky' }, {}],
])('nova is patched or not by its switch: %j', ([row, expected]) => {
  expect(environment(row)).toEqual(expected);
});

describe.for([nova, masakari, trove])('$name', (service) => {
  const row = { ...prefork8, application: service.name };

  test('has heartbeat_in_pthread in its configuration if the row asks for it, ignored or not', () => {
    const written = (more: Partial<DeploymentInput>) =>
      service.configuration
        .text(deployment({ ...row, ...more }), 'amqp://a:b@broker:5672/c')
        .includes('heartbeat_in_pthread');
    expect(written({})).toBe(false);
    expect(written({ heartbeatThread: 'native' })).toBe(true);
    expect(written({ pthreadIgnored: true })).toBe(true);
  });

  test('is another server if it has not read the option that the row names', () => {
    const asked = deployment({ ...row, pthreadIgnored: true });
    const facts = serverFacts(asked, [7, 8, 9, 10, 11, 12, 13, 14]);
    const unread = facts.processes.map((process) => ({
      ...process,
      application: { ...process.application, heartbeat_in_pthread: null },
    }));
    expect(serverDifference(asked, facts)).toBeUndefined();
    expect(serverDifference(asked, { ...facts, processes: unread })).toBe(
      'heartbeat_in_pthread null, expected true',
    );
  });
});
