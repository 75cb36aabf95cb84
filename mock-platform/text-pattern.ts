/** Whether a text is the one that was meant. */
export type TextPattern = (text: string) => boolean;

/** A text that is written as a pattern and is none; the message quotes it. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** `DMS` is that very text; `/^\+1/` and `/dms/i` are regular expressions. @throws PatternError */
export function textPattern(meant: string): TextPattern {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(meant) ?? [];
  if (source === undefined) return (text) => text === meant;
  try {
    const expression = new RegExp(source, flags?.replaceAll(/[gy]/g, ''));
    return (text) => expression.test(text);
  } catch (error) {
    throw new PatternError(`${meant}: ${(error as Error).message}`);
  }
}
