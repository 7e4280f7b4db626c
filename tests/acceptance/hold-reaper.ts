/**
 * Runs a stand-in for Ryuk until this process is killed. Prints a line once the stand-in runs.
 *
 *     tsx tests/acceptance/hold-reaper.ts RUN_ID
 */
import { readOptions } from '../../helpers/config/options.ts';
import { connectEngine } from '../../helpers/engine/engine.ts';
import { startStandIn } from '../../helpers/engine/reaper.ts';

async function hold(runId: string): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  await startStandIn(await connectEngine(), readOptions(process.env), runId, say);
  process.stdout.write('held\n');
  process.stdin.resume();
}

void hold(process.argv[2] ?? '');
