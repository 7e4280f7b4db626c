import type { Application } from './application.ts';
import { nova } from './nova.ts';
import { stub } from './stub.ts';

const known: Application[] = [stub, nova];

/** The applications that a deployment may name; the first is meant where it names none. */
export const applications: readonly [Application, ...Application[]] = known as [Application];

/** Makes the user's own application known to this process, before it makes anything of rows. */
export function addApplication(own: Application): void {
  if (!known.some(({ name }) => name === own.name)) known.push(own);
}
