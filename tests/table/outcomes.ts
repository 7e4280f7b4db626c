import type { Row } from '../../helpers/rows/row.ts';
import { sources } from './sources.ts';

/** What several rows expect, and why. */
type Outcome = Pick<Row, 'expect' | 'why' | 'source'>;

const lost: Row['expect'] = { verdict: 'reproduced', slowed: 'none' };

/** mod_wsgi’s daemons under any MPM, with one thread each. */
export const lostInDaemons: Outcome = {
  expect: lost,
  why: 'mod_wsgi’s daemons run the application, not the MPM',
  source: sources.daemonMode,
};

/** Eight processes of one thread each. */
export const lostInTurns: Outcome = {
  expect: lost,
  why: 'eight processes of one thread each share the traffic, as eight prefork children do',
  source: sources.hubs,
};

/** A native heartbeat thread in a patched process. */
export const keptByPthread: Outcome = {
  expect: { verdict: 'clean' },
  why: 'heartbeat_in_pthread: a native thread sends heartbeats even without requests',
  source: sources.nativeHeartbeat,
};

/** A process that is not patched. */
export const keptWithoutPatching: Outcome = {
  ...keptByPthread,
  why: 'without patching, the heartbeat thread is native',
};
