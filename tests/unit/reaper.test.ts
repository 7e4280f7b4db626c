import { afterEach, expect, test, vi } from 'vitest';
import type { Engine } from '../../helpers/engine/engine.ts';
import { startReaper } from '../../helpers/engine/reaper.ts';

afterEach(() => vi.unstubAllEnvs());

test('where the user wants no reaper, none is started, and what that means is said', async () => {
  vi.stubEnv('TESTCONTAINERS_RYUK_DISABLED', 'true');
  const said: string[] = [];
  const options = {
    base_image: undefined,
    release: 'trixie',
    apt_proxy: undefined,
    apt_source: undefined,
  } as const;
  // an engine that is asked for anything throws
  const reaper = await startReaper({} as Engine, options, 'run', (line) => said.push(line));
  expect(reaper).toBeUndefined();
  expect(said).toEqual([expect.stringContaining('TESTCONTAINERS_RYUK_DISABLED=true')]);
});
