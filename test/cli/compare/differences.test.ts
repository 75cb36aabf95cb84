import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Answer, type Difference, differences } from '../../../src/cli/compare/differences.js';
import { type JsonEntry, type JsonMessage, messageFromJson } from '../../../src/esp/index.js';
import { anyMessage } from '../../wire/arbitraries.js';

const response = (parameters: JsonEntry[], userData: JsonEntry[] | null = null, referenceId = 1): JsonMessage => ({
  messageId: 501,
  referenceId,
  request: [
    ['Version', 'str', '1.0'],
    ['Parameters', 'list', parameters],
  ],
  userData,
});

const fault = (code: string, text: string): JsonMessage => ({
  ...response([
    ['FaultCode', 'str', code],
    ['FaultString', 'str', text],
  ]),
  messageId: 502,
});

const answer = (json: JsonMessage | string): Answer => (typeof json === 'string' ? json : messageFromJson(json));

const differ = (a: JsonMessage | string, b: JsonMessage | string, ...ignored: string[]): Difference[] =>
  differences(answer(a), answer(b), new Set(ignored));

/** Of two lists of Parameters: path, a, b. */
const differing = (a: JsonEntry[], b: JsonEntry[], ...ignored: string[]): unknown[] =>
  differ(response(a), response(b), ...ignored).map(({ path, a: left, b: right }) => [
    path,
    left && [left.type, left.value],
    right && [right.type, right.value],
  ]);

describe('answers differ', () => {
  it.each<[string, JsonEntry[], JsonEntry[], unknown[]]>([
    ['in a value', [['Id', 'str', 'a']], [['Id', 'str', 'b']], [['Parameters.Id', ['str', 'a'], ['str', 'b']]]],
    ['in a type', [['Id', 'str', '5']], [['Id', 'int', 5]], [['Parameters.Id', ['str', '5'], ['int', 5]]]],
    ['in a kind', [['Id', 'str', 'a']], [['Id', 'utf16', 'a']], [['Parameters.Id', ['str', 'a'], ['utf16', 'a']]]],
    ['in a key that is missing', [['Id', 'str', 'a']], [], [['Parameters.Id', ['str', 'a'], undefined]]],
    ['in a key more', [], [['Id', 'str', 'a']], [['Parameters.Id', undefined, ['str', 'a']]]],
    [
      'in an order',
      [
        ['A', 'int', 1],
        ['B', 'int', 2],
      ],
      [
        ['B', 'int', 2],
        ['A', 'int', 1],
      ],
      [['Parameters', ['order', ['A', 'B']], ['order', ['B', 'A']]]],
    ],
    [
      'in a repetition',
      [['A', 'int', 1]],
      [
        ['A', 'int', 1],
        ['A', 'int', 2],
      ],
      [['Parameters.A[2]', undefined, ['int', 2]]],
    ],
    [
      'in a list, deep down',
      [['L', 'list', [['M', 'list', [['X', 'int', 1]]]]]],
      [['L', 'list', [['M', 'list', [['X', 'int', 2]]]]]],
      [['Parameters.L.M.X', ['int', 1], ['int', 2]]],
    ],
    [
      'in an invalid list',
      [['L', 'list', [['X', 'int', 1]]]],
      [['L', 'str', 'x']],
      [['Parameters.L', ['list', [['X', 'int', 1]]], ['str', 'x']]],
    ],
    [
      'in bytes, under a key that is not text',
      [[{ hex: 'ff' }, 'bin', '00']],
      [[{ hex: 'ff' }, 'bin', '01']],
      [['Parameters.hex:ff', ['bin', '00'], ['bin', '01']]],
    ],
  ])('%s', (_name, a, b, found) => expect(differing(a, b)).toEqual(found));

  it('in kind, and then nothing else counts', () => {
    expect(differ(response([['Id', 'str', 'a']]), fault('902', 'Billing unknown service'))).toEqual([
      {
        path: 'reply',
        a: { type: 'response', value: [['Id', 'str', 'a']] },
        b: { type: 'fault', value: '902 Billing unknown service' },
      },
    ]);
    expect(differ({ ...response([]), messageId: 7 }, fault('1', ''))[0]?.a).toEqual({ type: 'message 7', value: [] });
  });

  it('if one is missing', () => {
    expect(differ('within 5 ms', response([]))).toEqual([
      { path: 'reply', a: { type: 'no answer', value: 'within 5 ms' }, b: { type: 'response', value: [] } },
    ]);
    expect(differ('within 5 ms', 'lost')).toEqual([]);
  });

  it('in UserData, or if one has none', () => {
    const with5 = response([], [['Score', 'int', 5]]);
    expect(differ(with5, response([], [['Score', 'int', 6]]))).toEqual([
      { path: 'UserData.Score', a: { type: 'int', value: 5 }, b: { type: 'int', value: 6 } },
    ]);
    expect(differ(with5, response([]))).toEqual([
      { path: 'UserData', a: { type: 'list', value: [['Score', 'int', 5]] }, b: undefined },
    ]);
    expect(differ(response([]), { ...response([]), request: null }).map(({ path }) => path)).toEqual(['Request']);
  });

  it('in the code and the text of a fault', () => {
    expect(differ(fault('902', 'x'), fault('904', 'y')).map(({ path }) => path)).toEqual([
      'Parameters.FaultCode',
      'Parameters.FaultString',
    ]);
  });

  it('not in the ReferenceId', () => expect(differ(response([], null, 1), response([], null, 2))).toEqual([]));
});

describe('ignored differences', () => {
  const A: JsonEntry[] = [
    ['Balance', 'str', '1'],
    ['Lines', 'list', [['Balance', 'int', 1]]],
    ['Lines', 'list', [['Balance', 'int', 2]]],
  ];
  const B: JsonEntry[] = [
    ['Lines', 'list', [['Balance', 'int', 3]]],
    ['Lines', 'list', [['Balance', 'int', 2]]],
  ];

  it('may be a key at any depth', () => expect(differing(A, B, 'Balance')).toEqual([]));

  it('may be a path, for every repetition of it', () => {
    expect(differing(A, B, 'Parameters.Balance')).toEqual([['Parameters.Lines[1].Balance', ['int', 1], ['int', 3]]]);
    expect(differing(A, B, 'Parameters.Lines.Balance')).toEqual([['Parameters.Balance', ['str', '1'], undefined]]);
    expect(differing(A, B, 'Lines.Balance')).toHaveLength(2);
  });

  it('does not affect the order', () => {
    const [x, y, z] = ['X', 'Y', 'Z'].map((key): JsonEntry => [key, 'int', 1]) as [JsonEntry, JsonEntry, JsonEntry];
    expect(differing([x, y, z], [z, x, y], 'Z')).toEqual([]);
  });

  it('may be all of UserData', () => {
    expect(differ(response([], [['A', 'int', 1]]), response([]), 'UserData')).toEqual([]);
  });
});

/** A message, the path of one of its values, and the same message with another value there. */
interface Changed {
  readonly message: JsonMessage;
  readonly path: string;
  readonly other: JsonMessage;
}

type Content = [type: string, value: string | number | JsonEntry[]];

const { list: someList } = fc.letrec<{ list: JsonEntry[]; value: Content }>((tie) => ({
  list: fc.array(
    fc
      .tuple(fc.constantFrom('A', 'B', 'C', 'D'), tie('value'))
      .map(([key, [type, value]]): JsonEntry => [key, type, value]),
    { minLength: 1, maxLength: 5, depthIdentifier: 'list' },
  ),
  value: fc.oneof(
    { depthIdentifier: 'list', depthSize: 'small' },
    fc.string().map((value): Content => ['str', value]),
    fc.string().map((value): Content => ['utf16', value]),
    fc.integer({ min: -5, max: 5 }).map((value): Content => ['int', value]),
    tie('list').map((value): Content => ['list', value]),
  ),
}));

/** Changes the value that the numbers lead to: an index at each depth. */
function change(list: JsonEntry[], [first = 0, ...deeper]: number[], content: Content): [path: string, JsonEntry[]] {
  const index = first % list.length;
  const [key, type, value] = list[index] as [string, string, JsonEntry[2]];
  const same = list.flatMap(([other], at) => (other === key ? [at] : []));
  const own = same.length > 1 ? `${key}[${same.indexOf(index) + 1}]` : key;
  const replaced = (entry: JsonEntry): JsonEntry[] => list.with(index, entry);
  if (!Array.isArray(value) || deeper.length === 0) return [own, replaced([key, ...content])];
  const [path, inner] = change(value, deeper, content);
  return [`${own}.${path}`, replaced([key, type, inner])];
}

const changed: fc.Arbitrary<Changed> = fc
  .record({
    list: someList,
    at: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 4 }),
    inUserData: fc.boolean(),
    text: fc.string(),
  })
  .map(({ list, at, inUserData, text }) => {
    const [path, other] = change(list, at, ['strx', Buffer.from(text).toString('hex')]);
    const made = (content: JsonEntry[]): JsonMessage =>
      inUserData ? response([], content) : { ...response([]), request: content };
    return { message: made(list), path: inUserData ? `UserData.${path}` : path, other: made(other) };
  });

describe('for any messages', () => {
  it('an answer does not differ from itself', () => {
    fc.assert(fc.property(anyMessage, (message) => expect(differ(message, message)).toEqual([])));
  });

  it('a changed value is one difference, at its path', () => {
    fc.assert(
      fc.property(changed, ({ message, path, other }) => {
        expect(differ(message, other).map((one) => one.path)).toEqual([path]);
        expect(differ(other, message)).toEqual(differ(message, other).map(({ a, b }) => ({ path, a: b, b: a })));
      }),
    );
  });

  it('ignored values make no difference', () => {
    fc.assert(
      fc.property(changed, ({ message, path, other }) => {
        expect(differ(message, other, path.replaceAll(/\[\d+\]/g, ''))).toEqual([]);
      }),
    );
  });
});
