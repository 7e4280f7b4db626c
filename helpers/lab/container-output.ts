import { finished, PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Engine } from '../engine/engine.ts';
import { within } from './until.ts';

const LIMIT_MS = 30_000;

/** The output of a container's programs. */
export interface ContainerOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** What a container has printed until now. The engine keeps it, so nothing runs in the container for this. */
export async function containerOutput(engine: Engine, containerId: string): Promise<ContainerOutput> {
  const { dockerode } = engine.container;
  const asked = dockerode.getContainer(containerId).logs({ stdout: true, stderr: true, follow: false });
  const printed = await within('the engine to give what a container printed', LIMIT_MS, asked);
  const both = new PassThrough();
  const { output, errors } = demultiplexed(engine, both);
  both.end(printed);
  const [stdout, stderr] = await Promise.all([text(output), text(errors)]);
  return { stdout, stderr };
}

/** Separates standard output and error, which the engine sends in one stream. They end with it, even if it breaks off. */
export function demultiplexed(engine: Engine, stream: Readable): { output: Readable; errors: Readable } {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  engine.container.dockerode.modem.demuxStream(stream, output, errors);
  finished(stream, { writable: false }, () => {
    output.end();
    errors.end();
  });
  return { output, errors };
}
