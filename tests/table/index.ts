import type { TablePart } from '../../helpers/verdict/row.ts';
import { article } from './article.ts';
import { brokers } from './brokers.ts';
import { core } from './core.ts';
import { cures } from './cures.ts';
import { faults } from './faults.ts';
import { layouts } from './layouts.ts';
import { releases } from './releases.ts';
import { replies } from './replies.ts';
import { requests } from './requests.ts';
import { servers } from './servers.ts';
import { services } from './services.ts';
import { traffic } from './traffic.ts';

/** The whole truth table, in the order in which it is shown; what Debian's next release does is in tomorrow.ts. */
export const truthTable: readonly TablePart[] = [
  ...article,
  ...core,
  ...layouts,
  ...services,
  ...traffic,
  ...servers,
  ...cures,
  ...requests,
  ...replies,
  ...faults,
  ...brokers,
  ...releases,
];
