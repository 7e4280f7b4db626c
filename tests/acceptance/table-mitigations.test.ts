import { testsOfFile } from './row-tests.ts';

testsOfFile('table-mitigations');
