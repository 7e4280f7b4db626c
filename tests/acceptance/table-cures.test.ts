import { cures } from '../table/cures.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of cures) heartbeatTable(part);
