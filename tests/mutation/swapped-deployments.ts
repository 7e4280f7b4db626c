import { articleDeployments as original } from '../table/article-deployments.ts';

/** The table with prefork where event should be and the other way round, process for process. */
export const articleDeployments = {
  prefork8: original.event8x25,
  event8x25: original.prefork8,
  prefork1: original.event1x25,
  event1x25: original.prefork1,
};
