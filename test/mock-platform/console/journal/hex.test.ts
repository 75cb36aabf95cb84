import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FrameRange, JsonMessage } from '../../../../mock-platform/console/api/types.js';
import { HexFrame, offsetText, roleOf } from '../../../../mock-platform/console/journal/hex.js';
import { framed } from '../fake/frame.ts';

const range = (start: number, end: number, label: string, depth = 0): FrameRange => ({ start, end, label, depth });

/** 4 bytes of length, then a list with two entries; byte 12 is only in the list. */
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
  it('has its bytes', () => {
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

  it('splits a row into runs of one field and selection', () => {
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

  it('covers each byte with exactly one run, for any nesting of fields', () => {
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

  it('pads offsets to the digits of the last one', () => {
    expect([offsetText(16, 100), offsetText(16, 0x12345)]).toEqual(['0010', '00010']);
  });
});

describe('the fields of a message', () => {
  const message: JsonMessage = {
    messageId: 500,
    referenceId: 7,
    request: [
      ['Service', 'str', 'S'],
      [
        'Parameters',
        'list',
        [
          ['Id', 'utf16', '+1'],
          ['In', 'list', [['Deep', 'bin', 'ff']]],
        ],
      ],
      ['Version', 'str', '1.0'],
    ],
    userData: null,
  };
  const { hex, ranges } = framed(message);
  const whole = new HexFrame(hex, ranges);
  const placed = (find: (range: FrameRange) => boolean): readonly string[] =>
    whole.namesOf(whole.fields.findIndex(find));
  const valued = (value: unknown) => placed((range) => range.label === 'value' && range.value === value);

  it('have names from the lists around them', () => {
    expect(valued('+1')).toEqual(['Request', 'Parameters', 'Id']);
    expect(valued('S')).toEqual(['Request', 'Service']);
    expect(valued('1.0')).toEqual(['Request', 'Version']);
    expect(valued(7)).toEqual(['ReferenceId']);
    expect(valued(undefined)).toEqual(['Request', 'Parameters', 'In', 'Deep']);
    expect(placed(({ label }) => label === 'length')).toEqual([]);
    expect(whole.namesOf(-1)).toEqual([]);
  });

  it('have names before their key', () => {
    const at = whole.fields.findIndex(({ label, value }) => label === 'key' && value === 'Id');
    expect(whole.namesOf(at - 2)).toEqual(['Request', 'Parameters', 'Id']);
  });

  it('have roles', () => {
    expect(whole.fields.slice(0, 4).map(roleOf)).toEqual(['structure', 'structure', 'name', 'name']);
    expect(roleOf(undefined)).toBe('structure');
    expect(roleOf(range(0, 1, 'key'))).toBe('key');
    expect(roleOf(range(0, 1, 'not understood'))).toBe('unknown');
  });
});

describe('a field without bytes, and one at the first byte', () => {
  const made = new HexFrame('0001', [range(0, 1, 'one'), range(1, 1, 'empty'), range(1, 2, 'two')]);
  it('are found', () => {
    expect([0, 1, 2].map((offset) => made.fields[made.fieldAt(offset)]?.label)).toEqual(['one', 'two', undefined]);
    expect(made.fieldAt(2)).toBe(-1);
    expect(new HexFrame('00', []).fieldAt(0)).toBe(-1);
    expect([made.contains(0, 0), made.contains(0, 1), made.contains(7, 0)]).toEqual([true, false, false]);
  });
  it('are printable from space to tilde', () => {
    const edges = new HexFrame('1f207e7f', []);
    expect([0, 1, 2, 3].map((offset) => edges.character(offset)).join('')).toBe('· ~·');
  });
});

describe('the name of an entry', () => {
  const entries = [
    range(0, 20, 'attribute id', 1),
    range(1, 9, 'entry type', 2),
    range(2, 4, 'value', 2),
    range(5, 6, 'attribute id', 1),
    range(9, 12, 'entry type', 2),
    { ...range(10, 11, 'key', 3), value: 'deeper' },
    { ...range(11, 12, 'key', 2), value: 'Id' },
  ].map((one, index) => (one.label === 'attribute id' ? { ...one, value: `Attribute${index}` } : one));
  const made = new HexFrame('00'.repeat(20), entries);
  it('is the key of its own list, not of a neighbouring or nested one', () => {
    const names = made.fields.map((_, field) => made.namesOf(field).join('.'));
    expect(names).toEqual([
      'Attribute0',
      'Attribute0.?',
      'Attribute0.?',
      'Attribute3',
      'Attribute3.Id',
      '',
      'Attribute3.Id',
    ]);
  });
});
