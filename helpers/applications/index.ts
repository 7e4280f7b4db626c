import { nova } from './nova.ts';
import { stub } from './stub.ts';

/** The applications that a deployment may name; the first is meant where it names none. */
export const applications = [stub, nova] as const;
