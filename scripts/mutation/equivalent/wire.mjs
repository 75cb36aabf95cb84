export const EQUIVALENT = {
  'src/wire/byte-writer.ts': [
    {
      code: 'constructor(capacity = 512) {',
      why: 'it grows: another capacity takes more or less memory for the same bytes',
    },
    {
      code: 'if (needed <= this.bytes.length) return;',
      from: 'needed <= this.bytes.length',
      why: 'it then grows when it need not',
    },
    {
      code: 'const grown = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));',
      why: 'it has room for what is needed; more of it saves time',
    },
  ],
  'src/wire/charset.ts': [
    {
      code: "return text.includes('\\ufffd') && !isUtf8(bytes.subarray(start, end)) ? undefined : text;",
      from: "'\\ufffd'",
      to: '""',
      why: 'the second check alone gives the same answer, if more slowly',
    },
  ],
  'src/wire/list-encoder.ts': [
    {
      code: 'const ASCII_TRY = 128;',
      why: 'both ways write the same bytes; one is faster for short texts',
    },
    {
      code: 'return this.charset.ascii && text.length <= ASCII_TRY && this.writer.ascii(text);',
      from: 'text.length <= ASCII_TRY',
      why: 'both ways write the same bytes; one is faster for short texts',
    },
    ...['writer.u8(0);', 'writer.u16(0);', 'writer.u32(0);'].map((code) => ({
      ...{ code, from: '0', why: 'reserves the place of a type or length, which is written later' },
    })),
    {
      code: "if (entry.type !== 'int' && entry.value.length > SHORT_MAX) return false;",
      to: 'entry.value.length >= SHORT_MAX',
      why: 'the list around such a value does not fit either',
    },
    {
      code: "if (entry.type !== 'int' && entry.value.length > SHORT_MAX) return false;",
      from: "'int'",
      why: 'for the types: a number has no length, and so none that is over the maximum',
    },
  ],
  'src/wire/message-codec.ts': [
    { code: 'writer.u32(0);', from: '0', why: 'reserves the place of the length, which is written later' },
  ],
  'src/wire/frame-reader.ts': [
    {
      code: 'if (length > this.#partial.length) this.#partial = grow(this.#partial, this.#partialLength, length);',
      to: 'length >= this.#partial.length',
      why: 'it then copies the bytes when it need not',
    },
  ],
  'src/wire/message-entries.ts': [
    ...[
      "return { key: '', type: 'int', value: i32At(bytes, start) };",
      "return { key: '', type: 'bin', value: Buffer.from(bytes.subarray(start, end)) };",
      "return { key: '', type: 'utf16', value: utf16At(bytes, start, end) };",
      "return { key: '', type: 'list', value };",
      "if (value !== undefined) return { key: '', type: 'str', value };",
      "return { key: '', type: 'strx', value: Buffer.from(bytes.subarray(start, end)) };",
    ].map((code) => ({ code, from: "''", why: 'the key is set later' })),
    {
      code: 'return isAscii(key) ? undefined : this.all().find((entry) => entry.key === key);',
      from: 'isAscii(key)',
      to: 'false',
      why: 'all entries are then searched again, in vain',
    },
  ],
  'src/wire/read-bytes.ts': [
    {
      code: 'if (known.length === end - start && isAsciiAt(bytes, start, known)) return known;',
      from: 'end - start',
      why: 'the text is then not found in the cache, and made again',
    },
    { code: 'const SHORT = 24;', why: 'both ways give the same text; one is faster for short texts' },
    {
      code: 'if (!charset.ascii || end - start > SHORT) return charset.decode(bytes, start, end);',
      from: 'end - start > SHORT',
      why: 'both ways give the same text; one is faster for short texts',
    },
    {
      code: "const cache: string[] = new Array<string>(CACHE_SIZE).fill('');",
      from: "''",
      why: 'any text may be cached',
    },
    {
      code: 'if ((bytes[at] as number) > 0x7f) return charset.decode(bytes, start, end);',
      from: '(bytes[at] as number) > 0x7f',
      to: '(bytes[at] as number) >= 0x7f',
      why: 'the general decoder gives the same text',
    },
    {
      code: 'const slot = hash(bytes, start, end) & (CACHE_SIZE - 1);',
      from: 'CACHE_SIZE - 1',
      why: 'another place in the cache: the text found there is compared',
    },
    {
      code: 'for (let at = start; at < end; at++) {',
      from: 'at < end',
      to: 'at <= end',
      why: 'a byte that is not ASCII only leads to the general decoder, which gives the same text',
    },
    {
      code: "if (end - start > 2 * SHORT) return Buffer.from(bytes.subarray(start, end)).swap16().toString('utf16le');",
      why: 'both ways give the same text; one is faster for short texts',
    },
    ...[
      'const length = end - start;',
      'const last = length > 0 ? (bytes[end - 1] as number) : 0;',
      'const before = length > 1 ? (bytes[end - 2] as number) : 0;',
      'const middle = length > 2 ? (bytes[start + (length >> 1)] as number) : 0;',
      'const mixed = Math.imul((last << 16) ^ (before << 8) ^ middle ^ (length << 24), 0x9e3779b1);',
      'return mixed ^ (mixed >>> 15);',
    ].map((code) => ({ code, why: 'a hash: any other finds the same texts, if less often' })),
  ],
};
