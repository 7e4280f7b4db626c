import { z } from 'zod';

// The quantities that the schemas of results.json have in common.

export const wholeNumber = z.int().min(0);
export const share = z.number().min(0).max(1);
export const milliseconds = z.number().describe('milliseconds');
export const epoch = z.number().describe('milliseconds since 1970-01-01 UTC');
export const pid = wholeNumber.describe('process id in the server’s container');
