import { testsOfFile } from './row-tests.ts';

testsOfFile('table-debian-testing');
