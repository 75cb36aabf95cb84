import { describe, expect, it } from '@jest/globals';
import { type KeyValueList, ListError, listFromJson, listToJson } from '../../src/esp/index.js';
import { checkResponseSchema, resultWriter } from '../../src/host/response.js';
import { z } from '../../src/index.js';

describe("a method's results", () => {
  const schema = z.object({
    Id: z.string(),
    Tags: z.array(z.int()).optional(),
    L: z.object({ A: z.string() }).optional(),
  });

  it.each(['str', 'utf16'] as const)('become a list with strings of kind %s', (text) => {
    const list = resultWriter(schema)({ Id: 'x', Tags: [1, 2], L: { A: 'a' } }, text);
    expect(listToJson(list)).toEqual([
      ['Id', text, 'x'],
      ['Tags', 'int', 1],
      ['Tags', 'int', 2],
      ['L', 'list', [['A', text, 'a']]],
    ]);
  });

  it('that are a list stay as they are', () => {
    const list = listFromJson([['Id', 'bin', '00']]);
    expect(resultWriter(schema)(list, 'utf16')).toBe(list);
  });

  it('are what their schema makes of them', () => {
    const made = z.object({
      Balance: z.number().transform((cents) => (cents / 100).toFixed(2)),
      Currency: z.string().default('EUR'),
      L: z.object({
        Kind: z
          .string()
          .prefault('a')
          .transform((kind) => kind.toUpperCase()),
      }),
    });
    expect(listToJson(resultWriter(made)({ More: 'x', Balance: 1250, L: {} }, 'str'))).toEqual([
      ['Balance', 'str', '12.50'],
      ['Currency', 'str', 'EUR'],
      ['L', 'list', [['Kind', 'str', 'A']]],
      ['More', 'str', 'x'],
    ]);
    expect(() => resultWriter(z.strictObject({}))({ More: 'x' }, 'str')).toThrow(/Unrecognized key: "More"/);
  });

  it.each([
    ['texts', z.object({ A: z.string(), B: z.string() })],
    ['texts and a number', z.object({ A: z.string(), B: z.string(), N: z.int().optional() })],
  ])('come in the order of their schema, then others: %s', (_, ordered) => {
    const write = resultWriter(ordered);
    expect(listToJson(write({ B: 'b', A: 'a' }, 'utf16'))).toEqual([
      ['A', 'utf16', 'a'],
      ['B', 'utf16', 'b'],
    ]);
    expect(listToJson(write({ More: 1, B: 'b', A: 'a' }, 'str'))).toEqual([
      ['A', 'str', 'a'],
      ['B', 'str', 'b'],
      ['More', 'int', 1],
    ]);
    expect(() => write({ A: 'a' }, 'str')).toThrow(/expected string, received undefined\n.*at B$/);
    expect(() => write({ A: 'a', C: 'c' }, 'str')).toThrow(/at B$/);
    expect(() => write({ A: 'a', B: 5 }, 'str')).toThrow(/expected string, received number\n.*at B$/);
  });

  it.each([
    ['trimmed', z.object({ A: z.string().trim() }), ' a ', 'a'],
    ['a default', z.object({ A: z.string().default('a') }), undefined, 'a'],
    ['coerced', z.object({ A: z.coerce.string() }), 5, '5'],
    ['lower case', z.object({ A: z.string().toLowerCase() }), 'A', 'a'],
  ])('of one text are what its schema makes of it: %s', (_, one, given, written) => {
    expect(resultWriter(one)({ A: given }, 'str').toPlain()).toEqual({ A: written });
  });

  it.each([
    ['a format', z.object({ A: z.email() }), { A: 'aa' }, /Invalid email address\n.*at A$/],
    ['a check of the text', z.object({ A: z.string().max(1) }), { A: 'aa' }, /Too big.*\n.*at A$/],
    ['a check of the object', z.object({ A: z.string() }).refine(() => false, 'never'), { A: 'aa' }, /never$/],
    ['no other keys', z.strictObject({ A: z.string() }), { A: 'aa', B: 'b' }, /Unrecognized key: "B"$/],
  ])('of one text keep to their schema: %s', (_, one, given, why) => {
    expect(() => resultWriter(one)(given, 'str')).toThrow(why);
  });

  it('can omit an optional list, and the lists in it', () => {
    const inner = z.object({ B: z.object({ C: z.string() }).optional() });
    expect(resultWriter(z.object({ A: inner.optional() }))({}, 'str').toPlain()).toEqual({});
  });

  it('that do not match are an error with their path', () => {
    expect(() => resultWriter(schema)({ Id: 'x', L: { A: 5 } }, 'str')).toThrow(
      /^the response does not fit its schema: .*expected string.*\n.*at L\.A/s,
    );
  });

  class Money {
    readonly cents = '5';
  }
  const line = () => z.looseObject({});
  // Schemas are compiled once: each test has its own.
  it.each<[string, () => z.ZodType, unknown, string]>([
    ['a Date', () => z.looseObject({}), { At: new Date(0) }, 'At: a key-value list cannot hold an instance of Date'],
    [
      'a Date for an object',
      () => z.object({ At: line() }),
      { At: new Date(0) },
      'At: a key-value list cannot hold an instance of Date',
    ],
    [
      'a Date for an optional object',
      () => z.object({ At: line().optional() }),
      { At: new Date(0) },
      'At: a key-value list cannot hold an instance of Date',
    ],
    ['a Map', () => z.looseObject({}), { All: new Map() }, 'All: a key-value list cannot hold an instance of Map'],
    [
      'a Set in a list',
      () => z.object({ L: z.object({ All: line() }) }),
      { L: { All: new Set() } },
      'L.All: a key-value list cannot hold an instance of Set',
    ],
    [
      'an instance of a class',
      () => z.looseObject({}),
      { Balance: new Money() },
      'Balance: a key-value list cannot hold an instance of Money',
    ],
    [
      'one of several lists',
      () => z.object({ L: z.array(line()) }),
      { L: [{}, new Date(0)] },
      'L: a key-value list cannot hold an instance of Date',
    ],
    [
      'a member of a union',
      () => z.object({ L: z.union([line(), z.object({})]) }),
      { L: new Map() },
      'L: a key-value list cannot hold an instance of Map',
    ],
    [
      'a whole Date',
      () => z.looseObject({}),
      new Date(0),
      'the response: a key-value list cannot hold an instance of Date',
    ],
    ['a boolean', () => z.looseObject({}), { Open: true }, 'Open: a key-value list cannot hold a boolean'],
    ['null', () => z.looseObject({}), { L: { Next: null } }, 'L.Next: a key-value list cannot hold null'],
  ])('may not hold %s', (_name, response, result, message) => {
    const write = () => resultWriter(response())(result as KeyValueList, 'str');
    expect(write).toThrow(ListError);
    expect(write).toThrow(expect.objectContaining({ code: 'ESP_LIST_VALUE', message }));
  });

  it('can hold values that their schema turns into values of a list', () => {
    const day = z.date().transform((date) => date.toISOString().slice(0, 10));
    const response = z.object({ Day: day, Of: z.union([day, z.object({ A: z.string() })]), L: z.array(z.string()) });
    const result = { Day: new Date(0), Of: new Date(0), L: ['a'] };
    expect(listToJson(resultWriter(response)(result as unknown as KeyValueList, 'str'))).toEqual([
      ['Day', 'str', '1970-01-01'],
      ['Of', 'str', '1970-01-01'],
      ['L', 'str', 'a'],
    ]);
  });
});

describe('a response schema', () => {
  const tree = z.object({
    Name: z.string(),
    get Parts() {
      return z.array(tree).optional();
    },
  });
  it.each<[string, z.ZodType]>([
    ['strings, of any format', z.object({ A: z.string(), B: z.iso.datetime(), C: z.email(), D: z.enum(['a']) })],
    ['whole numbers', z.object({ A: z.int(), B: z.number().int(), C: z.int32(), D: z.literal([1, 'a']) })],
    ['binary and anything', z.object({ A: z.instanceof(Uint8Array), B: z.unknown(), C: z.any() })],
    ['lists', z.object({ A: z.object({ B: z.string() }), C: z.record(z.string(), z.int()), D: z.looseObject({}) })],
    ['repeated keys', z.object({ A: z.array(z.string()), B: z.tuple([z.string(), z.int()], z.int()) })],
    ['keys that may be missing', z.object({ A: z.string().optional(), B: z.int().default(1), C: z.undefined() })],
    ['alternatives', z.union([z.object({ A: z.int() }), z.intersection(z.object({}), z.object({ B: z.string() }))])],
    ['the result of a transform', z.object({ A: z.date().transform(String), B: z.boolean().transform(Number) })],
    ['itself', tree],
  ])('may have %s', (_name, response) => {
    expect(() => checkResponseSchema('Test.Do', response)).not.toThrow();
  });

  it.each<[z.ZodType, string]>([
    [z.date(), 'a key-value list cannot hold a Date; write z.iso.datetime()'],
    [z.boolean(), "a key-value list cannot hold a boolean; write z.enum(['true', 'false'])"],
    [z.number(), 'a key-value list cannot hold a number with a fraction; write z.int() or z.string()'],
    [z.literal(1.5), 'a key-value list cannot hold a number with a fraction; write z.int() or z.string()'],
    [z.literal(['a', true]), "a key-value list cannot hold a boolean; write z.enum(['true', 'false'])"],
    [z.literal(null), 'a key-value list cannot hold null; write optional()'],
    [z.date().optional().nonoptional(), 'a key-value list cannot hold a Date; write z.iso.datetime()'],
    [z.date().readonly(), 'a key-value list cannot hold a Date; write z.iso.datetime()'],
    [z.string().nullable(), 'a key-value list cannot hold null; write optional() in place of nullable()'],
    [z.null(), 'a key-value list cannot hold null; write optional()'],
    [z.bigint(), 'a key-value list cannot hold a bigint; write z.string()'],
    [z.map(z.string(), z.string()), 'a key-value list cannot hold a Map; write z.record()'],
    [z.set(z.string()), 'a key-value list cannot hold a Set; write z.array()'],
    [z.nan(), 'a key-value list cannot hold NaN; write z.string()'],
    [z.symbol(), 'a key-value list cannot hold a symbol; write z.string()'],
    [z.promise(z.string()), 'a key-value list cannot hold a promise; write the schema of its value'],
    [z.file(), 'a key-value list cannot hold a File; write z.instanceof(Uint8Array)'],
    [z.array(z.array(z.string())), 'a key-value list cannot hold an array in an array; write z.array(z.object())'],
  ])('may not have a key %#', (value, message) => {
    const check = (response: z.ZodType) => () => checkResponseSchema('Test.Do', response);
    expect(check(z.object({ Fine: z.string(), At: value }))).toThrow(
      expect.objectContaining({
        code: 'ESP_HOST_INVALID_PLUGIN',
        message: `@EspMethod Test.Do: response key At: ${message}`,
      }),
    );
    expect(check(z.object({ L: z.array(z.object({ At: value.optional() })) }))).toThrow(
      `response key L.At: ${message}`,
    );
    expect(check(z.record(z.string(), value))).toThrow(`response key *: ${message}`);
  });

  it.each<[string, z.ZodType, string]>([
    ['a catchall', z.object({}).catchall(z.date()), 'key *: a key-value list cannot hold a Date'],
    ['a tuple', z.object({ A: z.tuple([z.string(), z.date()]) }), 'key A: a key-value list cannot hold a Date'],
    [
      'the rest of a tuple',
      z.object({ A: z.tuple([z.string()], z.date()) }),
      'key A: a key-value list cannot hold a Date',
    ],
    [
      'a union',
      z.union([z.object({ A: z.string() }), z.object({ B: z.date() })]),
      'key B: a key-value list cannot hold a Date',
    ],
    [
      'the left of an intersection',
      z.intersection(z.object({ A: z.date() }), z.object({})),
      'key A: a key-value list cannot hold a Date',
    ],
    [
      'the right of an intersection',
      z.intersection(z.object({}), z.object({ A: z.date() })),
      'key A: a key-value list cannot hold a Date',
    ],
    ['a default', z.object({ A: z.date().default(new Date(0)) }), 'key A: a key-value list cannot hold a Date'],
    ['a lazy schema', z.object({ A: z.lazy(() => z.date()) }), 'key A: a key-value list cannot hold a Date'],
    [
      'the end of a pipe',
      z.object({ A: z.string().pipe(z.coerce.date()) }),
      'key A: a key-value list cannot hold a Date',
    ],
    ['nothing else', z.date() as z.ZodType, 'the response: a key-value list cannot hold a Date'],
  ])('is searched: %s', (_name, response, message) => {
    expect(() => checkResponseSchema('Test.Do', response)).toThrow(message);
  });
});
