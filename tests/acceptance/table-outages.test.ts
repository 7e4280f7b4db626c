import { outages } from '../table/outages.ts';
import { disturbanceTable } from './disturbance-table.ts';

for (const part of outages) disturbanceTable(part);
