import type { Application } from './application.ts';
import { masakari } from './masakari.ts';
import { nova } from './nova.ts';
import { stub } from './stub.ts';
import { trove } from './trove.ts';

/** The applications that come with the suite; the first is the default. */
export const suitesApplications: readonly [Application, ...Application[]] = [stub, nova, masakari, trove];

const known: Application[] = [...suitesApplications];

/** The applications that a deployment may name. */
export const applications: readonly Application[] = known;

/** Adds the user's own application to this process. Call it before rows are planned. */
export function addApplication(own: Application): void {
  if (!known.some(({ name }) => name === own.name)) known.push(own);
}
