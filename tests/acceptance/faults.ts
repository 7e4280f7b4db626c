import type { ObserveOptions } from '../../helpers/experiment/observe.ts';
import type { WarmServer } from '../../helpers/experiment/warm-server.ts';
import { BROKER_LOG } from '../../helpers/lab/broker.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import type { Prepare } from '../../helpers/lab/server-container.ts';

/** A fault that is planted in a real part. */
export type Plant = (lab: Lab) => Pick<ObserveOptions, 'served' | 'prepare' | 'beside'>;

/** Lines of shell that are run in the server's container before its server starts. */
export function shellBefore(script: string): Plant {
  return () => ({ prepare: started(`${script}\nexec /usr/local/bin/serve`) });
}

/** Lines of Python that each process runs after it has imported the application. */
export function pythonAfter(lines: string): Plant {
  const file = '/usr/lib/python3/dist-packages/probe/wsgi.py';
  return shellBefore(`cat >> ${file} << 'EOF'\n${lines}\nEOF`);
}

/** The application's logger dies with the first AMQP request of each process. */
export const loggerDies: Plant = pythonAfter(`
import logging
def _without_logger(environ, start_response, served=application):
    if environ["PATH_INFO"].startswith("/v2.1"):
        logging.disable(logging.CRITICAL)
    return served(environ, start_response)
application = _without_logger
`);

/** The server's own output goes through a program. */
export function outputThrough(program: string): Plant {
  return () => ({
    prepare: started(`{ /usr/local/bin/serve 2>&1 1>&3 | ${program} 1>&2; sleep infinity; } 3>&1`),
  });
}

/** Lines of shell that are run in the server's container in the middle of the traffic. */
export function shellMeanwhile(script: string): Plant {
  return () => ({ beside: (warm) => meanwhile(() => warm.server.execute(['sh', '-c', script])) });
}

/** Lines of shell that are run in the broker's container in the middle of the traffic. */
export function brokerMeanwhile(script: string): Plant {
  return ({ broker }) => ({ beside: () => meanwhile(() => broker.execute(['sh', '-c', script])) });
}

/** Done in the middle of the traffic. */
export function besideTraffic(work: (warm: WarmServer, lab: Lab) => Promise<unknown>): Plant {
  return (lab) => ({ beside: (warm) => meanwhile(() => work(warm, lab)) });
}

/** RabbitMQ’s process, as pkill knows it. */
export const BROKER = 'beam.smp';
export { BROKER_LOG };

function started(script: string): Prepare {
  return (container) => void container.withEntrypoint(['sh', '-c', script]);
}

/** A second request has been answered by then, and another is still to come. */
async function meanwhile(work: () => Promise<unknown>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 800));
  await work();
}
