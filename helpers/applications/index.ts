import { stub } from './stub.ts';

/** The applications that a deployment may name; the first is meant where it names none. */
export const applications = [stub] as const;
