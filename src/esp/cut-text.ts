/**
 * The text, or its first `most` characters and `... (N more characters)`. It never splits a surrogate pair, and what it
 * cuts is a copy: a slice would keep the whole text in memory.
 */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = isHighSurrogate(text.charCodeAt(most - 1)) && isLowSurrogate(text.charCodeAt(most)) ? most - 1 : most;
  const head = Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le');
  return `${head}... (${text.length - end} more characters)`;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
