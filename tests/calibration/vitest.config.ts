import { projectLikeAcceptance } from '../one-project.ts';

/** The throughput verdict on servers whose true ratio is known; takes about half an hour. */
export default projectLikeAcceptance('calibration');
