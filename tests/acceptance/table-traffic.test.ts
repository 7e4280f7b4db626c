import { traffic } from '../table/traffic.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of traffic) heartbeatTable(part);
