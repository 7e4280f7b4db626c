import { layouts } from '../table/layouts.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of layouts) heartbeatTable(part);
