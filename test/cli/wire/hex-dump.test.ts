import { describe, expect, it } from '@jest/globals';
import { DumpBlocks, dumpLine } from '../../../src/cli/wire/hex-dump.js';

/** The offset and the bytes of a line. */
const read = (text: string) => {
  const line = dumpLine(text);
  return line && [line.offset, line.bytes.toString('hex')];
};
const EIGHT = '00 01 02 03 04 05 06 07';
const NEXT = '08 09 0a 0b 0c 0d 0e 0f';
const bytes = (pairs: string): string => pairs.replaceAll(' ', '');

describe('a line of a dump', () => {
  it.each<[string, number, string]>([
    ['0x0010:  4500 003c  E..<', 0x10, '4500003c'],
    ['\t0x0010:  4500 003c', 0x10, '4500003c'],
    ['00000010: 4500 3c', 0x10, '45003c'],
    ['00000000000000ff: 45', 0xff, '45'],
    ['00FF: AB CD', 0xff, 'abcd'],
    ['0000: 41  a: 42', 0, '41'],
    ['0000:  00010203  ....', 0, '00010203'],
    [`0010  ${EIGHT}`, 0x10, bytes(EIGHT)],
    [`0010   ${EIGHT} ${NEXT}   ................`, 0x10, bytes(EIGHT + NEXT)],
    [`00000010  ${EIGHT}  ${NEXT}  |................|`, 0x10, bytes(EIGHT + NEXT)],
    [`00000010  ${EIGHT}  08                       |.........|`, 0x10, bytes(`${EIGHT}08`)],
    [`00000010  ${EIGHT}  |........|`, 0x10, bytes(EIGHT)],
    [`00000010  ${EIGHT}  text`, 0x10, bytes(EIGHT)],
    ['00000010  00 01 02  03 04', 0x10, '000102'],
    [`00000010  ${EIGHT} 08  09`, 0x10, bytes(`${EIGHT}08`)],
    [`00000010  ${EIGHT}   08`, 0x10, bytes(EIGHT)],
    [`00000010  ${EIGHT}  0a-b`, 0x10, bytes(EIGHT)],
    ['00FF  AB CD', 0xff, 'abcd'],
    ['0000  41', 0, '41'],
  ])('%j', (text, offset, hex) => expect(read(text)).toEqual([offset, hex]));

  it.each([
    '',
    '000: 45',
    '0123456789abcdef0: 45',
    'x0010: 4500',
    '12:0010: 4500',
    '0010:4500',
    '0010: 450',
    '0010: words',
    '0010: 4500 x',
    '0010:  45 0',
    '000  45',
    '0010 45',
    'x0010  45',
    '0010  4',
    '0010  45x',
    '0010  words',
    '0010  x 45',
    `0010  ${EIGHT} ${NEXT} 10`,
  ])('is not %j', (text) => expect(read(text)).toBeUndefined());
});

describe('the blocks of a dump', () => {
  const line = (offset: number, hex: string) => ({ offset, bytes: Buffer.from(hex, 'hex') });
  const block = (hex: string, first: number) => ({ bytes: Buffer.from(hex, 'hex'), line: first });

  it('start at offset 0, and end with the next or with the dump', () => {
    const blocks = new DumpBlocks();
    expect(blocks.begun).toBe(false);
    expect(blocks.add(line(0, '0102'), 3)).toBeUndefined();
    expect(blocks.begun).toBe(true);
    expect(blocks.add(line(2, '03'), 4)).toBeUndefined();
    expect(blocks.add(line(0, '04'), 5)).toEqual(block('010203', 3));
    expect(blocks.take()).toEqual(block('04', 5));
    expect(blocks.take()).toBeUndefined();
    expect(blocks.begun).toBe(false);
  });

  it('lose their rest with a missing line', () => {
    const blocks = new DumpBlocks();
    blocks.add(line(0, '01'), 1);
    expect(() => blocks.add(line(0x10, '02'), 2)).toThrow(
      'a line of the dump is missing: expected offset 0001, found 0010',
    );
    expect(blocks.begun).toBe(true);
    expect(blocks.add(line(0x20, '03'), 3)).toBeUndefined();
    expect(['*', ' 00000030 ', 'words'].map((text) => blocks.mark(text))).toEqual([true, true, false]);
    expect(blocks.add(line(0, '04'), 4)).toBeUndefined();
    expect(blocks.add(line(1, '05'), 5)).toBeUndefined();
    expect(blocks.take()).toEqual(block('0405', 4));
    expect(blocks.mark('*')).toBe(false);
  });

  it('repeat their last line at an asterisk, up to the next line or the end', () => {
    const blocks = new DumpBlocks();
    blocks.add(line(0, 'aabb'), 1);
    blocks.add(line(2, '0102'), 2);
    expect(blocks.mark(' * ')).toBe(true);
    blocks.add(line(8, '03'), 4);
    blocks.add(line(9, '04'), 5);
    expect(blocks.take()).toEqual(block('aabb0102010201020304', 1));
    blocks.add(line(0, 'ff'), 1);
    blocks.mark('*');
    expect(blocks.mark('00000003')).toBe(true);
    expect(blocks.take()).toEqual(block('ffffff', 1));
  });

  it.each<[string, number, string]>([
    ['in the middle of a line', 5, 'found 0005'],
    ['before the last one ends', 1, 'found 0001'],
    ['after more than a message may have', (256 << 20) + 4, 'found 10000004'],
  ])('repeat nothing if the next line is %s', (_where, offset, why) => {
    const blocks = new DumpBlocks();
    blocks.add(line(0, '0102'), 1);
    blocks.mark('*');
    expect(() => blocks.add(line(offset, '03'), 3)).toThrow(`expected offset 0002, ${why}`);
  });

  it('forget an asterisk with the block', () => {
    const blocks = new DumpBlocks();
    blocks.add(line(0, '01'), 1);
    blocks.mark('*');
    blocks.add(line(0, '02'), 2);
    expect(() => blocks.add(line(3, '03'), 3)).toThrow('expected offset 0001, found 0003');
  });

  it('forget an asterisk after its lines', () => {
    const blocks = new DumpBlocks();
    blocks.add(line(0, '01'), 1);
    blocks.mark('*');
    blocks.add(line(1, '02'), 2);
    expect(() => blocks.add(line(5, '03'), 3)).toThrow('expected offset 0002, found 0005');
  });

  it.each<[string, boolean]>([
    ['00000002', true],
    ['0000002', true],
    [' 00000002\r', true],
    ['0000000a', false],
    ['000002', false],
    ['000000002', false],
    ['x0000002', false],
    ['00000002x', false],
    ['00000003', false],
    ['**', false],
  ])('end with a final offset: %j', (text, ends) => {
    const blocks = new DumpBlocks();
    expect([blocks.mark(text), blocks.mark('*')]).toEqual([false, false]);
    blocks.add(line(0, '0102'), 1);
    expect(blocks.mark(text)).toBe(ends);
  });

  it('have a hexadecimal final offset', () => {
    const blocks = new DumpBlocks();
    blocks.add(line(0, '00'.repeat(0x1a)), 1);
    expect(blocks.mark('0000001A')).toBe(true);
    expect(blocks.mark('00000026')).toBe(false);
  });
});
