import fc from 'fast-check';
import type { JsonEntry, JsonKey, JsonMessage } from '../../src/esp/index.js';

/** Random messages in their JSON form, with everything that a list may hold. */

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const int32 = fc.oneof(
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  fc.constantFrom(-0x80000000, -1, 0, 1, 0x7fffffff),
);

/** Text that UTF-8 can say: any code point that is no surrogate. */
const text = fc.string({ unit: 'binary', maxLength: 60 });

/** Any UTF-16 code units: surrogates may stand alone, and strings are long enough for both ways to read them. */
const codeUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0xd800, 0xdfff, 0xfeff)), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));

const anyBytes = fc.uint8Array({ maxLength: 60 }).map(hex);

/** Bytes that are no UTF-8: 0xff never is. */
const brokenUtf8 = fc
  .tuple(fc.uint8Array({ maxLength: 30 }), fc.uint8Array({ maxLength: 30 }))
  .map(([before, after]) => hex(Uint8Array.of(...before, 0xff, ...after)));

/** Lengths around which a value or its list changes its form. */
const large = fc.oneof(fc.integer({ min: 65500, max: 65560 }), fc.integer({ min: 30_000, max: 80_000 }));

const key: fc.Arbitrary<JsonKey> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'k', 'Key', 'Parameters') },
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: brokenUtf8.map((bytes) => ({ hex: bytes })) },
);

type Value = [type: string, value: string | number | JsonEntry[]];

const largeValue: fc.Arbitrary<Value> = fc.oneof(
  large.map((length): Value => ['str', 'x'.repeat(length)]),
  large.map((length): Value => ['str', 'я'.repeat(Math.ceil(length / 2))]),
  large.map((length): Value => ['bin', 'ab'.repeat(length)]),
  large.map((length): Value => ['strx', 'ff'.repeat(length)]),
  large.map((length): Value => ['utf16', 'y'.repeat(Math.ceil(length / 2))]),
);

export const { list: anyList } = fc.letrec<{ list: JsonEntry[]; entry: JsonEntry; value: Value }>((tie) => ({
  list: fc.array(tie('entry'), { maxLength: 6, depthIdentifier: 'list' }),
  entry: fc.tuple(key, tie('value')).map(([name, [type, value]]): JsonEntry => [name, type, value]),
  value: fc.oneof(
    { depthIdentifier: 'list', depthSize: 'small' },
    { weight: 40, arbitrary: text.map((value): Value => ['str', value]) },
    { weight: 30, arbitrary: int32.map((value): Value => ['int', value]) },
    { weight: 20, arbitrary: anyBytes.map((value): Value => ['bin', value]) },
    { weight: 20, arbitrary: codeUnits.map((value): Value => ['utf16', value]) },
    { weight: 20, arbitrary: brokenUtf8.map((value): Value => ['strx', value]) },
    { weight: 40, arbitrary: tie('list').map((value): Value => ['list', value]) },
    { weight: 3, arbitrary: largeValue },
  ),
}));

export const anyMessage: fc.Arbitrary<JsonMessage> = fc.record({
  messageId: fc.oneof(fc.constantFrom(500, 501, 502), int32),
  referenceId: fc.option(int32),
  request: fc.option(anyList),
  userData: fc.option(anyList),
});
