/** An exchange that a form has no words for; the text says why, and what to take instead. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}
