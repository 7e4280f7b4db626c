import { z } from 'zod';
import type { Frozen } from './frozen.ts';
import { OneLineError } from './one-line.ts';

/** Libraries in place of the distribution's, as a user writes them: by name, a path or `==VERSION`. */
export type WrittenParts = Readonly<Record<string, string>>;

/** A library in place of the distribution's. */
export const partSchema = z.strictObject({
  kind: z
    .enum(['checkout', 'directory', 'archive', 'index'])
    .describe('a git checkout, another directory, a wheel or sdist, or a version that a package index has'),
  from: z.string().describe('the path, or ==VERSION'),
  label: z
    .string()
    .describe('distinguishes it from others of its name: its version, and a mark for uncommitted changes'),
  version: z
    .string()
    .optional()
    .describe('the version that the processes must report; missing if only the project’s build decides it'),
  content: z.string().describe('the first 12 digits of a SHA-256 over its source'),
});
export type Part = Frozen<z.infer<typeof partSchema>>;
/** Parts, by the name of their distribution. */
export type Parts = Readonly<Record<string, Part>>;

/** A part is missing, invalid, or cannot be built or imported; the message is the one line to show. */
export class PartError extends OneLineError {
  override readonly name = 'PartError';
}

/** The allowed forms of an entry. */
export const PART_FORMS = 'NAME=PATH or NAME==VERSION';

/**
 * Reads `oslo.messaging=../oslo.messaging, kombu==5.4.0`.
 *
 * @throws PartError for an entry of another form, or a name that is given twice.
 */
export function parseParts(text: string): WrittenParts {
  const parts: Record<string, string> = {};
  for (const entry of text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)) {
    const match = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:=\s*([^=\s].*)|(==[\w.!+-]+))$/.exec(entry);
    if (!match) throw new PartError(`${entry} is not a part`);
    const [, name = '', path, version] = match;
    if (Object.keys(parts).some((other) => canonicalName(other) === canonicalName(name))) {
      throw new PartError(`${name} is named twice`);
    }
    parts[name] = path ?? version ?? '';
  }
  return parts;
}

/** A distribution's name as package indexes compare it (https://packaging.python.org/en/latest/specifications/name-normalization/). */
function canonicalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/**
 * The version of a checkout, as Python writes versions: `12.5.0` at that tag, and `12.5.0.post14+gabc1234` fourteen
 * commits later. Uncommitted changes add `d` with eight digits of the content.
 *
 * @param description the output of `git describe --tags --long`: `TAG-COMMITS-gHASH`.
 * @param changed the content in hexadecimal digits if there are uncommitted changes.
 */
export function versionOf(description: string, changed?: string): string {
  const [, tag, commits, hash] = /^v?(.+)-(\d+)-(g[0-9a-f]+)$/.exec(description) ?? [];
  if (tag === undefined) throw new PartError(`git describe prints ${description}, which is not a version`);
  const local = [Number(commits) > 0 && hash, changed && `d${changed.slice(0, 8)}`].filter(Boolean);
  return `${tag}${Number(commits) > 0 ? `.post${commits}` : ''}${local.length > 0 ? `+${local.join('.')}` : ''}`;
}

/** The version in the file name of a wheel or sdist; undefined for any other name. */
export function versionOfArchive(file: string): string | undefined {
  const wheel = /^[^-]+-([^-]+)(-[^-]+){3,4}\.whl$/.exec(file);
  const sdist = /^.+-(\d[^-]*)\.(tar\.gz|zip)$/.exec(file);
  return (wheel ?? sdist)?.[1];
}

/** A part's name for people: `oslo.messaging 12.5.0.post14+gabc1234`. */
export function partName(name: string, { label }: Pick<Part, 'label'>): string {
  return `${name} ${label}`;
}
