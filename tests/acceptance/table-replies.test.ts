import { replies } from '../table/replies.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of replies) heartbeatTable(part);
