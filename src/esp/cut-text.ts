/** The text, or its first `most` characters and `... (N more characters)`. It never splits a surrogate pair. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = headOf(text, most);
  return `${head}... (${text.length - head.length} more characters)`;
}

/** The first `most` characters, one fewer where a surrogate pair would be split: a copy, for a slice keeps the whole text. */
export function headOf(text: string, most: number): string {
  const end = isHighSurrogate(text.charCodeAt(most - 1)) && isLowSurrogate(text.charCodeAt(most)) ? most - 1 : most;
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le');
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
