import type { RowGroup } from '../../helpers/rows/row.ts';
import { checkIds } from '../../helpers/rows/row-id.ts';
import { article } from './article.ts';
import { brokers } from './brokers.ts';
import { debianTesting } from './debian-testing.ts';
import { layouts } from './layouts.ts';
import { limits } from './limits.ts';
import { mechanism } from './mechanism.ts';
import { mitigations } from './mitigations.ts';
import { outages } from './outages.ts';
import { releases } from './releases.ts';
import { reloads } from './reloads.ts';
import { replies } from './replies.ts';
import { reports } from './reports.ts';
import { requests } from './requests.ts';
import { servers } from './servers.ts';
import { nova, otherServices } from './services.ts';
import { throughput } from './throughput.ts';
import { traffic } from './traffic.ts';

/**
 * All rows, by the test file that executes them, in the order of reports (execution-order.ts has the order of
 * execution). Debian testing changes from day to day, so its rows are not in the truth table.
 */
export const table = {
  heartbeat: article,
  'table-limits': limits,
  'table-mechanism': mechanism,
  'table-layouts': layouts,
  'table-nova': nova,
  'table-other-services': otherServices,
  'table-mitigations': mitigations,
  'table-servers': servers,
  'table-traffic': traffic,
  'table-requests': requests,
  'table-releases': releases,
  'table-brokers': brokers,
  'table-reports': reports,
  'table-outages': outages,
  'table-reloads': reloads,
  'table-replies': replies,
  'table-debian-testing': debianTesting,
  throughput,
} as const satisfies Readonly<Record<string, readonly RowGroup[]>>;
export type TableFile = keyof typeof table;

checkIds(Object.values(table).flat());
