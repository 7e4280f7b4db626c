import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { folderWith } from './fixtures/folder.ts';
import { resultsWith } from './fixtures/results-with.ts';
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

const good = resultsWith(heartbeatRecord());

/** The content of each file, by its path from where the command is typed. */
type Files = Readonly<Record<string, string>>;
interface Input {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Files;
  /** 1 if it is missing. */
  readonly exitCode?: number;
}

const option = (name: string, value: string, files: Files = {}): Input => ({
  command: execute,
  environment: { [`MPM_HEARTBEAT_${name}`]: value },
  files,
});
/** Results of two runs: the new one is good, and the old one differs in this, or is this text. */
const resultsFiles = (old: object | string): Files => ({
  'old.json': typeof old === 'string' ? old : JSON.stringify({ ...good, ...old }),
  'new.json': JSON.stringify(good),
});
const compare = (old: object | string, ...files: string[]): Input => ({
  command: script('compare', ...(files.length > 0 ? files : ['old.json', 'new.json'])),
  files: resultsFiles(old),
  exitCode: 2,
});
const report = (files: Files, ...names: string[]): Input => ({ command: script('report', ...names), files });
const thing: Files = { 'setup.cfg': '[metadata]\nname = thing\n' };
const bisect = (files: Files, ...more: string[]): Input => ({
  command: script('bisect', '--expect', ...more),
  files,
  exitCode: 128,
});
const quoted = 'it’s "old"\n.json';

const inputs: readonly (readonly [what: string, input: Input, line: RegExp])[] = [
  ['an unknown option', option('KEEPS', '1'), /^MPM_HEARTBEAT_KEEPS .*MPM_HEARTBEAT_KEEP\?$/],
  [
    'a value that an option does not allow',
    option('TOLERANCE', 'ten'),
    /^MPM_HEARTBEAT_TOLERANCE=ten .*0\.1/,
  ],
  [
    'a value with line breaks and terminal codes',
    option('RELEASE', 'trixie\r\n\u001b[2Jbookworm'),
    /^MPM_HEARTBEAT_RELEASE=trixie\\r\\n\\u001b\[2Jbookworm .*forky.*bullseye/,
  ],
  [
    'a word that is no regular expression',
    { command: script('rows', '('), files: {}, exitCode: 1 },
    /^npm run rows: Invalid regular expression: /,
  ],
  [
    'a part whose folder does not exist',
    option('PARTS', 'kombu=../kombu'),
    /^part kombu=\.\.\/kombu: .*\/kombu$/,
  ],
  [
    'a part whose name has quotes',
    option('PARTS', `"kombu"='.'`),
    /^MPM_HEARTBEAT_PARTS="kombu"='\.' .*NAME=PATH or NAME==VERSION/,
  ],
  [
    'a part that is not a Python project',
    option('PARTS', 'kombu=.', { README: '' }),
    /^part kombu=\.: \/.* pyproject\.toml, setup\.cfg, setup\.py$/,
  ],
  [
    'an application whose record does not exist',
    option('APPLICATION', './nowhere.ts'),
    /^MPM_HEARTBEAT_APPLICATION=\.\/nowhere\.ts: .*\/nowhere\.ts$/,
  ],
  [
    'a results file that does not exist',
    compare({}, 'none.json', 'new.json'),
    /^compare: none\.json .*ENOENT/,
  ],
  [
    'a results file that was only half written',
    compare(JSON.stringify(good).slice(0, 1000)),
    /^compare: old\.json: .*not JSON/,
  ],
  ['a results file of another version', compare({ version: 99 }), /^compare: old\.json: .*99.* version 3\b/],
  ['a results file of another form', compare({ seconds: 'many' }), /^compare: old\.json: .*seconds.*string/],
  [
    'results files of different times',
    compare({ times: 'production' }),
    /^compare: old\.json .*production .*new\.json .*compressed /,
  ],
  ['a results file without rows', compare({ tests: [] }), /^compare: old\.json .*no rows/],
  [
    'a file whose name has quotes and a line break',
    { ...compare({}, quoted, 'new.json'), files: { ...resultsFiles({}), [quoted]: '' } },
    /^compare: it’s "old"\\n\.json: .*not JSON/,
  ],
  [
    'a folder in place of a file',
    { ...compare({}, 'old', 'new'), files: { 'old/results.json': JSON.stringify(good) } },
    /^compare: old .*EISDIR/,
  ],
  ['one file too few', compare({}, 'old.json'), /^compare: .*npm run compare -- --help$/],
  [
    'the results of several runs',
    report(resultsFiles({}), 'old.json', 'old.json'),
    /takes one results\.json/,
  ],
  ['a page without rows', report(resultsFiles({ tests: [] }), 'old.json'), /^old\.json: no rows/],
  [
    'a page that cannot be written',
    report({ ...resultsFiles({}), 'index.html/a': '' }, 'old.json'),
    /index\.html .*EISDIR/,
  ],
  ['a row that makes no sense', bisect(thing, 'clean', 'prefork', '8x25'), /^bisect: .*threads: prefork /],
  ['a name that is not a deployment', bisect(thing, 'clean', 'prefok 8'), /^bisect: prefok 8 .* event 8x25/],
  [
    'a row of an unknown release',
    bisect(thing, 'clean', '--release', 'sid', 'prefork 8'),
    /^bisect: --release .*trixie/,
  ],
  [
    'an unknown verdict',
    bisect(thing, 'good', 'prefork 8'),
    /^bisect: --expect .*reproduced, dropped, clean, slowed=some/,
  ],
  ['a folder that is not a Python project', bisect({}, 'clean', 'prefork 8'), /^bisect: \/.* Python project/],
  [
    'an unknown signal',
    { command: script('killed', '1', 'SIGNOTHING'), exitCode: 2 },
    /^killed: .*npm run dev:killed -- 10 SIGKILL$/,
  ],
];

/** What each file has in it. */
async function contentOf(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')])),
  );
}

/** On a slow machine Vite’s bundler prints how long its own plugins took. */
const PLUGIN_TIMINGS = /^.*\[PLUGIN_TIMINGS\][\s\S]*?for more details\.$/gm;
const plainOutput = { NO_COLOR: '1', FORCE_COLOR: undefined };

describe.concurrent('one line, and nothing half-done', { timeout: 120_000 }, () => {
  test.for(inputs)('%s', async ([, input, line], { expect, onTestFinished }) => {
    const { command, environment = {}, files = {}, exitCode = 1 } = input;
    const cwd = folderWith(files, onTestFinished);
    const before = await contentOf(cwd);
    const ended = await execa('node', [...command], {
      cwd,
      reject: false,
      env: { ...plainOutput, INIT_CWD: cwd, ...environment },
    });
    const output = `${ended.stdout}\n${ended.stderr}`.replaceAll(PLUGIN_TIMINGS, '');
    const lines = output.split('\n').filter((line) => line.trim() !== '');
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(ended.exitCode).toBe(exitCode);
    expect(await contentOf(cwd)).toEqual(before);
  });
});

/** A mount that nobody else sees, and that goes with the process; not everybody may make one. */
const mounted = (mount: string, then: string) => ['--mount', 'sh', '-c', `${mount} && ${then}`];
const canMount = !execaSync('unshare', mounted('mount -t tmpfs tmpfs /mnt', 'true'), { reject: false })
  .failed;

describe.skipIf(!canMount)('a machine that lacks something', { timeout: 120_000 }, () => {
  test('without an engine the run ends with one line that says what to start', async () => {
    const cwd = folderWith({});
    const command = mounted('mount -t tmpfs tmpfs /run', 'exec node "$@"');
    const ended = await execa('unshare', [...command, 'sh', ...execute], {
      cwd,
      reject: false,
      env: { ...plainOutput, MPM_HEARTBEAT_ENGINE: 'existing', DOCKER_HOST: undefined },
    });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr.trim()).toMatch(/^.*Docker, Podman’s socket or Colima, .*DOCKER_HOST.*$/);
    expect(await contentOf(cwd)).toEqual({});
  });

  test('a full disk is reported for each file, and no file is half written', async () => {
    const reporters = [join(project, 'helpers/report/reporter.ts')];
    const config = `export default ${JSON.stringify({ test: { name: 'acceptance', reporters } })};`;
    const cwd = folderWith({ 'vitest.config.mjs': config });
    await mkdir(join(cwd, 'reports'));
    const suite = join(project, 'tests/unit/fixtures/suite');
    const command = mounted(
      'mount -t tmpfs -o size=4k tmpfs reports',
      'echo old > reports/results.json; node "$@"; code=$?; grep . reports/*; exit $code',
    );
    const ended = await execa(
      'unshare',
      [...command, 'sh', vitest, 'run', `--root=${suite}`, `--config=${join(cwd, 'vitest.config.mjs')}`],
      { cwd, reject: false, all: true, env: plainOutput },
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
