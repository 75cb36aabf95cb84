/** Mutants that change nothing that a caller could see, with the reason. */
export const EQUIVALENT = [];
