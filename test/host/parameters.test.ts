import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IncorrectParameterError, type JsonEntry, KeyValueList, listFromJson } from '../../src/esp/index.js';
import { parameterReader } from '../../src/host/parameters.js';
import { z } from '../../src/index.js';
import { anyList } from '../wire/arbitraries.js';

const read = (schema: z.ZodType, ...list: JsonEntry[]): unknown => parameterReader(schema)(listFromJson(list));

/** `Id: missing`, as fault 904 says it. */
function incorrect(schema: z.ZodType, ...list: JsonEntry[]): string {
  const found = read(schema, ...list);
  return found instanceof IncorrectParameterError
    ? `${found.parameter}: ${found.why}`
    : `fits: ${JSON.stringify(found)}`;
}

const A = ['A', 'str', 'a'] as JsonEntry;

describe('a value', () => {
  it.each<[string, z.ZodType, JsonEntry, unknown]>([
    ['string', z.string(), ['V', 'str', 'é'], 'é'],
    ['string in UTF-16', z.string(), ['V', 'utf16', '中'], '中'],
    ['string that is not valid text', z.string(), ['V', 'strx', 'ff41'], '\ufffdA'],
    ['int', z.int(), ['V', 'int', -5], -5],
    ['int in a string', z.int(), ['V', 'str', '17'], 17],
    ['int in a UTF-16 string', z.number(), ['V', 'utf16', '-17'], -17],
    ['int with a range', z.int().min(1).max(5), ['V', 'str', '5'], 5],
    ['choice', z.enum(['a', 'b']), ['V', 'utf16', 'b'], 'b'],
    ['literal', z.literal('a'), ['V', 'str', 'a'], 'a'],
    ['bytes', z.instanceof(Uint8Array), ['V', 'bin', '00ff'], Buffer.from('00ff', 'hex')],
    ['list', z.instanceof(KeyValueList), ['V', 'list', [A]], listFromJson([A])],
    ['union: string', z.union([z.int(), z.string()]), ['V', 'str', '5'], '5'],
    ['union: int', z.union([z.string(), z.int()]), ['V', 'int', 5], 5],
    ['union: int in a string', z.union([z.int(), z.literal('all')]), ['V', 'utf16', '5'], 5],
    ['union: list', z.union([z.string(), z.object({ N: z.int() })]), ['V', 'list', [['N', 'str', '5']]], { N: 5 }],
    ['union: list as it is', z.union([z.string(), z.instanceof(KeyValueList)]), ['V', 'list', [A]], listFromJson([A])],
    ['pipe', z.string().transform((text) => text.length), ['V', 'str', 'abc'], 3],
    ['pipe from int', z.int().transform((count) => count + 1), ['V', 'str', '5'], 6],
    ['pipe to a check', z.string().transform(Number).pipe(z.number().max(5)), ['V', 'str', '4.5'], 4.5],
    ['preprocess', z.preprocess((value) => `${value}!`, z.string()), ['V', 'str', 'a'], 'a!'],
    ['coerced number', z.coerce.number(), ['V', 'str', '4.5'], 4.5],
    ['boolean in a string', z.stringbool(), ['V', 'str', 'yes'], true],
    ['optional', z.string().optional(), ['V', 'str', 'a'], 'a'],
    ['default', z.int().default(5), ['V', 'str', '7'], 7],
    ['prefault', z.int().prefault(5), ['V', 'str', '7'], 7],
    ['nullable', z.int().nullable(), ['V', 'str', '7'], 7],
    ['readonly', z.int().readonly(), ['V', 'str', '7'], 7],
    ['catch', z.int().catch(5), ['V', 'str', 'x'], 5],
    ['all of them', z.int().nullable().default(1).optional().readonly(), ['V', 'str', '7'], 7],
    ['anything', z.unknown(), ['V', 'int', 7], 7],
  ])('%s', (_name, schema, entry, expected) => {
    expect(read(z.object({ V: schema }), entry)).toEqual({ V: expected });
  });

  it.each<[string, z.ZodType, JsonEntry, string]>([
    ['int for a string', z.string(), ['V', 'int', 5], 'not a string'],
    ['list for a string', z.string(), ['V', 'list', []], 'not a string'],
    ['bytes for a string', z.string(), ['V', 'bin', '41'], 'not a string'],
    ['text for an int', z.int(), ['V', 'str', 'five'], 'not an int'],
    ['fraction for an int', z.int(), ['V', 'str', '1.5'], 'not an int'],
    ['nothing for an int', z.int(), ['V', 'str', ''], 'not an int'],
    ['more than an int', z.number(), ['V', 'str', '2147483648'], 'not an int'],
    ['bytes for an int', z.int(), ['V', 'bin', '05'], 'not an int'],
    ['string for a list', z.object({}), ['V', 'str', 'a'], 'not a list'],
    ['string for a record', z.record(z.string(), z.string()), ['V', 'str', 'a'], 'not a list'],
    ['string for bytes', z.instanceof(Uint8Array), ['V', 'str', 'a'], 'not binary'],
    ['another choice', z.enum(['a', 'b']), ['V', 'str', 'c'], 'not one of a, b'],
    ['an int for a choice', z.enum(['a', 'b']), ['V', 'int', 1], 'not one of a, b'],
    ['another literal', z.literal('a'), ['V', 'str', 'b'], 'not one of a'],
    ['nothing of a union', z.union([z.int(), z.string()]), ['V', 'list', []], 'not an int or a string'],
    [
      'another of a union',
      z.union([z.int(), z.enum(['all', 'none'])]),
      ['V', 'str', 'x'],
      'not an int or one of all, none',
    ],
    [
      'a wrong list of a union',
      z.union([z.object({ A: z.int() }), z.int()]),
      ['V', 'list', [['A', 'str', 'x']]],
      'Invalid input',
    ],
    ['a long string of a union', z.union([z.int(), z.string().max(1, 'too long')]), ['V', 'str', 'xx'], 'too long'],
    ['an own message', z.string().regex(/\d/, 'no digits'), ['V', 'str', 'a'], 'no digits'],
    ['a refinement', z.string().refine((text) => text !== 'a', 'a is taken'), ['V', 'str', 'a'], 'a is taken'],
  ])('that is wrong: %s', (_name, schema, entry, why) => {
    expect(incorrect(z.object({ V: schema }), entry)).toBe(`V: ${why}`);
    expect(incorrect(z.object({ V: schema.optional() }), entry)).toBe(`V: ${why}`);
  });

  it.each<[string, z.ZodType]>([
    ['string', z.string()],
    ['int', z.int()],
    ['choice', z.enum(['a', 'b'])],
    ['literal', z.literal('a')],
    ['union', z.union([z.int(), z.string()])],
    ['discriminated union', z.discriminatedUnion('T', [z.object({ T: z.literal('a') })])],
    ['list', z.object({ A: z.string() })],
    ['record', z.record(z.string(), z.string())],
    ['array', z.array(z.string())],
    ['bytes', z.instanceof(Uint8Array)],
    ['pipe', z.string().transform(Number)],
    ['checked string', z.string().regex(/\d/, 'no digits')],
    ['nullable', z.string().nullable()],
  ])('that is missing: %s', (_name, schema) => {
    expect(incorrect(z.object({ V: schema }))).toBe('V: missing');
    expect(read(z.object({ V: schema.optional() }))).toEqual({});
  });

  it('that is missing has its default', () => {
    const schema = z.object({ A: z.string().default('x'), B: z.int().prefault(5), C: z.array(z.string()).default([]) });
    expect(read(schema)).toEqual({ A: 'x', B: 5, C: [] });
  });

  it('that occurs twice has its first value', () => {
    expect(read(z.object({ V: z.string() }), ['V', 'str', 'a'], ['V', 'int', 5])).toEqual({ V: 'a' });
  });
});

describe('an array', () => {
  const tags: JsonEntry[] = [['T', 'str', '1'], A, ['T', 'utf16', '2'], ['T', 'int', 3]];

  it('receives every value of its key, in order', () => {
    expect(read(z.object({ T: z.array(z.int()) }), ...tags)).toEqual({ T: [1, 2, 3] });
    expect(read(z.object({ T: z.array(z.string()) }), ['T', 'str', 'a'])).toEqual({ T: ['a'] });
    expect(read(z.object({ T: z.array(z.int()).nonempty().optional() }))).toEqual({});
  });

  it('can hold lists', () => {
    const schema = z.object({ T: z.array(z.object({ A: z.string(), N: z.array(z.int()).default([]) })) });
    const first: JsonEntry = ['T', 'list', [A, ['N', 'str', '1'], ['N', 'int', 2]]];
    expect(read(schema, first, ['T', 'list', [A]])).toEqual({
      T: [
        { A: 'a', N: [1, 2] },
        { A: 'a', N: [] },
      ],
    });
    expect(incorrect(schema, first, ['T', 'list', []])).toBe('T.1.A: missing');
  });

  it('reports which value is wrong', () => {
    expect(incorrect(z.object({ T: z.array(z.string()) }), ...tags)).toBe('T.2: not a string');
    expect(
      incorrect(z.object({ T: z.array(z.string()).max(2, 'too many') }), A, ['T', 'str', ''], ['T', 'str', '']),
    ).toMatch(/^fits/);
    expect(incorrect(z.object({ T: z.array(z.unknown()).max(2, 'too many') }), ...tags)).toBe('T: too many');
  });
});

describe('a nested list', () => {
  const deep = z.object({ L: z.object({ M: z.object({ N: z.int(), O: z.string().optional() }) }) });

  it('is read like the outer one', () => {
    expect(
      read(deep, [
        'L',
        'list',
        [
          [
            'M',
            'list',
            [
              ['N', 'str', '5'],
              ['X', 'str', ''],
            ],
          ],
        ],
      ]),
    ).toEqual({
      L: { M: { N: 5 } },
    });
  });

  it.each<[JsonEntry[], string]>([
    [[], 'L: missing'],
    [[['L', 'str', 'a']], 'L: not a list'],
    [[['L', 'list', []]], 'L.M: missing'],
    [[['L', 'list', [['M', 'list', []]]]], 'L.M.N: missing'],
    [[['L', 'list', [['M', 'list', [['N', 'str', 'x']]]]]], 'L.M.N: not an int'],
  ])('that is wrong is reported with its path: %j', (list, expected) =>
    expect(incorrect(deep, ...list)).toBe(expected),
  );

  it('can have any keys', () => {
    const schema = z.object({ L: z.record(z.string(), z.int()) });
    expect(
      read(schema, [
        'L',
        'list',
        [
          ['a', 'str', '1'],
          ['b', 'int', 2],
          ['a', 'int', 3],
        ],
      ]),
    ).toEqual({ L: { a: 1, b: 2 } });
    expect(incorrect(schema, ['L', 'list', [['a', 'str', 'x']]])).toBe('L.a: not an int');
  });

  it('may be one of several', () => {
    const schema = z.object({
      L: z.discriminatedUnion('T', [
        z.object({ T: z.literal('a'), N: z.int() }),
        z.object({ T: z.literal('b'), M: z.string() }),
      ]),
    });
    expect(
      read(schema, [
        'L',
        'list',
        [
          ['T', 'str', 'a'],
          ['N', 'int', 5],
        ],
      ]),
    ).toEqual({ L: { T: 'a', N: 5 } });
    expect(
      read(schema, [
        'L',
        'list',
        [
          ['T', 'str', 'b'],
          ['M', 'str', 'x'],
        ],
      ]),
    ).toEqual({ L: { T: 'b', M: 'x' } });
    expect(incorrect(schema, ['L', 'list', [['T', 'str', 'b']]])).toBe('L.M: missing');
    expect(incorrect(schema, ['L', 'list', [['T', 'str', 'c']]])).toBe('L.T: not one of a, b');
    expect(incorrect(schema, ['L', 'list', []])).toBe('L.T: missing');
    expect(incorrect(schema, ['L', 'str', 'a'])).toBe('L: not a list');
  });
});

describe('a schema', () => {
  const list: JsonEntry[] = [
    ['A', 'str', '1'],
    ['B', 'int', 2],
    ['A', 'str', '3'],
    ['X', 'list', [A]],
  ];

  it('receives only the keys that it names', () => {
    expect(read(z.object({ A: z.string() }), ...list)).toEqual({ A: '1' });
    expect(read(z.strictObject({ A: z.string() }), ...list)).toEqual({ A: '1' });
    expect(read(z.looseObject({ A: z.string() }), ...list)).toEqual({ A: '1' });
    expect(read(z.object({}), ...list)).toEqual({});
  });

  it('may be transformed, refined, or have a default', () => {
    const base = z.object({ A: z.int(), B: z.int() });
    expect(
      read(
        base.transform(({ A: a, B: b }) => a + b),
        ...list,
      ),
    ).toBe(3);
    expect(
      read(
        base.refine(({ A: a, B: b }) => a < b),
        ...list,
      ),
    ).toEqual({ A: 1, B: 2 });
    expect(read(base.prefault({ A: 5, B: 6 }), ...list)).toEqual({ A: 1, B: 2 });
    expect(
      incorrect(
        base.refine(() => false, 'no luck'),
        ...list,
      ),
    ).toBe('Parameters: no luck');
    expect(
      incorrect(
        base.refine(() => false, { path: ['B'], error: 'too small' }),
        ...list,
      ),
    ).toBe('B: too small');
    expect(incorrect(base.partial().refine(() => false, { path: ['C'], error: 'or C is needed' }))).toBe(
      'C: or C is needed',
    );
    const deep = base.check((context) => {
      const path = ['C', 'D', 'E'];
      context.issues.push({ code: 'too_small', origin: 'int', minimum: 1, input: undefined, path });
    });
    expect(incorrect(deep, ...list)).toBe('C.D.E: missing');
  });

  it('that is not an object receives the first value of every key', () => {
    expect(read(z.record(z.string(), z.unknown()), ...list)).toEqual({ A: '1', B: 2, X: listFromJson([A]) });
    expect(read(z.record(z.string(), z.int()), ['a', 'str', '1'], ['toString', 'int', 2])).toEqual({
      a: 1,
      toString: 2,
    });
    const keys = z.preprocess((input) => Object.keys(input as object), z.array(z.string()));
    expect(read(keys, ['__proto__', 'str', 'x'], ['constructor', 'int', 5])).toEqual(['__proto__', 'constructor']);
  });

  it('may be one of several', () => {
    const schema = z.union([z.object({ A: z.string() }), z.object({ B: z.int() })]);
    expect(read(schema, A)).toEqual({ A: 'a' });
    expect(read(schema, ['B', 'str', '5'])).toEqual({ B: 5 });
    expect(incorrect(schema)).toMatch(/^Parameters: /);
  });

  it('of any kind throws nothing but IncorrectParameterError', () => {
    const any = z.object({
      k: z.int().optional(),
      Key: z.object({ k: z.array(z.string()), Key: z.record(z.string(), z.int()) }).optional(),
      Parameters: z.union([z.string(), z.object({ k: z.string() })]).optional(),
    });
    fc.assert(
      fc.property(anyList, (entries) => {
        expect(typeof incorrect(any, ...entries)).toBe('string');
        expect(typeof incorrect(z.record(z.string(), z.string()), ...entries)).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});

describe('a recursive schema', () => {
  const Tree = z.object({
    Name: z.string(),
    Size: z.int().optional(),
    get Child() {
      return z.array(Tree).optional();
    },
  });
  interface Chain {
    readonly Name: string;
    readonly Next?: Chain | undefined;
  }
  const Chain: z.ZodType<Chain> = z.object({ Name: z.string(), Next: z.lazy(() => Chain).optional() });
  const Values: z.ZodType = z.record(z.string(), z.union([z.string(), z.lazy(() => Values)]));
  const All = z.object({
    Op: z.literal('all'),
    get Of() {
      return z.array(Filter);
    },
  });
  const None = z.object({
    Op: z.literal('none'),
    get Of() {
      return z.array(Filter);
    },
  });
  const Is = z.object({ Op: z.literal('is'), Value: z.int() });
  const Filter = z.discriminatedUnion('Op', [All, None, Is]);

  it('reads as deep as the list goes', () => {
    const list: JsonEntry[] = [
      ['Name', 'str', 'a'],
      ['Child', 'list', [['Name', 'utf16', 'b']]],
      [
        'Child',
        'list',
        [
          ['Name', 'str', 'c'],
          [
            'Child',
            'list',
            [
              ['Name', 'str', 'd'],
              ['Size', 'str', '4'],
            ],
          ],
        ],
      ],
    ];
    const c = { Name: 'c', Child: [{ Name: 'd', Size: 4 }] };
    expect(read(Tree, ...list)).toEqual({ Name: 'a', Child: [{ Name: 'b' }, c] });
    expect(incorrect(Tree, ['Name', 'str', 'a'], ['Child', 'list', []])).toBe('Child.0.Name: missing');
  });

  it('may be lazy, a record, or a union', () => {
    expect(read(Chain, ['Name', 'str', 'a'], ['Next', 'list', [['Name', 'str', 'b']]])).toEqual({
      Name: 'a',
      Next: { Name: 'b' },
    });
    expect(read(Values, ['a', 'str', 'b'], ['c', 'list', [['d', 'list', [['e', 'str', 'f']]]]])).toEqual({
      a: 'b',
      c: { d: { e: 'f' } },
    });
    expect(incorrect(Chain, ['Name', 'str', 'a'], ['Next', 'list', []])).toBe('Next.Name: missing');
  });

  it('is read in the time that its depth takes, though every level has alternatives', () => {
    const deep = (depth: number): JsonEntry[] => {
      if (depth === 0) {
        return [
          ['Op', 'str', 'is'],
          ['Value', 'str', '7'],
        ];
      }
      return [
        ['Op', 'str', depth % 2 === 0 ? 'all' : 'none'],
        ['Of', 'list', deep(depth - 1)],
      ];
    };
    let filter = read(Filter, ...deep(100)) as { Of?: unknown[]; Value?: number };
    for (let level = 0; level < 100; level++) filter = filter.Of?.[0] as typeof filter;
    expect(filter).toEqual({ Op: 'is', Value: 7 });
  });
});
