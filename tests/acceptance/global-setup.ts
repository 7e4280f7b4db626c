import type { TestProject } from 'vitest/node';
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
  const lab = await startLab(options, say).catch((error: Error & { readonly statusCode?: number }) => {
    const refused = error.statusCode !== undefined;
    if (!(refused || error instanceof EngineError)) throw error;
    // One message, without Vitest's remark that no test file was found.
    project.vitest.logger.error(`\n${refused ? 'The engine refused: ' : ''}${error.message}\n`);
    process.exit(1);
  });
  project.provide('lab', lab.description);
  void lab.lost.then((why) => endEarly(project.vitest, why));
  // If an image cannot be built here, its row builds it again and reports the reason.
  void lab.buildAhead(await chosenDeployments(project, options)).catch(() => undefined);
  return async () => {
    const failed = project.vitest.state.getCountOfFailedTests() > 0;
    if (options.keep && failed) return lab.keep(say);
    await withProgress('removes what the run started', () => lab.stop()).catch((error: Error) => {
      project.vitest.logger.error(error.message);
      process.exitCode = 1;
    });
  };
}
