import { describe, expect, it } from '@jest/globals';
import { parseField, parseFields, sampleOf, schemaOf, wordOf } from '../../../src/cli/new/field.js';

describe('a parameter', () => {
  it.each([
    ['Account', 'Account: z.string()', "Account: 'some Account'", 'Account=someAccount'],
    ['Account:string', 'Account: z.string()', "Account: 'some Account'", 'Account=someAccount'],
    ['Count:int?', 'Count: z.int().optional()', 'Count: 1', 'Count:=1'],
    ['Tags:string[]', 'Tags: z.array(z.string())', "Tags: ['some Tags', 'more Tags']", 'Tags=someTags'],
    [
      'Raw:binary[]?',
      'Raw: z.array(z.instanceof(Uint8Array)).optional()',
      'Raw: [Uint8Array.of(1), Uint8Array.of(2)]',
      'Raw:hex=01',
    ],
    [
      'More:list',
      'More: z.record(z.string(), z.union([z.string(), z.int()]))',
      "More: { Key: 'value' }",
      `More:='{"Key":"value"}'`,
    ],
  ])('%s', (text, schema, sample, word) => {
    const field = parseField(text);
    expect([schemaOf(field), sampleOf(field), wordOf(field)]).toEqual([schema, sample, word]);
  });

  it.each([
    ['', /^'' is no parameter: name:type, types string, int, list, binary/],
    ['a b:string', /names are letters, digits and _, a letter first$/],
    ['1a', /is no parameter/],
    ['__proto__', /is no parameter/],
    ['a:', /there is no type ''/],
    ['a:text', /^'a:text': there is no type 'text'; name:type, types string/],
    ['a:string?[]', /is no parameter/],
    ['_umsChannel:string', /^_umsChannel is read by the host: .* --channel TYPE$/],
  ])('is not %j', (text, message) => expect(() => parseField(text)).toThrow(message));

  it('is there once', () => expect(() => parseFields(['a', 'b:int', 'a:int'])).toThrow('a is there twice'));
});
