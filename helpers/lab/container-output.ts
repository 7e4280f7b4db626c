import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Engine } from '../engine/engine.ts';

/** What a container's programs wrote. */
export interface ContainerOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** What a container has printed until now, as the engine keeps it: nothing runs in the container for that. */
export async function containerOutput(engine: Engine, containerId: string): Promise<ContainerOutput> {
  const { dockerode } = engine.container;
  const printed = await dockerode
    .getContainer(containerId)
    .logs({ stdout: true, stderr: true, follow: false });
  const [stdout, stderr, both] = [new PassThrough(), new PassThrough(), new PassThrough()];
  dockerode.modem.demuxStream(both, stdout, stderr);
  both.on('end', () => {
    stdout.end();
    stderr.end();
  });
  both.end(printed);
  const [out, errors] = await Promise.all([text(stdout), text(stderr)]);
  return { stdout: out, stderr: errors };
}
