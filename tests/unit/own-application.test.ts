import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Application, applicationSchema } from '../../helpers/applications/application.ts';
import { addApplication, suitesApplications } from '../../helpers/applications/index.ts';
import { ApplicationError, loadApplication } from '../../helpers/applications/own-application.ts';
import { type DeploymentRow, deployment, deploymentName } from '../../helpers/deployment/deployment.ts';
import { planRow, type Row } from '../../helpers/rows/row.ts';
import { settings } from './fixtures/settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = join(root, 'docs/example-service');

/** A copy of the example, outside this repository. */
function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), 'own-application-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(example, folder, { recursive: true });
  return folder;
}

test.for(suitesApplications.map((it) => [it.name, it] as const))('%s has the form of a record', ([, it]) => {
  expect(applicationSchema.safeParse(it).error).toBeUndefined();
});

describe('a record', () => {
  test('is found relative to the user’s folder, and its own folder relative to its file', () => {
    const folder = copied();
    expect(loadApplication('./order-service.ts', folder)).toMatchObject({
      name: 'order-service',
      folder: join(folder, 'image'),
    });
  });

  test.for<[string, string]>([
    ['plain.mjs', 'export default record;'],
    ['plain.js', 'export default record;'],
    ['typed.ts', 'export default record as { name: string };'],
  ])('may be %s, and a plain object', ([file, exported]) => {
    const folder = copied();
    const name = 'plain';
    writeFileSync(join(folder, file), `const record = ${literal({ name })};\n${exported}\n`);
    expect(loadApplication(file, folder)).toMatchObject({ name });
  });

  /** What is changed about a record that is all right, and what is said of it. */
  test.for<[string, string, RegExp]>([
    ['a field is missing', literal({ log: undefined }), /^log is missing$/],
    ['one inside is', literal({ routes: {} }), /^routes\.amqp is missing$/],
    ['a field has another type', literal({ log: 7 }), /^log: .*expected string, received number$/],
    ['there is no such field', literal({ rute: '/' }), /^rute: there is no such field$/],
    [
      'a name that is none',
      literal({ name: 'My Service' }),
      /^name: expected a-z, 0-9 and -, a letter first$/,
    ],
    ['a name that is taken', literal({ name: 'nova' }), /^name: nova is taken$/],
    ['no option', literal({ options: ['concurency'] }), /^options\.0: .*expected one of .*"concurrency"/],
    ['no value of an option', literal({ usual: { logging: 'loguru' } }), /^usual\.logging: .*"stdlib"/],
    ['no function', literal({ environment: {} }), /^environment: expected a function$/],
    [
      'no groups',
      `{ ...${literal({})}, logEntry: /^(?<time>\\S+) (?<message>.*)$/ }`,
      /^logEntry: expected a regular expression with \(\?<time>…\), \(\?<pid>…\), /,
    ],
    [
      'a pattern with a memory',
      `{ ...${literal({})}, connectionName: /(?<pid>\\d+)/g }`,
      /^connectionName: expected a regular expression without the flags g and y$/,
    ],
    [
      'no regular expression',
      literal({ connectionName: 'a' }),
      /^connectionName: expected a regular expression$/,
    ],
    ['no record', '"order-service"', /^its default export: .*expected object, received string$/],
    ['no folder', literal({ folder: 'nowhere' }), /^folder: there is no .*\/nowhere\/Dockerfile$/],
    ['an error', '(() => { throw new Error("no luck\\ntoday") })()', /^it cannot be loaded: no luck$/],
    ['no TypeScript', '{', /^it cannot be loaded: .*record\.ts:\d+:\d+: ERROR: .+$/],
  ])('that is wrong is refused in one line: %s', ([, record, why]) => {
    const folder = copied();
    writeFileSync(join(folder, 'record.ts'), `export default ${record};\n`);
    expect(refusal('record.ts', folder)).toMatch(why);
  });

  test('that is not there, or exports nothing', () => {
    const folder = copied();
    writeFileSync(join(folder, 'named.ts'), 'export const record = {};\n');
    expect(refusal('./nowhere.ts', folder)).toMatch(/^there is no file \/.*\/nowhere\.ts$/);
    expect(refusal('image', folder)).toMatch(/^there is no file \/.*\/image$/);
    expect(refusal('named.ts', folder)).toBe('it has no default export');
  });

  test('whose image is not a layer', () => {
    const folder = copied();
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own/Dockerfile'), 'ARG BASE\nFROM $BASE AS one\nFROM debian:trixie\n');
    writeFileSync(join(folder, 'record.ts'), `export default ${literal({ folder: 'own' })};\n`);
    expect(refusal('record.ts', folder)).toMatch(/^folder: .*Dockerfile must build FROM \$\{BASE\}, /);
  });

  test('that cannot be used ends a run with one line, before anything starts', async () => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const { exitCode, all } = await execa('node', [vitest, 'run', '--project', 'acceptance'], {
      cwd: root,
      all: true,
      reject: false,
      env: { MPM_HEARTBEAT_APPLICATION: './nowhere.ts', INIT_CWD: '/tmp' },
    });
    expect({ exitCode, all }).toEqual({
      exitCode: 1,
      all: 'MPM_HEARTBEAT_APPLICATION=./nowhere.ts: there is no file /tmp/nowhere.ts',
    });
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

describe('a row of an application that has less than the stub', () => {
  const order = loadApplication(join(example, 'order-service.ts'));
  const silent: Application = { ...order, name: 'silent', signatures: { heartbeatErrors: [] } };
  addApplication(order);
  addApplication(silent);
  const prefork8 = { mpm: 'prefork', processes: 8, threads: 1, application: 'order-service' } as const;

  test.for<[Partial<DeploymentRow>, string]>([
    [{}, 'prefork 8, order-service'],
    [{ concurrency: 'threads' }, 'prefork 8, order-service, not patched'],
    [{ logging: 'stdlib' }, 'prefork 8, order-service'],
  ])('%o is called %s', ([row, name]) => {
    const it = deployment({ ...prefork8, ...row });
    expect(it.logging).toBe('stdlib');
    expect(deploymentName(it)).toBe(name);
  });

  const planned = (deployment: Partial<DeploymentRow>, row: Partial<Row> = {}) =>
    planRow(
      { id: 'test/row', expect: {}, why: 'it is silent', ...row, deployment: { ...prefork8, ...deployment } },
      settings,
    );

  test.for<[Partial<DeploymentRow>, Partial<Row>, string]>([
    [{ messaging: '2019' }, {}, 'messaging: order-service has no such option'],
    [{ heartbeatThread: 'native' }, {}, 'heartbeatThread: order-service has no such option'],
    [{ logging: 'oslo.log' }, {}, 'logging: order-service has no such option'],
    [{}, { traffic: 'call' }, 'call: order-service has no call route'],
  ])('%o, %o is refused', ([deployment, row, reason]) => {
    expect(() => planned(deployment, row)).toThrow(expect.objectContaining({ name: 'RefusedError', reason }));
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
