/** The text, or its first `limit` characters and `... (N more characters)`. Never splits a surrogate pair. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = headOf(text, limit);
  return `${head}... (${text.length - head.length} more characters)`;
}

/** The first `limit` characters, one fewer to keep a surrogate pair whole. A copy: a slice would pin the whole text. */
export function headOf(text: string, limit: number): string {
  const end = isHighSurrogate(text.charCodeAt(limit - 1)) && isLowSurrogate(text.charCodeAt(limit)) ? limit - 1 : limit;
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le');
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
