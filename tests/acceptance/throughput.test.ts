import { inject } from 'vitest';
import { table } from '../table/index.ts';
import { rowTable } from './row-table.ts';

const [article, others] = table.throughput;
rowTable(article);
rowTable(others, { skipped: inject('lab').options.throughput === 'article' });
