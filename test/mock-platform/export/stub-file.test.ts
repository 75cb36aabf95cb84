import { describe, expect, it } from '@jest/globals';
import { EspFault, EspRequest, type JsonEntry, listFromJson, MessageId } from '#wire';
import { answerAs, bySpecificity, type Match, matchKey, matchOf } from '../../../mock-platform/export/stub-file.js';
import { faultTo, responseTo } from '../../../src/wire.js';

const requestOf = (parameters: JsonEntry[] | undefined, text: 'str' | 'utf16' = 'str'): EspRequest =>
  new EspRequest({
    messageId: MessageId.Request3rdServer,
    referenceId: 7,
    request: listFromJson([
      ['Service', text, 'Greeting'],
      ['Method', text, 'Greet'],
      ...(parameters === undefined ? [] : [['Parameters', 'list', parameters] satisfies JsonEntry]),
    ]),
    userData: undefined,
  });

const PRESENT = { present: true };
const nested = (depth: number, value: JsonEntry): JsonEntry =>
  depth === 0 ? value : ['L', 'list', [nested(depth - 1, value)]];

describe('the conditions of a stub', () => {
  it.each<[string, JsonEntry[] | undefined, object | undefined]>([
    ['no Parameters', undefined, undefined],
    ['empty Parameters', [], undefined],
    [
      'texts and numbers',
      [
        ['A', 'str', 'x'],
        ['B', 'int', 1],
        ['C', 'utf16', 'y'],
      ],
      { A: 'x', B: 1, C: 'y' },
    ],
    [
      'bytes',
      [
        ['A', 'bin', '00'],
        ['B', 'strx', 'ff'],
      ],
      { A: PRESENT, B: '\ufffd' },
    ],
    [
      'secrets',
      [
        ['password', 'str', 'x'],
        ['A', 'str', 'http://u:p@h/'],
        ['token', 'list', [['A', 'int', 1]]],
      ],
      { password: PRESENT, A: PRESENT, token: PRESENT },
    ],
    [
      'lists',
      [
        [
          'L',
          'list',
          [
            ['A', 'int', 1],
            ['M', 'list', [['B', 'str', 'x']]],
          ],
        ],
      ],
      { 'L.A': 1, 'L.M.B': 'x' },
    ],
    ['empty lists', [['L', 'list', []]], { L: PRESENT }],
    [
      'repeated keys: the first counts',
      [
        ['A', 'str', 'x'],
        ['A', 'str', 'y'],
      ],
      { A: 'x' },
    ],
    [
      'keys that no condition can name',
      [
        ['__proto__', 'str', 'x'],
        [{ hex: 'ff' }, 'str', 'y'],
        ['A', 'int', 1],
      ],
      { A: 1 },
    ],
    ['a list with such keys alone', [['L', 'list', [['__proto__', 'str', 'x']]]], { L: PRESENT }],
    ['paths of up to 10 keys', [nested(9, ['A', 'int', 1])], { 'L.L.L.L.L.L.L.L.L.A': 1 }],
    ['no longer paths', [nested(10, ['A', 'int', 1])], { 'L.L.L.L.L.L.L.L.L.L': PRESENT }],
  ])('are those of %s', (_what, list, parameters) => {
    const names = { service: 'Greeting', method: 'Greet' };
    expect(matchOf(requestOf(list))).toEqual(parameters === undefined ? names : { ...names, parameters });
  });

  it('consider 500 values, the outer ones first', () => {
    const many = (name: string, count: number): JsonEntry[] =>
      Array.from({ length: count }, (_, index) => [`${name}${index}`, 'int', index]);
    const keys = (list: JsonEntry[]) => Object.keys(matchOf(requestOf(list)).parameters ?? {});
    expect(keys(many('a', 501))).toHaveLength(500);
    const inner = keys([['L', 'list', many('b', 10)], ...many('a', 494)]);
    expect([inner.length, inner.filter((key) => key.startsWith('L.'))]).toEqual([
      499,
      ['L.b0', 'L.b1', 'L.b2', 'L.b3', 'L.b4'],
    ]);
  });
});

describe('stubs', () => {
  const match = (parameters?: Match['parameters']): Match => ({
    ...{ service: 'A', method: 'B' },
    ...(parameters === undefined ? {} : { parameters }),
  });

  it('with more conditions come first, then those with more values', () => {
    const secret = matchOf(
      requestOf([
        ['password', 'str', 'x'],
        ['B', 'int', 1],
      ]),
    );
    const all = [match({ A: 1, B: 2 }), secret, match({ A: 1 }), match()];
    expect([...all].reverse().sort(bySpecificity)).toEqual(all);
    expect(bySpecificity(match(), match())).toBe(0);
  });

  it('have the same conditions in any order', () => {
    expect(matchKey(match({ A: 1, B: 2 }))).toBe(matchKey(match({ B: 2, A: 1 })));
    const different = [match(), match({ A: 1 }), match({ A: 2 }), match({ B: 1 }), { ...match(), method: 'C' }];
    expect(new Set(different.map(matchKey)).size).toBe(different.length);
  });
});

describe('the answer of a stub', () => {
  const request = requestOf([]);
  const response = (parameters: JsonEntry[], userData?: JsonEntry[], asked = request) =>
    responseTo(asked, 171, listFromJson(parameters), userData === undefined ? undefined : listFromJson(userData));

  it.each<[string, JsonEntry[], unknown]>([
    [
      'plain values',
      [
        ['A', 'str', 'x'],
        ['B', 'int', 1],
        ['L', 'list', [['C', 'str', 'y']]],
      ],
      { A: 'x', B: 1, L: { C: 'y' } },
    ],
    ['keys of digits', [['7', 'str', 'x']], [['7', 'str', 'x']]],
    [
      'keys with digits',
      [
        ['a7', 'str', 'x'],
        ['7a', 'str', 'y'],
      ],
      { a7: 'x', '7a': 'y' },
    ],
    [
      'repeated keys',
      [
        ['A', 'int', 1],
        ['A', 'int', 2],
      ],
      [
        ['A', 'int', 1],
        ['A', 'int', 2],
      ],
    ],
    ['keys that are not text', [[{ hex: 'ff' }, 'int', 1]], [[{ hex: 'ff' }, 'int', 1]]],
    ['texts of another type', [['A', 'utf16', 'x']], [['A', 'utf16', 'x']]],
    ['bytes in a list', [['L', 'list', [['A', 'bin', '00']]]], [['L', 'list', [['A', 'bin', '00']]]]],
  ])('has %s', (_what, parameters, written) => {
    expect(answerAs(response(parameters), request, 171)).toEqual({ parameters: written });
  });

  it('has UserData, and texts as the request has them', () => {
    const asked = requestOf([], 'utf16');
    const message = response([['A', 'utf16', 'x']], [['B', 'utf16', 'y']], asked);
    expect(answerAs(message, asked, 171)).toEqual({ parameters: { A: 'x' }, userData: { B: 'y' } });
  });

  it('is a fault, or the whole message if its layout is another', () => {
    const fault = faultTo(request, 171, new EspFault('920', 'no'));
    expect(answerAs(fault, request, 171)).toEqual({ fault: { code: '920', text: 'no' } });
    const list: JsonEntry[] = [['FaultCode', 'str', '920']];
    const userData: JsonEntry[] = [['B', 'int', 1]];
    const odd = { ...fault, referenceId: 7, request: listFromJson(list), userData: listFromJson(userData) };
    expect(answerAs(odd, request, 171)).toEqual({ request: list, messageId: MessageId.Event3rdServerFault, userData });
    const other = { ...response([]), referenceId: 7, request: listFromJson(list) };
    expect(answerAs(other, request, 171)).toEqual({ request: list });
    expect(answerAs({ ...other, request: undefined }, request, 171)).toEqual({ request: [] });
  });
});
