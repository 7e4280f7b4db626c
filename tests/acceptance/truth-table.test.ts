import { core } from '../table/core.ts';
import { heartbeatTable } from './heartbeat-table.ts';
import { plantedFaults } from './planted-faults.ts';

for (const part of core) heartbeatTable(part);
// In this file, since they can be played while the windows above only wait.
plantedFaults();
