import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Application, applicationSchema } from '../../helpers/applications/application.ts';
import { addApplication, suitesApplications } from '../../helpers/applications/index.ts';
import { ApplicationError, loadApplication } from '../../helpers/applications/own-application.ts';
import { readOptions } from '../../helpers/config/options.ts';
import { type DeploymentInput, deployment, deploymentName } from '../../helpers/deployment/deployment.ts';
import { planRow, type Row } from '../../helpers/rows/row.ts';
import { titledRow } from '../../helpers/rows/titled-row.ts';
import { table } from '../table/index.ts';
import { folderWith } from './fixtures/folder.ts';
import { settings } from './fixtures/settings.ts';

const example = fileURLToPath(new URL('../../docs/example-service', import.meta.url));

/** A copy of the example, outside this repository, with this record. */
function copied(record = ''): string {
  const folder = folderWith({ 'record.ts': record });
  cpSync(example, folder, { recursive: true });
  return folder;
}

test.for(
  suitesApplications.map((application) => [application.name, application] as const),
)('%s has the form of a record', ([, application]) => {
  expect(applicationSchema.safeParse(application).error).toBeUndefined();
});

describe('a record', () => {
  test('is found relative to the user’s folder, and its own folder relative to its file', () => {
    const folder = copied();
    expect(loadApplication('./order-service.ts', folder)).toMatchObject({
      name: 'order-service',
      folder: join(folder, 'image'),
    });
  });

  test.for([
    ['plain.mjs', ''],
    ['plain.js', ''],
    ['typed.ts', ' as { name: string }'],
  ] as const)('may be %s, and a plain object', ([file, type]) => {
    const folder = copied();
    const name = 'plain';
    writeFileSync(
      join(folder, file),
      `const record = ${literal({ name })};\nexport default record${type};\n`,
    );
    expect(loadApplication(file, folder)).toMatchObject({ name });
  });

  test.for<[string, change: object | string, fact: RegExp]>([
    ['a field is missing', { log: undefined }, /^log is missing$/],
    ['a field inside is missing', { routes: {} }, /^routes\.amqp is missing$/],
    ['a field has another type', { log: 7 }, /^log: .*string, received number$/],
    ['there is no such field', { rute: '/' }, /^rute: /],
    ['a name has other letters', { name: 'My Service' }, /^name: .*a-z, 0-9 and -/],
    ['a name is taken', { name: 'nova' }, /^name: nova /],
    ['an option is unknown', { options: ['concurency'] }, /^options\.0: .*"concurrency"/],
    ['a value is none of its option', { usual: { logging: 'loguru' } }, /^usual\.logging: .*"stdlib"/],
    ['a function is none', { environment: {} }, /^environment: .*function$/],
    ['a pattern has no groups', { logEntry: /^(?<time>\S+)$/ }, /^logEntry: .*\(\?<time>…\), \(\?<pid>…\), /],
    ['a pattern has a memory', { connectionName: /(?<pid>\d+)/g }, /^connectionName: .* flags g and y$/],
    ['a pattern is none', { connectionName: 'a' }, /^connectionName: .*regular expression$/],
    ['it is no object', '"order-service"', /^its default export: .*object, received string$/],
    ['its folder does not exist', { folder: 'nowhere' }, /^folder: .*\/nowhere\/Dockerfile$/],
    ['its Dockerfile does not exist', { dockerfile: 'suite.Dockerfile' }, /^folder: .*\/suite\.Dockerfile$/],
    ['its image is not a layer', { folder: 'own' }, /^folder: .*Dockerfile.* FROM \$\{BASE\}/],
    [
      'a function fails',
      {
        says: () => {
          throw new Error('no luck');
        },
      },
      /^says: no luck$/,
    ],
    [
      'a body is no object',
      { routes: { amqp: { path: '/', body: () => '{}' } } },
      /^routes\.amqp\.body: .*received string$/,
    ],
    ['loading it is an error', '(() => { throw new Error("no luck\\ntoday") })()', /: no luck$/],
    ['it is no TypeScript', '{', /record\.ts:\d+:\d+: ERROR: .+$/],
  ])('is refused in one line if %s', ([, change, fact]) => {
    const record = typeof change === 'string' ? change : literal(change);
    const folder = copied(`export default ${record};\n`);
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own/Dockerfile'), 'ARG BASE\nFROM $BASE AS one\nFROM debian:trixie\n');
    expect(refusal('record.ts', folder)).toMatch(fact);
  });

  test.for([
    ['it is not there', './nowhere.ts', /no file \/.*\/nowhere\.ts$/],
    ['it is a folder', 'image', /no file \/.*\/image$/],
    ['it exports nothing', 'record.ts', /no default export$/],
  ] as const)('is refused in one line if %s', ([, file, fact]) => {
    expect(refusal(file, copied('export const record = {};\n'))).toMatch(fact);
  });
});

/** The example's record as source text, with some of it changed. */
function literal(change: object): string {
  const { folder: _, ...record } = loadApplication(join(example, 'order-service.ts'));
  const source = (value: unknown): string => {
    if (value instanceof RegExp || typeof value === 'function') return String(value);
    if (Array.isArray(value)) return `[${value.map(source).join(', ')}]`;
    if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined';
    const fields = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${source(inner)}`);
    return `{ ${fields.join(', ')} }`;
  };
  return source({ ...record, folder: 'image', ...change });
}

/** Why a record is refused, without what each such line begins with. */
function refusal(file: string, from: string): string {
  try {
    loadApplication(file, from);
  } catch (error) {
    if (!(error instanceof ApplicationError)) throw error;
    expect(error.message).not.toContain('\n');
    return error.message.slice(`MPM_HEARTBEAT_APPLICATION=${file}: `.length);
  }
  throw new Error(`${file} is not refused`);
}

const missing = undefined as unknown as { name: never };

describe('a row of an application that has less than the stub', () => {
  const order = loadApplication(join(example, 'order-service.ts'));
  const silent: Application = { ...order, name: 'silent', signatures: { heartbeatErrors: [] } };
  addApplication(order);
  addApplication(silent);
  const prefork8 = { mpm: 'prefork', processes: 8, threads: 1, application: 'order-service' } as const;

  test.for<[Partial<DeploymentInput>, string]>([
    [{}, 'prefork 8, order-service'],
    [{ concurrency: 'threads' }, 'prefork 8, order-service, not patched'],
    [{ logging: 'stdlib' }, 'prefork 8, order-service'],
  ])('%o is called %s', ([row, name]) => {
    const made = deployment({ ...prefork8, ...row });
    expect(made.logging).toBe('stdlib');
    expect(deploymentName(made)).toBe(name);
  });

  const planned = (deployment: Partial<DeploymentInput>, row: Partial<Row> = {}) =>
    planRow(
      { id: 'test/row', expect: {}, why: 'it is silent', ...row, deployment: { ...prefork8, ...deployment } },
      settings,
    );

  test.for<[Partial<DeploymentInput>, Partial<Row>, string]>([
    [{ messaging: '2019' }, {}, 'messaging: order-service has no such option'],
    [{ heartbeatThread: 'native' }, {}, 'heartbeatThread: order-service has no such option'],
    [{ logging: 'oslo.log' }, {}, 'logging: order-service has no such option'],
    [{}, { traffic: 'call' }, 'call: order-service has no call route'],
  ])('%o, %o is refused', ([deployment, row, reason]) => {
    expect(() => planned(deployment, row)).toThrow(expect.objectContaining({ name: 'RefusedError', reason }));
  });

  test('is refused if its heartbeat is always native, and the row’s option is to be ignored', () => {
    addApplication({ ...order, name: 'always-native', usual: { ...order.usual, heartbeatThread: 'native' } });
    expect(() => planned({ application: 'always-native', pthreadIgnored: true })).toThrow(
      expect.objectContaining({ name: 'RefusedError' }),
    );
  });

  test('has itself as the baseline of its throughput', () => {
    const [throughput] = table.throughput[0].rows as [Row];
    const [, row] = titledRow(throughput, readOptions({}), { name: 'order-service' }, () => ({}));
    expect(row).toMatchObject({
      deployment: { application: 'order-service' },
      comparison: { baseline: { application: 'order-service' } },
    });
  });

  test.for<[string, Partial<Application>, RegExp]>([
    ['fails', { environment: () => missing.name }, /: environment of .* that-fails: .*undefined/],
    ['returns a number', { environment: () => ({ TIME: 1 as never }) }, /: TIME: .*expected string/],
    [
      'returns no text',
      { configuration: { file: '/f', text: () => 7 as never } },
      /: configuration\.text of .* that-returns-no-text: /,
    ],
  ])('is refused before anything starts if a function of its record %s', ([how, change, message]) => {
    const name = `that-${how.replaceAll(' ', '-')}`;
    addApplication({ ...order, name, ...change });
    expect(() => deployment({ ...prefork8, application: name })).toThrow(message);
  });

  test('asserts what its log can show, and says what it cannot show', () => {
    const row = { expect: { verdict: 'reproduced', slowed: 'some' } } as const;
    expect(planned({}, row)).toMatchObject({
      expect: { verdict: ['reproduced'], slowed: 'some' },
      why: 'it is silent',
    });
    const silently = planned({ application: 'silent' }, row);
    expect(silently.expect).toMatchObject({ verdict: ['dropped'], slowed: 'any', least: { drops: 8 } });
    expect(silently.expect.least).toEqual({ drops: 8 });
    expect(silently.why).toMatch(/^it is silent; silent logs no heartbeat error.*; silent logs no reconnect/);
  });

  test('asserts what its record says of every row, in place of what the suite says of nova-api', () => {
    addApplication({ ...order, name: 'sound', expected: 'clean' });
    for (const verdict of ['reproduced', 'dropped', undefined] as const) {
      const row = planned(
        { application: 'sound' },
        {
          expect: { ...(verdict && { verdict }), requests: 'some lost' },
          preconditions: ['one request at a time'],
        },
      );
      expect(row).toMatchObject({
        expect: { verdict: ['clean'], requests: 'all answered', slowed: 'none' },
        why: expect.stringContaining('sound'),
        preconditions: [],
      });
    }
  });

  test('is held to what the suite says if the row has a fault', () => {
    const row = planned(
      { application: 'sound' },
      { fault: 'network silent', expect: { verdict: 'recovered', requests: 'any' } },
    );
    expect(row.expect).toMatchObject({ verdict: ['recovered'], requests: 'any' });
  });
});
