import { services } from '../table/services.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of services) heartbeatTable(part);
