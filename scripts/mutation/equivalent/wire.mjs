export const EQUIVALENT = {
  'src/wire/list-encoder.ts': [
    {
      code: "if (entry.type !== 'int' && entry.value.length > SHORT_MAX) return false;",
      from: "'int'",
      why: 'for the types: a number has no length, and so none that is over the maximum',
    },
  ],
  'src/wire/message-codec.ts': [
    { code: 'writer.u32(0);', from: '0', why: 'reserves the place of the length, which is written later' },
  ],
  'src/wire/read-bytes.ts': [
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
