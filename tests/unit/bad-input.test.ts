import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { describe, expect, type TestContext, test } from 'vitest';
import { resultsOf } from '../../helpers/report/results.ts';
import { heartbeatRecord } from './fixtures/row-record.ts';

// What people get wrong, through the commands that they type: one line that says what to do, an exit code that is not 0,
// and nothing that stays behind. The few that cannot be given to a command are below.

const project = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(project, 'node_modules/vitest/vitest.mjs');
const execute = [vitest, 'run', `--root=${project}`, '--project=acceptance', 'heartbeat'];
const script = (name: string, ...more: string[]) => [
  '--import',
  join(project, 'node_modules/tsx/dist/loader.mjs'),
  join(project, 'scripts', `${name}.ts`),
  ...more,
];

const run = { startedAt: '2026-01-31T12:00:00.000Z', seconds: 60, startUp: {}, times: 'compressed' } as const;
const cell = heartbeatRecord();
const good = resultsOf(run, [{ file: 'f', name: 'a cell', state: 'passed', milliseconds: 1, cell }]);
const json = (content: unknown) => JSON.stringify(content);

/** The content of each file, by its path from where the command is typed. */
type Files = Readonly<Record<string, string>>;
interface Input {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Files;
  readonly line: string | RegExp;
  /** 1 if it is missing. */
  readonly exitCode?: number;
}

const thing: Files = { 'setup.cfg': '[metadata]\nname = thing\n' };
const bisect = (...more: string[]) => ({ command: script('bisect', ...more), files: thing, exitCode: 128 });
const compare = (...more: string[]) => ({ command: script('compare', ...more), exitCode: 2 });
const option = (name: string, value: string) => ({
  command: execute,
  environment: { [`MPM_HEARTBEAT_${name}`]: value },
});

const inputs: Readonly<Record<string, Input>> = {
  'an unknown option': {
    ...option('KEEPS', '1'),
    line: 'MPM_HEARTBEAT_KEEPS is not an option; did you mean MPM_HEARTBEAT_KEEP?',
  },
  'a value that an option does not allow': {
    ...option('TOLERANCE', 'ten'),
    line: 'MPM_HEARTBEAT_TOLERANCE=ten is not allowed; expected a number above 0, below 1 (default 0.1)',
  },
  'a value with line breaks and terminal codes': {
    ...option('RELEASE', 'trixie\r\n\u001b[2Jbookworm'),
    line: 'MPM_HEARTBEAT_RELEASE=trixie\\r\\n\\u001b[2Jbookworm is not allowed; expected forky or trixie (default) or bookworm or bullseye',
  },
  'a part whose folder does not exist': {
    ...option('PARTS', 'kombu=../kombu'),
    line: /^part kombu=\.\.\/kombu: there is no \/.*\/kombu$/,
  },
  'a part whose name has quotes': {
    ...option('PARTS', `"kombu"='.'`),
    line: `MPM_HEARTBEAT_PARTS="kombu"='.' is not allowed; expected NAME=PATH or NAME==VERSION, separated by commas: "kombu"='.' is no part`,
  },
  'a part that is not a Python project': {
    ...option('PARTS', 'kombu=.'),
    files: { README: '' },
    line: /^part kombu=\.: \/.* has no pyproject\.toml, setup\.cfg, setup\.py$/,
  },
  'a results file that does not exist': {
    ...compare('old.json', 'new.json'),
    line: /^compare: old\.json cannot be read \(ENOENT\)/,
  },
  'a results file that was only half written': {
    ...compare('old.json', 'old.json'),
    files: { 'old.json': json(good).slice(0, 1000) },
    line: /^compare: old\.json: .*not JSON/,
  },
  'a results file of another version': {
    ...compare('old.json', 'old.json'),
    files: { 'old.json': json({ ...good, version: 99 }) },
    line: /^compare: old\.json: .*version 99; .*version 3\b/,
  },
  'a results file of another form': {
    ...compare('old.json', 'old.json'),
    files: { 'old.json': json({ ...good, seconds: 'many' }) },
    line: /^compare: old\.json: .* seconds: .*expected number, received string/,
  },
  'results files of different times': {
    ...compare('old.json', 'new.json'),
    files: { 'old.json': json(good), 'new.json': json({ ...good, times: 'production' }) },
    line: /^compare: old\.json ran at compressed times and new\.json at production times/,
  },
  'a results file without rows': {
    ...compare('old.json', 'new.json'),
    files: { 'old.json': json({ ...good, tests: [] }), 'new.json': json(good) },
    line: /^compare: old\.json has no rows /,
  },
  'a file whose name has quotes and a line break': {
    ...compare('it’s "old"\n.json', 'new.json'),
    files: { 'it’s "old"\n.json': '', 'new.json': json(good) },
    line: /^compare: it’s "old"\\n\.json: .*not JSON/,
  },
  'a folder in place of a file': {
    ...compare('old', 'new'),
    files: { 'old/results.json': json(good) },
    line: /^compare: old cannot be read \(EISDIR\)/,
  },
  'one file too few': {
    ...compare('old.json'),
    line: /^compare: two files .*npm run compare -- --help$/,
  },
  'a page of runs that do not belong together': {
    command: script('report', 'old.json', 'new.json'),
    files: { 'old.json': json(good), 'new.json': json({ ...good, times: 'production' }) },
    line: /compressed and .*production times/,
  },
  'a page without rows': {
    command: script('report', 'old.json'),
    files: { 'old.json': json({ ...good, tests: [] }) },
    line: /^old\.json: no rows/,
  },
  'a page that cannot be written': {
    command: script('report', 'old.json', 'old.json'),
    files: { 'old.json': json(good), reports: 'a file' },
    line: 'reports/index.html cannot be written (EEXIST)',
  },
  'a row that makes no sense': {
    ...bisect('--expect', 'clean', 'prefork', '8x25'),
    line: /^bisect: deployment \{.*\}: threads: prefork has one thread in each process$/,
  },
  'a name that is not a deployment': {
    ...bisect('--expect', 'clean', 'prefok 8'),
    line: /^bisect: prefok 8 .* prefork 8, event 8x25, daemon 8x1$/,
  },
  'a row of an unknown release': {
    ...bisect('--expect', 'clean', '--release', 'sid', 'prefork 8'),
    line: /^bisect: --release .*: forky, trixie, bookworm, bullseye$/,
  },
  'an unknown verdict': {
    ...bisect('--expect', 'good', 'prefork 8'),
    line: /^bisect: --expect .*: reproduced, dropped, clean$/,
  },
  'a folder that is not a Python project': {
    ...bisect('--expect', 'clean', 'prefork 8'),
    files: {},
    line: /^bisect: \/.* Python project/,
  },
  'an unknown signal': {
    command: script('killed', '1', 'SIGNOTHING'),
    line: /^killed: .*npm run dev:killed -- 10 SIGKILL$/,
    exitCode: 2,
  },
};

async function folderWith(
  files: Files,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bad-input-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** What each file has in it. */
async function contentOf(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  return Object.fromEntries(await Promise.all(files.map(async (it) => [it, await readFile(it, 'utf8')])));
}

describe.concurrent('one line, and nothing half-done', { timeout: 120_000 }, () => {
  test.for(Object.entries(inputs))('%s', async ([, input], { expect, onTestFinished }) => {
    const { command, environment = {}, files = {}, line, exitCode = 1 } = input;
    const cwd = await folderWith(files, { onTestFinished });
    const before = await contentOf(cwd);
    const ended = await execa('node', [...command], {
      cwd,
      reject: false,
      env: { NO_COLOR: '1', FORCE_COLOR: undefined, INIT_CWD: cwd, ...environment },
    });
    const lines = `${ended.stdout}\n${ended.stderr}`.split('\n').filter((it) => it.trim() !== '');
    expect(lines).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
    expect(ended.exitCode).toBe(exitCode);
    expect(await contentOf(cwd)).toEqual(before);
  });
});

/** A mount that nobody else sees, and that goes with the process; not everybody may make one. */
const mounted = (mount: string, then: string) => ['--mount', 'sh', '-c', `${mount} && ${then}`];
const canMount = !execaSync('unshare', mounted('mount -t tmpfs tmpfs /mnt', 'true'), { reject: false })
  .failed;

describe.skipIf(!canMount)('a machine that lacks something', { timeout: 120_000 }, () => {
  test('without an engine the run ends with one line that says what to start', async ({ onTestFinished }) => {
    const cwd = await folderWith({}, { onTestFinished });
    const command = mounted('mount -t tmpfs tmpfs /run', 'exec node "$@"');
    const ended = await execa('unshare', [...command, 'sh', ...execute], {
      cwd,
      reject: false,
      env: {
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
        MPM_HEARTBEAT_ENGINE: 'existing',
        DOCKER_HOST: undefined,
      },
    });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr.trim()).toMatch(
      /^No container engine answers .* Start Docker, Podman’s socket or Colima, or set DOCKER_HOST, and run again\.$/,
    );
    expect(await contentOf(cwd)).toEqual({});
  });

  test('a full disk is reported for each file, and no file is half written', async ({ onTestFinished }) => {
    const reporters = [join(project, 'helpers/report/reporter.ts')];
    const config = `export default ${json({ test: { name: 'acceptance', reporters } })};`;
    const cwd = await folderWith({ 'vitest.config.mjs': config }, { onTestFinished });
    await mkdir(join(cwd, 'reports'));
    const suite = join(project, 'tests/unit/fixtures/suite');
    const command = mounted(
      'mount -t tmpfs -o size=4k tmpfs reports',
      'echo old > reports/results.json; node "$@"; code=$?; grep . reports/*; exit $code',
    );
    const ended = await execa(
      'unshare',
      [...command, 'sh', vitest, 'run', `--root=${suite}`, `--config=${join(cwd, 'vitest.config.mjs')}`],
      { cwd, reject: false, all: true, env: { NO_COLOR: '1', FORCE_COLOR: undefined } },
    );
    expect(ended.all.match(/^.* cannot be written .*$/gm)?.sort()).toEqual([
      'reports/index.html cannot be written (ENOSPC)',
      'reports/results.json cannot be written (ENOSPC)',
    ]);
    expect(ended.all).toMatch(/\n(reports\/results\.json:)?old$/);
    // one of its tests fails anyway
    expect(ended.exitCode).toBe(1);
  });
});
