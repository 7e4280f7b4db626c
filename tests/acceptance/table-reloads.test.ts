import { reloads } from '../table/reloads.ts';
import { disturbanceTable } from './disturbance-table.ts';

for (const part of reloads) disturbanceTable(part);
