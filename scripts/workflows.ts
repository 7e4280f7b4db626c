/**
 * Checks the workflows in .github/workflows, without a network: their form, expressions and contexts by GitHub's own
 * parser, what a workflow of this repository is called with, and the syntax of the shell in each step.
 *
 *     tsx scripts/workflows.ts [FOLDER]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validate } from '@actions/languageservice';
import { execa } from 'execa';
import { isMap, parseDocument, visit } from 'yaml';

const folder = process.argv[2] ?? '.github/workflows';

/** What is wrong with a workflow, a line each. */
async function problemsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  const document = { uri: `file:///${file}`, getText: () => text };
  const found = await validate(document as Parameters<typeof validate>[0], {
    fileProvider: {
      getFileContent: async (reference) => {
        const path = 'path' in reference ? reference.path : '';
        return { name: path, content: await readFile(path, 'utf8') };
      },
    },
  });
  return [
    ...found.map(({ range, message }) => `${file}:${range.start.line + 1}: ${message}`),
    ...(await shellProblems(file, text)),
  ];
}

async function shellProblems(file: string, text: string): Promise<string[]> {
  const scripts: { line: number; script: string }[] = [];
  visit(parseDocument(text), {
    Pair: (_, { key, value }) => {
      if (String(key) !== 'run' || isMap(value)) return;
      const offset = (key as { range?: [number] }).range?.[0] ?? 0;
      scripts.push({ line: text.slice(0, offset).split('\n').length, script: String(value) });
    },
  });
  const checked = await Promise.all(
    scripts.map(async ({ line, script }) => {
      // An expression is replaced before the shell sees it.
      const input = script.replaceAll(/\$\{\{.*?\}\}/gs, 'expression');
      const { stderr } = await execa('bash', ['-n'], { input, reject: false });
      return stderr === '' ? [] : [`${file}:${line}: ${stderr.split('\n')[0]}`];
    }),
  );
  return checked.flat();
}

const files = (await readdir(folder)).filter((it) => it.endsWith('.yml')).map((it) => join(folder, it));
const problems = (await Promise.all(files.map(problemsOf))).flat();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
