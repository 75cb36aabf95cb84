import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { CharsetError } from './errors.js';

/** The encoding of type 0 strings and keys. */
export interface Charset {
  readonly name: string;
  /** The text of the bytes, or undefined if they are not valid. A decoded text encodes to the same bytes. */
  decode(bytes: Buffer, start: number, end: number): string | undefined;
  /** The bytes of the text, or undefined if the charset cannot express it. */
  encode(text: string): Buffer | undefined;
  /** Whether ASCII text is encoded as ASCII bytes. */
  readonly ascii: boolean;
}

const utf8: Charset = {
  name: 'utf-8',
  ascii: true,
  decode(bytes, start, end) {
    const text = bytes.toString('utf8', start, end);
    return text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end)) ? undefined : text;
  },
  encode: (text) => (text.isWellFormed() ? Buffer.from(text, 'utf8') : undefined),
};

/** Any charset of iconv-lite, for example `windows-1251`, `gb18030` or `shift_jis`. @throws CharsetError */
export function charset(name = 'utf-8'): Charset {
  if (/^utf-?8$/i.test(name)) return utf8;
  if (!iconv.encodingExists(name)) throw new CharsetError('ESP_WIRE_CHARSET', `unknown charset '${name}'`);
  const decode = (bytes: Buffer): string => iconv.decode(bytes, name, { stripBOM: false });
  const encode = (text: string): Buffer => iconv.encode(text, name, { addBOM: false });
  const ascii = Buffer.from(Array.from({ length: 128 }, (_, code) => code));
  // iconv-lite decodes invalid bytes as U+FFFD; a single-byte charset even encodes it, as some such byte.
  const hasReplacement = encode('\ufffd').length > 1;
  const isText = (text: string): boolean => hasReplacement || !text.includes('\ufffd');
  return {
    name,
    ascii: decode(ascii) === ascii.toString('latin1') && encode(ascii.toString('latin1')).equals(ascii),
    decode(bytes, start, end) {
      const part = bytes.subarray(start, end);
      const text = decode(part);
      return isText(text) && encode(text).equals(part) ? text : undefined;
    },
    encode(text) {
      const bytes = encode(text);
      return isText(text) && decode(bytes) === text ? bytes : undefined;
    },
  };
}
