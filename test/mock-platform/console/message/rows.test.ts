import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonEntry } from '../../../../mock-platform/console/api/types.js';
import { type EditRow, fromRows, newRow, TYPES, toRows } from '../../../../mock-platform/console/message/rows.js';

const row = (change: Partial<EditRow>): EditRow => ({ ...newRow(), ...change });

const { entry } = fc.letrec<{ entry: JsonEntry }>((tie) => ({
  entry: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(fc.string({ minLength: 1 }), fc.constantFrom('str' as const, 'utf16' as const), fc.string()),
    fc.tuple(fc.string({ minLength: 1 }), fc.constant('int' as const), fc.integer()),
    fc.tuple(fc.constant({ hex: 'ff' }), fc.constant('bin' as const), fc.constantFrom('', '00', 'c0ffee')),
    fc.tuple(fc.string({ minLength: 1 }), fc.constant('list' as const), fc.array(tie('entry'), { maxLength: 3 })),
  ),
}));

describe('rows of an editor', () => {
  it('hold any list without changing it', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (list) => {
        expect(fromRows(toRows(list))).toEqual(list);
      }),
    );
  });

  it('leave out empty rows, but not those with a key or a value', () => {
    expect(fromRows([newRow(), row({ key: 'a' }), row({ text: 'b' })])).toEqual([
      ['a', 'str', ''],
      ['', 'str', 'b'],
    ]);
  });

  it('accept hex with spaces', () => {
    expect(fromRows([row({ key: 'a', type: 'bin', text: 'C0 FF ee' })])).toEqual([['a', 'bin', 'c0ffee']]);
  });

  it.each([
    ['int', '1.5', "Address.Zip: '1.5' is not an int (-2147483648 to 2147483647)"],
    ['int', '2147483648', "Address.Zip: '2147483648' is not an int (-2147483648 to 2147483647)"],
    ['int', '', "Address.Zip: '' is not an int (-2147483648 to 2147483647)"],
    ['bin', 'abc', "Address.Zip: 'abc' is not hex (two digits 0-9, a-f per byte)"],
    ['strx', 'zz', "Address.Zip: 'zz' is not hex (two digits 0-9, a-f per byte)"],
  ] as const)('say which %s is none: %j', (type, text, problem) => {
    const inner = row({ key: 'Zip', type, text });
    expect(() => fromRows([row({ key: 'Address', type: 'list', rows: [inner] })])).toThrow(problem);
  });
});

describe('a row', () => {
  it('has one of the kinds of the protocol', () => {
    expect(TYPES).toEqual(['str', 'utf16', 'int', 'bin', 'strx', 'list']);
  });

  it('is named by its key, however it is written', () => {
    const wrong = { type: 'int', text: 'x' } as const;
    expect(() => fromRows([row(wrong)])).toThrow("(no key): 'x' is not an int");
    expect(() => fromRows([row({ ...wrong, key: { hex: 'ff' } })])).toThrow("0xff: 'x' is not an int");
    expect(fromRows([row({ type: 'list', rows: [newRow()] })])).toEqual([['', 'list', []]]);
    expect(fromRows([row({ type: 'list' })])).toEqual([]);
  });
});
