import { faults } from '../table/faults.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of faults) heartbeatTable(part);
