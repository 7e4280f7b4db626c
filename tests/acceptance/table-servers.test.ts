import { servers } from '../table/servers.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of servers) heartbeatTable(part);
