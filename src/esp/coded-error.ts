/** The stable name of what went wrong: `ESP_`, the layer, and what it is. */
export type ErrorCode = `ESP_${string}`;

/**
 * The error codes of one layer, each with a sentence for docs/reference/errors.md. A layer exports its table from its
 * `errors.ts`, under a name that ends in `_ERRORS`.
 */
export type ErrorTable = Readonly<Record<ErrorCode, string>>;

/**
 * An error of this package. Programs recognise it by its `code`, which does not change within a major version; the
 * message is for people and may change.
 */
export abstract class CodedError<Code extends ErrorCode = ErrorCode> extends Error {
  constructor(
    readonly code: Code,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whether a thrown value carries one of these codes, whichever copy of the package it comes from. */
export const hasCode = (error: unknown, ...codes: readonly ErrorCode[]): boolean =>
  error instanceof Error && codes.some((code) => (error as { code?: unknown }).code === code);
