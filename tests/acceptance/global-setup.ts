import type { TestProject } from 'vitest/node';
import { readOptions } from '../../helpers/config/options.ts';
import { EngineError } from '../../helpers/engine/engine.ts';
import { during } from '../../helpers/engine/progress.ts';
import { type LabDescription, startLab } from '../../helpers/lab/lab.ts';

declare module 'vitest' {
  interface ProvidedContext {
    lab: LabDescription;
  }
}

/** Starts what all acceptance files of a run share, and removes it at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const options = readOptions(process.env);
  const say = (line: string) => project.vitest.logger.log(line);
  const lab = await startLab(options, say).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error;
    // One message, without Vitest's remark that no test file was found.
    project.vitest.logger.error(`\n${error.message}\n`);
    process.exit(1);
  });
  project.provide('lab', lab.description);
  return async () => {
    const failed = project.vitest.state.getCountOfFailedTests() > 0;
    await (options.keep && failed ? lab.keep(say) : during('removes what the run started', () => lab.stop()));
  };
}
