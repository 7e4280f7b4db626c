import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';

const count = z.int().min(0);

/** AMQP connections of a deployment that loses none, seen in three ways. */
export const connectionCountsSchema = z.strictObject({
  established: count.describe('as ss counts them in the container'),
  listed: count.describe('as the broker lists them'),
  opened: count.optional().describe('in all, by the broker’s log; missing: it could not be read to its end'),
});
export type ConnectionCounts = Frozen<z.infer<typeof connectionCountsSchema>>;

/** How many there are; undefined with the reason where the three do not agree. */
export function agreedCount({
  established,
  listed,
  opened,
}: ConnectionCounts):
  | { readonly connections: number; readonly doubt?: undefined }
  | { readonly connections?: undefined; readonly doubt: string } {
  if (opened !== undefined && established === listed && listed === opened) return { connections: opened };
  return {
    doubt: `ss counts ${established} connections, the broker lists ${listed}, its log counts ${opened ?? 'none that can be trusted'}`,
  };
}
