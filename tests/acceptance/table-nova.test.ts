import { nova } from '../table/services.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of nova) heartbeatTable(part);
