import { projectLikeAcceptance } from '../one-project.ts';

/** Rows with a fault in them, each of which must go red. */
export default projectLikeAcceptance('mutation');
