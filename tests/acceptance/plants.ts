import type { ObserveOptions } from '../../helpers/execution/observe.ts';
import type { StartedDeployment } from '../../helpers/execution/started-deployment.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import type { ChangeContainer } from '../../helpers/lab/server-container.ts';

/** Plants a fault in a real program. */
export type Plant = (lab: Lab) => Pick<ObserveOptions, 'served' | 'changeContainer' | 'beside'>;

/** Runs lines of shell in the server's container before its server starts. */
export function shellBefore(script: string): Plant {
  return () => ({ changeContainer: startedBy(`${script}\nexec /usr/local/bin/serve`) });
}

/** Makes each process run lines of Python after it has imported the application. */
export function pythonAfter(lines: string): Plant {
  const file = '/usr/lib/python3/dist-packages/probe/wsgi.py';
  return shellBefore(`cat >> ${file} << 'EOF'\n${lines}\nEOF`);
}

/** The application's logger dies at the first AMQP request of each process. */
export const loggerDies: Plant = pythonAfter(`
import logging
def _without_logger(environ, start_response, served=application):
    if environ["PATH_INFO"].startswith("/v2.1"):
        logging.disable(logging.CRITICAL)
    return served(environ, start_response)
application = _without_logger
`);

/** Sends the server's output through a program. */
export function outputThrough(program: string): Plant {
  return () => ({
    changeContainer: startedBy(`{ /usr/local/bin/serve 2>&1 1>&3 | ${program} 1>&2; sleep infinity; } 3>&1`),
  });
}

/** Runs lines of shell in the server's container in the middle of the traffic. */
export function shellMeanwhile(script: string): Plant {
  return () => ({ beside: ({ server }) => meanwhile(() => server.execute(['sh', '-c', script])) });
}

/** Runs lines of shell in the broker's container in the middle of the traffic. */
export function brokerMeanwhile(script: string): Plant {
  return ({ broker }) => ({ beside: () => meanwhile(() => broker.execute(['sh', '-c', script])) });
}

/** Does something in the middle of the traffic. */
export function besideTraffic(work: (started: StartedDeployment, lab: Lab) => Promise<unknown>): Plant {
  return (lab) => ({ beside: (started) => meanwhile(() => work(started, lab)) });
}

/** RabbitMQ's process, for pkill. */
export const BROKER = 'beam.smp';

function startedBy(script: string): ChangeContainer {
  return (container) => void container.withEntrypoint(['sh', '-c', script]);
}

/** Does the work 0.8 s after the traffic began: between the second and the third of requests 0.5 s apart. */
async function meanwhile(work: () => Promise<unknown>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 800));
  await work();
}
