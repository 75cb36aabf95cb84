/** An error's text with those of its causes: `connect refused; cause: ...`. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}; cause: ${errorText(error.cause)}`;
}
