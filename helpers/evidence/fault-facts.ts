import { z } from 'zod';
import { routes } from '../applications/routes.ts';
import type { Frozen } from '../config/frozen.ts';
import { epoch, milliseconds, pid, wholeNumber } from '../config/quantities.ts';
import { processReportSchema } from './process-report.ts';

const routeFacts = z.strictObject({
  before: z
    .strictObject({ sent: wholeNumber, answered: wholeNumber })
    .describe('requests that ended before the fault'),
  meanwhile: z
    .strictObject({
      sent: wholeNumber,
      answered: wholeNumber.describe('before the fault ended'),
      medianMs: milliseconds.optional().describe('of those answered during or after the fault'),
      slowestMs: milliseconds.optional(),
    })
    .describe(
      'requests that were sent during the fault. Requests that need no broker count only once P requests that need it have been sent, for P processes',
    ),
  againAfterMs: milliseconds
    .optional()
    .describe('from the end of the fault to the next answer with 2xx; missing: there was none'),
  atEnd: z
    .strictObject({ sent: wholeNumber, answered: wholeNumber })
    .describe('the last requests of the window'),
});
/** The requests on one route, before, during and after a fault. Only 2xx counts as answered. */
export type RouteFacts = Frozen<z.infer<typeof routeFacts>>;

const replacement = z
  .strictObject({
    oldProcesses: z.array(pid),
    lastEndedMs: milliseconds.optional().describe('after the fault began; missing: not all have ended'),
    left: z.array(pid).describe('old processes that had not ended after 30 s'),
    connectionsLeft: z
      .array(z.string())
      .describe('connections of old processes that the broker still listed after 30 s'),
  })
  .describe('if the server replaces its processes');
/** How a server replaced its processes. */
export type Replacement = Frozen<z.infer<typeof replacement>>;

const faultSeenSchema = z.strictObject({
  beganAt: epoch.describe('the fault is in effect'),
  endingAt: epoch.describe('just before the fault is undone'),
  overAt: epoch.describe('the fault is undone, or the broker completes a handshake, whichever is first'),
  handshakes: z
    .strictObject({ failed: wholeNumber, completed: wholeNumber })
    .describe('AMQP handshakes that the suite tried from beganAt to endingAt, one after another'),
  processesAfter: z.array(processReportSchema).describe('each that answered after the window'),
  replacement: replacement.optional(),
});
/** A fault in the middle of the traffic, as it was observed while it lasted. */
export type FaultSeen = Frozen<z.infer<typeof faultSeenSchema>>;

export const faultFactsSchema = faultSeenSchema
  .extend({
    brokerListens: z
      .array(z.strictObject({ at: epoch, listens: z.boolean() }))
      .describe('when the broker started and stopped listening on its port, by its own log'),
    reloadLines: z
      .array(z.string())
      .optional()
      .describe('lines about a reload in the server’s error log; missing: nobody looked for them'),
    underWay: wholeNumber.describe('requests that were under way when the fault began'),
    routes: z.partialRecord(z.enum(routes), routeFacts),
  })
  .meta({ id: 'faultFacts' });
/** All facts about a fault. */
export type FaultFacts = Frozen<z.infer<typeof faultFactsSchema>>;
