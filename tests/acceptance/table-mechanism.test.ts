import { rowTables } from './row-table.ts';

rowTables('table-mechanism');
