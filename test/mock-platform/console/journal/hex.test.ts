import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FrameRange } from '../../../../mock-platform/console/api/types.js';
import { HexFrame, offsetText } from '../../../../mock-platform/console/journal/hex.js';

const range = (start: number, end: number, label: string, depth = 0): FrameRange => ({ start, end, label, depth });

/** 4 bytes of length, then a list with two entries; byte 12 is in the list alone. */
const RANGES = [
  range(0, 4, 'length'),
  range(4, 13, 'list'),
  range(4, 6, 'first', 1),
  range(6, 12, 'second', 1),
  range(8, 10, 'key', 2),
];
const frame = new HexFrame('0000000941420002494463ff00', RANGES.toReversed());

const labelAt = (offset: number): string | undefined => frame.fields[frame.fieldAt(offset)]?.label;

describe('a frame', () => {
  it('knows its bytes', () => {
    expect(frame.length).toBe(13);
    expect([frame.byte(3), frame.byte(11), frame.byte(13)]).toEqual(['09', 'ff', '']);
    expect([4, 5, 6, 11].map((offset) => frame.character(offset)).join('')).toBe('AB··');
    expect([frame.rows(8), frame.rows(13), frame.rows(16)]).toEqual([2, 1, 1]);
  });

  it('lists its fields by their first byte, the outer ones first', () => {
    expect(frame.fields.map(({ label }) => label)).toEqual(['length', 'list', 'first', 'second', 'key']);
  });

  it.each([
    [0, 'length'],
    [3, 'length'],
    [4, 'first'],
    [6, 'second'],
    [8, 'key'],
    [10, 'second'],
    [12, 'list'],
    [13, undefined],
  ])('finds the innermost field of byte %i: %s', (offset, label) => expect(labelAt(offset)).toBe(label));

  it('knows what each field lies in', () => {
    const path = (label: string): string[] =>
      frame.pathOf(frame.fields.findIndex((field) => field.label === label)).map((field) => field.label);
    expect(path('key')).toEqual(['list', 'second', 'key']);
    expect(path('second')).toEqual(['list', 'second']);
    expect(path('length')).toEqual(['length']);
    expect(frame.pathOf(-1)).toEqual([]);
  });

  it('cuts a row into runs of one field, and of what is selected', () => {
    const second = frame.fields.findIndex(({ label }) => label === 'second');
    const runs = frame.runs(0, 8, second).map(({ offset, length, selected }) => [offset, length, selected]);
    expect(runs).toEqual([
      [0, 4, false],
      [4, 2, false],
      [6, 2, true],
    ]);
    expect(frame.runs(1, 8, second).map(({ length, selected }) => [length, selected])).toEqual([
      [2, true],
      [2, true],
      [1, false],
    ]);
  });

  it('covers each byte with runs once, however its fields lie in each other', () => {
    const nested = fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.nat(4)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), nested, fc.constantFrom(8, 16), (length, all, perRow) => {
        const ranges = all.map(([a, b, depth]) => range(Math.min(a, b), Math.max(a, b) + 1, 'x', depth));
        const made = new HexFrame('ab'.repeat(length), ranges);
        const runs = Array.from({ length: made.rows(perRow) }, (_, row) => made.runs(row, perRow, 0)).flat();
        let next = 0;
        for (const { offset, length: size } of runs) {
          expect(offset).toBe(next);
          next += size;
        }
        expect(next).toBe(length);
      }),
    );
  });

  it('writes offsets with as many digits as the longest needs', () => {
    expect([offsetText(16, 100), offsetText(16, 0x12345)]).toEqual(['0010', '00010']);
  });
});
