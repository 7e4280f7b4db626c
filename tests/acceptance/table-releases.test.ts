import { releases } from '../table/releases.ts';
import { heartbeatTable } from './heartbeat-table.ts';

for (const part of releases) heartbeatTable(part);
