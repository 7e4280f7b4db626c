import { inject } from 'vitest';
import { table } from '../table/index.ts';
import { testsOfGroup } from './row-tests.ts';

const [article, others] = table.throughput;
testsOfGroup(article);
testsOfGroup(others, { skipped: inject('lab').options.throughput === 'article' });
