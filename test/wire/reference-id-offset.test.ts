import { describe, expect, it } from '@jest/globals';
import { referenceIdOffset, WireError } from '../../src/wire/index.js';
import { bytes } from './hex.js';
import { bodyOf, bytesOf } from './streams.js';
import { vectors } from './vectors.js';

/** Where a relay finds the ReferenceId that it puts its own in place of. */

const offset = (hex: string): number | undefined => referenceIdOffset(bytes(hex), 0, bytes(hex).length);

describe('the ReferenceId of a body', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    const body = bodyOf(bytesOf(vector));
    const at = referenceIdOffset(body, 0, body.length);
    expect(at).toBe(10);
    expect(body.readInt32BE(10)).toBe(vector.referenceId);
  });

  it.each([
    ['first', '02 000001f4 00000000 69 00000011 00000001 62 0004 0000', 10],
    ['behind a short list', '02 000001f4 00000002 62 000a 0001 00 0001 6b 0000 00000000 69 00000011', 25],
    ['behind a long list', '02 000001f4 00000001 42 00000002 0000 00000000 69 00000011', 21],
    ['behind an unknown int', '02 000001f4 00000007 69 00000005 00000000 69 00000011', 19],
  ])('%s', (_what, hex, at) => {
    expect(offset(hex)).toBe(at);
    expect(bytes(hex).readInt32BE(at)).toBe(17);
  });

  it('counts from the start of the bytes, wherever the body lies in them', () => {
    const stream = bytes('ffffffff 01 000001f4 00000000 69 00000011 ffff');
    expect(referenceIdOffset(stream, 4, 18)).toBe(14);
  });

  it.each([
    ['no attributes', '00 000001f4'],
    ['no ReferenceId', '01 000001f4 00000001 62 0004 0000'],
    ['one behind the attributes that are counted', '00 000001f4 00000000 69 00000011'],
    ['one that is cut', '01 000001f4 00000000 69 0000'],
    ['no bytes', ''],
  ])('is nowhere: %s', (_what, hex) => expect(offset(hex)).toBeUndefined());

  it('is not searched after a list with an invalid length', () => {
    expect(() => offset('02 000001f4 00000001 62 ffff 0000 00000000 69 00000011')).toThrow(WireError);
  });
});
