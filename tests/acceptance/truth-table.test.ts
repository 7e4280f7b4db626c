import { rowTables } from './row-table.ts';

rowTables('truth-table');
