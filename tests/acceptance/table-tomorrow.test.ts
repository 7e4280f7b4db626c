import { tomorrow } from '../table/tomorrow.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of tomorrow) heartbeatTable(part);
