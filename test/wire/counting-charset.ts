import { type Charset, charset } from '../../src/wire/index.js';

/** UTF-8 that records the texts that it encodes. ASCII texts are written without it. */
export function countingCharset(): { set: Charset; encoded: string[] } {
  const encoded: string[] = [];
  const utf8 = charset();
  const encode = (text: string): Buffer | undefined => {
    encoded.push(text);
    return utf8.encode(text);
  };
  return { set: { ...utf8, encode }, encoded };
}
