import { describe, expect, it } from '@jest/globals';
import { parseField, parseFields, sampleOf, schemaOf, wordOf } from '../../../src/cli/new/fields.js';

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
    ['', /^'' is not a parameter: expected name:type, where type is string, int, list, binary/],
    ['a b:string', /names have letters, digits and _, and start with a letter$/],
    ['1a', /is not a parameter/],
    ['__proto__', /is not a parameter/],
    ['a:', /has the unknown type ''/],
    ['a:text', /^'a:text' has the unknown type 'text': expected name:type, where type is string/],
    ['a:string?[]', /is not a parameter/],
    ['_umsChannel:string', /^_umsChannel is read by the host: .* with --channel$/],
  ])('is not %j', (text, message) => expect(() => parseField(text)).toThrow(message));

  it('may have spaces around it', () => expect(parseField(' Count:int ')).toEqual(parseField('Count:int')));

  it('must not be repeated', () => expect(() => parseFields(['a', 'b:int', 'a:int'])).toThrow('duplicate parameter a'));
});
