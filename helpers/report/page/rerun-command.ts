/**
 * The command that plays one test again, safe to paste into a POSIX shell. Vitest matches `-t` as a
 * regular expression against the names of suites and test with a space between.
 *
 * @param fullName as Vitest's reporters give it, with ` > ` between the names.
 */
export function rerunCommand(file: string, fullName: string): string {
  const pattern = `^${escapedForRegExp(fullName.split(' > ').join(' '))}$`;
  return `npx vitest run ${quotedForShell(file)} -t ${quotedForShell(pattern)}`;
}

function escapedForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Single quotes keep everything but a single quote; plain words need none. */
function quotedForShell(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
