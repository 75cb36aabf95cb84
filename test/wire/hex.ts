/** Bytes as a person writes them: hex, with spaces wherever they help. */
export function bytes(hex: string): Buffer {
  const digits = hex.replaceAll(/\s+/g, '');
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`no hex: ${hex}`);
  return Buffer.from(digits, 'hex');
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

export function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16BE(value);
  return buffer;
}
