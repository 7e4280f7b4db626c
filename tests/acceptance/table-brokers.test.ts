import { brokers } from '../table/brokers.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of brokers) heartbeatTable(part);
