import { projectLikeAcceptance } from '../one-project.ts';

/** Mutated rows, which must fail. */
export default projectLikeAcceptance('mutation');
