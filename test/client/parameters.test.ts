import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatParameters, parameterWords, parseParameters } from '../../src/client/parameters.js';
import { type JsonEntry, KeyValueList, listFromJson, listToJson } from '../../src/esp/index.js';
import { anyList } from '../wire/arbitraries.js';

const parsed = (...words: string[]): JsonEntry[] => listToJson(parseParameters(words));
const printed = (...entries: JsonEntry[]): string[] => formatParameters(listFromJson(entries)).split('\n').slice(0, -1);

describe('a parameter', () => {
  it.each<[string, JsonEntry]>([
    ['Name=text', ['Name', 'str', 'text']],
    ['Name=', ['Name', 'str', '']],
    ['Name=5', ['Name', 'str', '5']],
    ['Name=a=b:=c', ['Name', 'str', 'a=b:=c']],
    ['Name=line\nbreak', ['Name', 'str', 'line\nbreak']],
    ['Name= é "q" ', ['Name', 'str', ' é "q" ']],
    ['a:b=c', ['a:b', 'str', 'c']],
    ['a b=c', ['a b', 'str', 'c']],
    ['a"b={', ['a"b', 'str', '{']],
    ['Name:=5', ['Name', 'int', 5]],
    ['Name:=-2147483648', ['Name', 'int', -2_147_483_648]],
    ['Name:="text"', ['Name', 'str', 'text']],
    ['Name:="5"', ['Name', 'str', '5']],
    ['Name:={}', ['Name', 'list', []]],
    ['Name:={"a":"b"}', ['Name', 'list', [['a', 'str', 'b']]]],
    [
      'Name:= {"a": {"n": 1}, "b": ""}',
      [
        'Name',
        'list',
        [
          ['a', 'list', [['n', 'int', 1]]],
          ['b', 'str', ''],
        ],
      ],
    ],
    [
      'Name:=[["a","utf16","x"],["a","bin","00ff"]]',
      [
        'Name',
        'list',
        [
          ['a', 'utf16', 'x'],
          ['a', 'bin', '00ff'],
        ],
      ],
    ],
    ['Name:={"a":[["b","strx","ff"]]}', ['Name', 'list', [['a', 'list', [['b', 'strx', 'ff']]]]]],
    ['Photo:hex=00fF', ['Photo', 'bin', '00ff']],
    ['Photo:hex=', ['Photo', 'bin', '']],
    ['City:strx=cceef1', ['City', 'strx', 'cceef1']],
    ['City:utf16=Köln', ['City', 'utf16', 'Köln']],
    ['City:utf16=', ['City', 'utf16', '']],
    ['City:hexa=1', ['City:hexa', 'str', '1']],
    ['"a=b"=text', ['a=b', 'str', 'text']],
    ['"":=5', ['', 'int', 5]],
    [String.raw`"\"\n":hex=00`, ['"\n', 'bin', '00']],
    ['{"hex":"cae8"}={"a":1}', [{ hex: 'cae8' }, 'str', '{"a":1}']],
    ['{"hex":"cae8"}:={"a":1}', [{ hex: 'cae8' }, 'list', [['a', 'int', 1]]]],
  ])('%s', (word, expected) => expect(parsed(word)).toEqual([expected]));

  it('may come again, and keeps its place', () => {
    expect(parsed('b=1', 'a=2', 'b=3')).toEqual([
      ['b', 'str', '1'],
      ['a', 'str', '2'],
      ['b', 'str', '3'],
    ]);
  });
});

it('a list of values in an object repeats its key, and a list of entries is a list', () => {
  expect(parsed('Filter:={"Tags":["x","y",{"z":1}],"N":[1,2]}')).toEqual([
    [
      'Filter',
      'list',
      [
        ['Tags', 'str', 'x'],
        ['Tags', 'str', 'y'],
        ['Tags', 'list', [['z', 'int', 1]]],
        ['N', 'int', 1],
        ['N', 'int', 2],
      ],
    ],
  ]);
  const entries = [['L', 'list', [['a', 'str', 'b']]]];
  expect(parsed('L:=[["a","str","b"]]')).toEqual(entries);
  expect(parsed('F:={"L":[["a","str","b"]]}')).toEqual([['F', 'list', entries]]);
  expect(parsed('L:=[]')).toEqual([['L', 'list', []]]);
  expect(() => parsed('F:={"Tags":["x",true]}')).toThrow('true is not a string, 32-bit integer or list');
});

it('a list is printed as an object, unless its keys are numbers, which an object puts first', () => {
  const list = (key: string): string[] => printed(['L', 'list', [[key, 'int', 1]]]);
  expect([list('7a'), list('a7')]).toEqual([['L:={"7a":1}'], ['L:={"a7":1}']]);
  expect([list('7'), list('77')]).toEqual([['L:=[["7","int",1]]'], ['L:=[["77","int",1]]']]);
});

describe('a word that is not a parameter', () => {
  const form = `write a parameter as Name=text, Name:=5 or Name:='{"a":"b"}'`;
  const type = 'is not a string, 32-bit integer or list';
  it.each([
    ['', form],
    ['Name', form],
    ['=text', form],
    ['=a=b', form],
    ['"Name=text', form],
    ['{"hex":5}=text', form],
    [':=5', form],
    [':hex=00', form],
    ['Name:=', 'the value after := must be JSON: an int, a string, or an object for a list'],
    ['Name:=text', 'the value after := must be JSON: an int, a string, or an object for a list'],
    ['Name:=1.5', `1.5 ${type}`],
    ['Name:=2147483648', `2147483648 ${type}`],
    ['Name:=true', `true ${type}`],
    ['Name:=null', `null ${type}`],
    ['Name:={"a":{"b":null}}', `null ${type}`],
    ['Name:=[1]', 'list[0]: an entry must be [key, type, value]'],
    ['Name:=[["a","text","b"]]', 'list[0][1]: unknown type "text"; use str, strx, int, bin, utf16 or list'],
    ['Name:hex=0', 'list[0][2]: bytes must be hex, two digits a byte'],
    ['Name:strx=0g', 'list[0][2]: bytes must be hex, two digits a byte'],
    [String.raw`"\q"=text`, 'a quoted name must be a JSON string'],
    ['{"hex":"f"}=text', 'list[0][0]: bytes must be hex, two digits a byte'],
  ])('%j', (word, why) => expect(() => parseParameters([word])).toThrow(`'${word}': ${why}`));
});

describe('a list is printed, a line a parameter:', () => {
  it.each<[JsonEntry, string]>([
    [['Id', 'str', '+1 (631) 555=1002'], 'Id=+1 (631) 555=1002'],
    [['Id', 'utf16', 'é中'], 'Id=é中'],
    [['Id', 'str', ''], 'Id='],
    [['Count', 'int', -5], 'Count:=-5'],
    [['Text', 'str', 'a\r\nb\t'], String.raw`Text:="a\r\nb\t"`],
    [['Text', 'str', '\u001b[31mred\u009b0m'], String.raw`Text:="\u001b[31mred\u009b0m"`],
    [['Text', 'str', 'a\u2028b'], String.raw`Text:="a\u2028b"`],
    [['Text', 'utf16', '\ud800'], String.raw`Text:="\ud800"`],
    [['Photo', 'bin', '00ff'], 'Photo:hex=00ff'],
    [['City', 'strx', 'cceef1'], 'City:strx=cceef1'],
    [['a=b', 'str', 'c'], '"a=b"=c'],
    [['a:', 'str', 'c'], '"a:"=c'],
    [['a:hex', 'str', 'c'], '"a:hex"=c'],
    [['a:utf16', 'str', 'c'], '"a:utf16"=c'],
    [['a:b', 'str', 'c'], 'a:b=c'],
    [['a:hexa', 'str', 'c'], 'a:hexa=c'],
    [['a"{', 'str', 'c'], 'a"{=c'],
    [['', 'int', 1], '"":=1'],
    [['{', 'int', 1], '"{":=1'],
    [['a\nb', 'int', 1], String.raw`"a\nb":=1`],
    [[{ hex: 'cae8' }, 'str', 'x'], '{"hex":"cae8"}=x'],
    [['List', 'list', [['a', 'str', 'b\n']]], String.raw`List:={"a":"b\n"}`],
    [['List', 'list', [['a', 'list', [['n', 'int', 1]]]]], 'List:={"a":{"n":1}}'],
    [['List', 'list', []], 'List:={}'],
    [
      [
        'Twice',
        'list',
        [
          ['a', 'str', 'b'],
          ['a', 'int', 1],
        ],
      ],
      'Twice:=[["a","str","b"],["a","int",1]]',
    ],
    [['Bytes', 'list', [['a', 'bin', '00']]], 'Bytes:=[["a","bin","00"]]'],
    [['Key', 'list', [[{ hex: 'ff' }, 'int', 1]]], 'Key:=[[{"hex":"ff"},"int",1]]'],
    [
      [
        'Order',
        'list',
        [
          ['2', 'str', 'b'],
          ['1', 'str', 'a'],
        ],
      ],
      'Order:=[["2","str","b"],["1","str","a"]]',
    ],
    [['Proto', 'list', [['__proto__', 'str', 'x']]], 'Proto:={"__proto__":"x"}'],
  ])('%j', (entry, line) => {
    expect(printed(entry)).toEqual([line]);
  });

  it('nothing for an empty one', () => expect(formatParameters(new KeyValueList())).toBe(''));
});

/** UTF-16 is printed as the other strings are. */
const asStrings = (entries: JsonEntry[]): JsonEntry[] =>
  entries.map(([key, type, value]) => [
    key,
    type === 'utf16' ? 'str' : type,
    Array.isArray(value) ? asStrings(value) : value,
  ]);

it('printed parameters can be sent again', () => {
  fc.assert(
    fc.property(anyList, (entries) => {
      expect(asStrings(parsed(...printed(...entries)))).toEqual(asStrings(entries));
    }),
    { numRuns: 1000 },
  );
});

it('words express exactly their values', () => {
  fc.assert(
    fc.property(anyList, (entries) => {
      expect(parsed(...parameterWords(listFromJson(entries)))).toEqual(entries);
    }),
    { numRuns: 1000 },
  );
});
