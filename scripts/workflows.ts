/**
 * Checks the workflows in .github/workflows, and the YAML and shell in the fences of pages. Needs no network.
 *
 * - GitHub's own parser checks the form, expressions and contexts of a workflow, and the inputs of a workflow that it
 *   calls in this repository.
 * - bash checks the syntax of each step's shell, and of a page's shell.
 * - YAML in a page is checked as a workflow if it has jobs.
 *
 *     tsx scripts/workflows.ts [FOLDER OR FILE ...]
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { validate } from '@actions/languageservice';
import { execa } from 'execa';
import { isMap, parseDocument, visit } from 'yaml';

const CHECKED = ['.github/workflows', 'docs', 'README.md', 'CONTRIBUTING.md'];

/** A text with the place of its first line. */
interface Piece {
  readonly file: string;
  /** How many lines of the file come before it. */
  readonly above: number;
  readonly text: string;
}

/** What is wrong with a file, a line each. */
async function problemsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  const checked = file.endsWith('.md')
    ? fencesOf(text).map(({ language, ...fence }) => fenceProblems(language, { file, ...fence }))
    : [workflowProblems({ file, above: 0, text })];
  return (await Promise.all(checked)).flat();
}

/** The fences of a page; in a list they are indented. */
function fencesOf(page: string): (Omit<Piece, 'file'> & { language: string })[] {
  return [...page.matchAll(/^( *)(`{3,})(\w+)\n([\s\S]*?)^\1\2$/gm)].map(
    ({ index, 1: indent = '', 3: language = '', 4: text = '' }) => ({
      language,
      above: page.slice(0, index).split('\n').length,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

async function fenceProblems(language: string, piece: Piece): Promise<string[]> {
  switch (language) {
    case 'sh':
    case 'bash':
      return shellProblems(piece);
    case 'yaml':
    case 'yml': {
      const document = parseDocument(piece.text);
      if (document.has('jobs')) return workflowProblems(piece);
      return document.errors.map(({ linePos, message }) => problem(piece, linePos?.[0].line, message));
    }
    default:
      return [];
  }
}

async function workflowProblems(piece: Piece): Promise<string[]> {
  // Each piece has a different address, because the parser caches by address.
  const document = { uri: `file:///${piece.file}/${piece.above}`, getText: () => piece.text };
  const found = await validate(document as Parameters<typeof validate>[0], {
    fileProvider: {
      // Pages call this repository's workflows from another repository, so the path is a file here.
      getFileContent: async (reference) => {
        const path = 'path' in reference ? reference.path : '';
        return { name: path, content: await readFile(path, 'utf8') };
      },
    },
  });
  const scripts = scriptsOf(piece).map(shellProblems);
  return [
    ...found.map(({ range, message }) =>
      problem(piece, range.start.line + 1, typeof message === 'string' ? message : message.value),
    ),
    ...(await Promise.all(scripts)).flat(),
  ];
}

/** The shell of each step. */
function scriptsOf(piece: Piece): Piece[] {
  const scripts: Piece[] = [];
  visit(parseDocument(piece.text), {
    Pair: (_, { key, value }) => {
      if (String(key) !== 'run' || isMap(value)) return;
      const offset = (key as { range?: [number] }).range?.[0] ?? 0;
      const above = piece.above + piece.text.slice(0, offset).split('\n').length - 1;
      // An expression is replaced before the shell sees it.
      scripts.push({ ...piece, above, text: String(value).replaceAll(/\$\{\{.*?\}\}/gs, 'expression') });
    },
  });
  return scripts;
}

async function shellProblems(piece: Piece): Promise<string[]> {
  const { stderr } = await execa('bash', ['-n'], { input: piece.text, reject: false });
  return stderr === '' ? [] : [problem(piece, 1, stderr)];
}

/** @param line of the piece, from 1. */
function problem({ file, above }: Piece, line = 1, words: string): string {
  return `${file}:${above + line}: ${words.split('\n')[0]}`;
}

/** The workflows and pages of a folder, or the file itself. */
async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.(ya?ml|md)$/.test(name));
  if (names.length === 0) throw new Error(`${path} has no workflow and no page`);
  return names.map((name) => join(path, name));
}

const paths = process.argv.length > 2 ? process.argv.slice(2) : CHECKED;
const files = (await Promise.all(paths.map(filesIn))).flat();
const problems = (await Promise.all(files.map(problemsOf))).flat();
for (const line of problems) console.error(line);
process.exitCode = problems.length === 0 ? 0 : 1;
