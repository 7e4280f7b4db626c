/** The figures of one run of ApacheBench that the article shows. */
export interface SingleAb {
  readonly requestsPerSecond: number;
  readonly completeRequests: number;
  readonly failedRequests: number;
  readonly non2xxResponses: number;
}

/**
 * Reads `ab`'s summary.
 *
 * @throws Error with the end of the output if it is not the summary of a run that ended.
 */
export function parseSingleAb(output: string): SingleAb {
  const figure = (label: string): number | undefined => {
    const match = new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(output);
    return match ? Number(match[1]) : undefined;
  };
  const [requestsPerSecond, completeRequests, failedRequests] = [
    figure('Requests per second'),
    figure('Complete requests'),
    figure('Failed requests'),
  ];
  if (requestsPerSecond === undefined || completeRequests === undefined || failedRequests === undefined) {
    throw new Error(`ab did not finish: ${output.trim().split('\n').slice(-3).join(' ')}`);
  }
  // ab prints the line only where there were some
  return {
    requestsPerSecond,
    completeRequests,
    failedRequests,
    non2xxResponses: figure('Non-2xx responses') ?? 0,
  };
}
