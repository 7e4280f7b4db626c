import { table } from '../table/index.ts';
import { rowTable } from './row-table.ts';

for (const group of table['table-mechanism']) rowTable(group);
