/** A type whose every level is read-only. For types that are inferred from a schema. */
export type Frozen<T> = T extends ((...given: never[]) => unknown) | RegExp
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Frozen<T[Key]> }
      : T;
