import { testsOfFile } from './row-tests.ts';

testsOfFile('table-requests');
