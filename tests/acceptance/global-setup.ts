import type { TestProject } from 'vitest/node';
import { OneLineError } from '../../helpers/config/one-line.ts';
import { readOptions } from '../../helpers/config/options.ts';
import { EngineError } from '../../helpers/engine/engine.ts';
import { withProgress } from '../../helpers/engine/set-up-progress.ts';
import { type LabDescription, startLab } from '../../helpers/lab/lab.ts';
import { chosenDeployments } from './chosen-rows.ts';
import { endEarly } from './end-early.ts';

declare module 'vitest' {
  interface ProvidedContext {
    lab: LabDescription;
  }
}

/** Starts the lab that all acceptance files of a run share, and removes it at the end of the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const options = readOptions(process.env);
  const say = (line: string) => project.vitest.logger.log(line);
  // One message, without Vitest's remark that no test file was found.
  const endWith = (message: string): never => {
    project.vitest.logger.error(`\n${message}\n`);
    process.exit(1);
  };
  const chosen = await chosenDeployments(project, options).catch((error: Error) => {
    if (!(error instanceof OneLineError)) throw error;
    return endWith(error.message);
  });
  const lab = await startLab(options, say).catch((error: Error & { readonly statusCode?: number }) => {
    const refused = error.statusCode !== undefined;
    if (!(refused || error instanceof EngineError)) throw error;
    return endWith(`${refused ? 'The engine refused: ' : ''}${error.message}`);
  });
  project.provide('lab', lab.description);
  void lab.lost.then((why) => endEarly(project.vitest, why));
  // If an image cannot be built here, its row builds it again and reports the reason.
  void lab.buildAhead(chosen).catch(() => undefined);
  return async () => {
    const failed = project.vitest.state.getCountOfFailedTests() > 0;
    if (options.keep && failed) return lab.keep(say);
    await withProgress('removes what the run started', () => lab.stop()).catch((error: Error) => {
      project.vitest.logger.error(error.message);
      process.exitCode = 1;
    });
  };
}
