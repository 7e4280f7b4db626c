/** The part of jStat that is used here; the package ships no types. */
declare module 'jstat' {
  const library: {
    readonly jStat: {
      readonly normal: {
        cdf(x: number, mean: number, deviation: number): number;
        inv(probability: number, mean: number, deviation: number): number;
      };
      readonly studentt: {
        cdf(x: number, degreesOfFreedom: number): number;
        inv(probability: number, degreesOfFreedom: number): number;
      };
      gammaln(x: number): number;
      readonly beta: { inv(probability: number, alpha: number, beta: number): number };
    };
  };
  export = library;
}
