import { inject } from 'vitest';
import type { LookUp } from '../../helpers/deployment/deployment.ts';
import { lookUpParts } from '../../helpers/engine/parts.ts';

/** The parts of the run, and over them those of a row. */
export const partsOfRow: LookUp = (written) => ({ ...inject('lab').parts, ...lookUpParts(written) });
