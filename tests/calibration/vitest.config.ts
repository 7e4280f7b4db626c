import { projectLikeAcceptance } from '../one-project.ts';

/** Throughput verdicts on servers whose true ratio is known. Takes about half an hour. */
export default projectLikeAcceptance('calibration');
