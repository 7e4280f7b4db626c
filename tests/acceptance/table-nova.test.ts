import { nova } from '../table/nova.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of nova) heartbeatTable(part);
