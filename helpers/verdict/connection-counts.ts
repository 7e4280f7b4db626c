import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { wholeNumber } from '../config/quantities.ts';

export const connectionCountsSchema = z.strictObject({
  established: wholeNumber.describe('as ss counts them in the container'),
  listed: wholeNumber.describe('as the broker lists them'),
  opened: wholeNumber
    .optional()
    .describe('in total, by the broker’s log; missing: the log could not be read to its end'),
});
/** AMQP connections of a deployment that loses none, counted in three ways. */
export type ConnectionCounts = Frozen<z.infer<typeof connectionCountsSchema>>;

/** The number of connections if the three counts agree, otherwise a doubt. */
export function agreedCount({
  established,
  listed,
  opened,
}: ConnectionCounts):
  | { readonly connections: number; readonly doubt?: undefined }
  | { readonly connections?: undefined; readonly doubt: string } {
  if (opened !== undefined && established === listed && listed === opened) return { connections: opened };
  return {
    doubt: `ss counts ${established} connections, the broker lists ${listed}, its log counts ${opened ?? 'an unknown number'}`,
  };
}
