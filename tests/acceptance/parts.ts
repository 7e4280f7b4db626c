import { inject } from 'vitest';
import type { LookUp } from '../../helpers/deployment/deployment.ts';
import { lookUpParts } from '../../helpers/engine/parts.ts';

/** What each row is played with: the run's parts, and before that nothing of them where they are to be compared. */
export function partsOfRows(): readonly LookUp[] {
  return inject('lab').options.side_by_side ? [lookUpParts, partsOfRow] : [partsOfRow];
}

/** The parts of the run, and over them those of a row. */
export const partsOfRow: LookUp = (written) => ({ ...inject('lab').parts, ...lookUpParts(written) });
