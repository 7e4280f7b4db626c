import { zoneWords } from '../../diagnosis/causes/log-clock.ts';
import type { Diagnosis, JoinedLogs } from '../../diagnosis/diagnosis.ts';
import {
  type FileReport,
  type Finding,
  findingFacts,
  findingsOf,
  headline,
  isOfInterest,
  logsLines,
  otherProgramsLine,
  programFacts,
  programTitle,
  readLine,
  spanLine,
} from '../../diagnosis/diagnosis-words.ts';
import type { Histories } from '../../diagnosis/history/histories.ts';
import type { DiagnosisPageData, FindingData } from '../page/diagnosis-page-data.ts';
import { logTimelines } from './log-timelines.ts';

/** Properties of the page's data that are no texts. */
export const pageCode = ['axis', 'kind', 'end', 'row'] as const;

/** Everything that the page shows about somebody's logs. */
export function pageOfDiagnosis(
  { broker }: Pick<Histories, 'broker'>,
  logs: JoinedLogs,
  diagnosis: Diagnosis,
  files: readonly FileReport[],
): DiagnosisPageData {
  const { programs, zone } = diagnosis;
  return {
    headline: headline(diagnosis),
    facts: [...spanLine(diagnosis), readLine(files)],
    findings: findingsOf(diagnosis).map(findingData),
    ...logTimelines(broker, logs),
    times: zone.isKnown ? zoneWords(zone) : 'as the logs have them',
    programs: programs
      .filter(isOfInterest)
      .map((program) => ({ title: programTitle(program), facts: programFacts(program, zone) })),
    logs: [...otherProgramsLine(diagnosis), ...logsLines(diagnosis, files)].filter((line) => line !== ''),
  };
}

function findingData(finding: Finding): FindingData {
  return { title: finding.title, facts: findingFacts(finding), command: finding.command };
}
