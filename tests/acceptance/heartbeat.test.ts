import { describe, expect } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { table } from '../table/index.ts';
import { articleSteps } from './article-steps.ts';
import { test } from './lab-test.ts';
import { asExpected } from './row-tests.ts';
import { rowsOfRun } from './rows-of-run.ts';

// The article's claim: under prefork, nova-api's heartbeat errors fill its log; under event, they are gone.
// tests/table/article.ts has the rows, each with the reason for its verdict.

/** The verdict by the last part of a row's id. */
const verdicts: Readonly<Record<string, string>> = {
  // The article's pair.
  'prefork-8': 'reproduced',
  'event-1x25': 'clean',
  // The controls that the article lacks, with equal numbers of processes. That number decides whether the broker drops;
  // the number of threads decides which line a drop leaves in the log.
  'prefork-1': 'clean',
  'event-8x25': 'dropped',
};

const [today, loopOf2019] = table.heartbeat;
/** The line that the heartbeat logs when its connection was dropped. */
const logged = [
  {
    group: today,
    // This line does not name the heartbeat. A search for the line of 2019 finds nothing, although the problem remains.
    line: /INFO oslo\.messaging\._drivers\.impl_rabbit \[-\] A recoverable connection\/channel error occurred, trying to reconnect: /,
  },
  {
    group: loopOf2019,
    // sic
    line: /WARNING oslo\.messaging\._drivers\.impl_rabbit \[-\] Unexpected error during heartbeart thread processing, retrying\.\.\.: /,
  },
];

for (const { group, line } of logged) {
  describe.concurrent(group.title, () => {
    test.for(rowsOfRun(group))('%s', async ([, row], { lab, task, skip }) => {
      const { id, deployment, verdict, evidence, why } = await asExpected(row, { lab, task, skip });
      // Another application logs in another form, and may have other verdicts.
      if (deployment.application !== stub.name) return;
      const [, name = ''] = id.split('/');
      expect(verdict.kind, why).toBe(verdicts[name]);
      for (const error of evidence?.heartbeatErrors ?? []) {
        expect(error.line, 'a heartbeat error').toMatch(line);
      }
    });
  });
}

// In this file, because these servers can start while the rows above wait.
articleSteps();
