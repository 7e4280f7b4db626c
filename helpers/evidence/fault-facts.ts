import { z } from 'zod';
import { routes } from '../applications/routes.ts';
import type { Frozen } from '../config/frozen.ts';
import { processReportSchema } from './process-report.ts';

const count = z.int().min(0);
const pid = count.describe('process id in the server’s container');
const milliseconds = z.number().describe('milliseconds');
const epoch = z.number().describe('milliseconds since 1970-01-01 UTC');

const routeFacts = z.strictObject({
  before: z.strictObject({ sent: count, answered: count }).describe('requests that had ended before'),
  meanwhile: z
    .strictObject({
      sent: count,
      answered: count.describe('while it lasted'),
      medianMs: milliseconds.optional().describe('of those that were answered, whenever that was'),
      slowestMs: milliseconds.optional(),
    })
    .describe('requests that were sent while it lasted'),
  againAfterMs: milliseconds
    .optional()
    .describe('from its end to the next answer with 2xx; missing: there was none'),
  atEnd: z.strictObject({ sent: count, answered: count }).describe('of the last requests of the window'),
});
/** What became of one route. Only an answer with 2xx counts as one. */
export type RouteFacts = Frozen<z.infer<typeof routeFacts>>;

const replacement = z
  .strictObject({
    oldProcesses: z.array(pid),
    lastEndedMs: milliseconds.optional().describe('after it began; missing: not all have ended'),
    left: z.array(pid).describe('that had not ended after 30 s'),
    connectionsLeft: z.array(z.string()).describe('of old processes, that the broker still listed then'),
  })
  .describe('where the server replaces its processes');
export type Replacement = Frozen<z.infer<typeof replacement>>;

export const faultSeenSchema = z.strictObject({
  beganAt: epoch.describe('it had been done'),
  endingAt: epoch.describe('it had not been undone yet'),
  overAt: epoch.describe(
    'it had been undone, or the broker completed a handshake again, whichever came first',
  ),
  handshakes: z
    .strictObject({ failed: count, completed: count })
    .describe(
      'AMQP handshakes that the suite tried from the first of these to the second, one after another',
    ),
  processesAfter: z.array(processReportSchema).describe('each that answered after the window'),
  replacement: replacement.optional(),
});
/** What was done in the middle of the traffic, and what was seen of it. */
export type FaultSeen = Frozen<z.infer<typeof faultSeenSchema>>;

export const faultFactsSchema = faultSeenSchema
  .extend({
    brokerListens: z
      .array(z.strictObject({ at: epoch, listens: z.boolean() }))
      .describe('when it began and ended to listen on its port, by its own log'),
    reloadLines: z
      .array(z.string())
      .optional()
      .describe(
        'of the server’s error log, in which it says that it reloads; missing: it was not looked for them',
      ),
    underWay: count.describe('requests that were under way when it began'),
    routes: z.partialRecord(z.enum(routes), routeFacts),
  })
  .meta({ id: 'disturbanceFacts' });
export type FaultFacts = Frozen<z.infer<typeof faultFactsSchema>>;
