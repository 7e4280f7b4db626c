import { chmodSync, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { describe, expect, type TestContext, test } from 'vitest';
import { folderWith } from './fixtures/folder.ts';

const baseline = fileURLToPath(new URL('../../.ci/baseline', import.meta.url));
const hasJq = !execaSync('jq', ['--version'], { reject: false }).failed;

/** Stands in for GitHub's command: answers from the files beside it, and filters as the real one does. */
const GH = `#!/usr/bin/env bash
here=$(dirname "$0")
if [ "$1 $2" = 'run download' ]; then
  while [ "$1" != --dir ]; do shift; done
  mkdir "$2" && echo '{}' > "$2/results.json"
  exit
fi
filter=\${@: -1}
case $* in
  *'/workflows/suite.yml/runs '*'-f branch=main -f status=success'*) jq -r "$filter" "$here/runs.json" ;;
  *'/runs/'*'/artifacts -f name=mpm-heartbeat'*)
    id=\${4#*/runs/}
    jq -r "$filter" "$here/artifacts-\${id%/artifacts}.json" ;;
  *) echo "gh: unexpected $*" >&2; exit 1 ;;
esac
`;

interface Run {
  readonly id: number;
  readonly fork?: boolean;
  /** Whether what it left is too old; undefined: it left nothing. */
  readonly expired?: boolean;
  /** GitHub does not answer. */
  readonly unknown?: boolean;
}

/** Runs the script where GitHub has these successful runs of the branch, the newest first. */
async function find(
  runs: readonly Run[],
  ref: string,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
) {
  const ofRuns = runs.map(({ id, fork = false }) => ({
    id,
    head_branch: 'main',
    repository: { id: 1 },
    head_repository: { id: fork ? 2 : 1 },
  }));
  const artifacts = runs
    .filter(({ unknown }) => !unknown)
    .map(({ id, expired }) => [
      `bin/artifacts-${id}.json`,
      JSON.stringify({ artifacts: expired === undefined ? [] : [{ expired }] }),
    ]);
  const files = { 'bin/gh': GH, 'bin/runs.json': JSON.stringify({ workflow_runs: ofRuns }) };
  const folder = folderWith({ ...files, ...Object.fromEntries(artifacts) }, onTestFinished);
  chmodSync(join(folder, 'bin/gh'), 0o755);
  const { exitCode, stdout, stderr } = await execa(
    baseline,
    ['suite.yml', 'main', 'mpm-heartbeat', 'before'],
    {
      cwd: folder,
      reject: false,
      env: {
        PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
        GITHUB_REPOSITORY: 'o/r',
        GITHUB_REF_NAME: ref,
      },
    },
  );
  return { exitCode, said: `${stdout}${stderr}`, found: existsSync(join(folder, 'before')) };
}

describe.skipIf(!hasJq)('what a run is compared with', () => {
  const good: Run = { id: 7, expired: false };
  const missing = 'no successful run of suite.yml on main has left an artifact mpm-heartbeat';

  test('the newest successful run of the branch with an artifact is the baseline', async (context) => {
    const runs: Run[] = [
      { id: 10, fork: true, expired: false },
      { id: 9 },
      { id: 8, expired: true },
      good,
      { id: 6, expired: false },
    ];
    expect(await find(runs, '12/merge', context)).toEqual({
      exitCode: 0,
      said: 'compared with run 7 of main',
      found: true,
    });
  });

  test('a run of another branch fails without a baseline', async (context) => {
    expect(await find([{ id: 8, expired: true }], '12/merge', context)).toEqual({
      exitCode: 1,
      said: `::error::${missing} to compare with`,
      found: false,
    });
  });

  test('a run of the branch itself only warns without a baseline', async (context) => {
    const { exitCode, said, found } = await find([], 'main', context);
    expect({ exitCode, found }).toEqual({ exitCode: 0, found: false });
    expect(said).toContain(`::warning::${missing}`);
  });

  test('a run fails if GitHub does not list the artifacts of a run', async (context) => {
    const { exitCode, found } = await find([{ id: 8, unknown: true }, good], 'main', context);
    expect({ exitCode, found }).toEqual({ exitCode: 2, found: false });
  });
});
