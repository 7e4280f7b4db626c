import { core } from '../table/core.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of core) heartbeatTable(part);
