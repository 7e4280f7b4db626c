import { otherServices } from '../table/services.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of otherServices) heartbeatTable(part);
