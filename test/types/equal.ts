type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for a value of exactly this type, alias or spread out: `equal<string>()(text)`. */
export declare const equal: <Wanted>() => <Given>(
  value: Same<Spread<Given>, Spread<Wanted>> extends true ? Given : { readonly given: Given },
) => void;

type Spread<T> = T extends object ? { [K in keyof T]: T[K] } : T;
