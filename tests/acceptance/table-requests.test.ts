import { requests } from '../table/requests.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of requests) heartbeatTable(part);
