/** At the end of the text of fault 900: another one with every request. */
export const REFERENCE_ID = /\(ReferenceId \d+\)$/;
