/** The part of jStat that is used here; the package ships no types. */
declare module 'jstat' {
  const library: {
    readonly jStat: {
      readonly normal: {
        inv(probability: number, mean: number, deviation: number): number;
      };
      readonly studentt: {
        inv(probability: number, degreesOfFreedom: number): number;
      };
      readonly centralF: { inv(probability: number, freedomAbove: number, freedomBelow: number): number };
      gammaln(x: number): number;
      readonly beta: { inv(probability: number, alpha: number, beta: number): number };
    };
  };
  export = library;
}
