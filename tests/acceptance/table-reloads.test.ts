import { testsOfFile } from './row-tests.ts';

testsOfFile('table-reloads');
