import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { JsonSchema } from '../../../../mock-platform/console/api/types.js';
import { completionsAt } from '../../../../mock-platform/console/editor/completion.js';
import { strategySchema } from '../../../../mock-platform/strategies/index.js';
import { stubFileSchema } from '../../../../mock-platform/stubs/index.js';

const jsonOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
const STUBS = jsonOf(stubFileSchema);
const STRATEGY = jsonOf(strategySchema);

/** Completes at the `|` of a text. */
function at(marked: string, schema = STUBS) {
  const offset = marked.indexOf('|');
  const found = completionsAt(marked.replace('|', ''), offset, schema);
  return (
    found && { from: found.from - offset, labels: found.options.map(({ label }) => label), options: found.options }
  );
}

describe('completion', () => {
  it.each([
    ['|', ['application', 'stubs', 'unmatched']],
    ['stubs: []\n|', ['application', 'unmatched']],
    ['stubs:\n  - |', ['name', 'disabled', 'scenario', 'match', 'answer', 'answers']],
    ['stubs:\n  - name: a\n    |\n', ['disabled', 'scenario', 'match', 'answer', 'answers']],
    ['stubs:\n  - name: a\n    ma|tch: {}\n', ['disabled', 'scenario', 'match', 'answer', 'answers']],
    [
      'stubs:\n  - answer: { |',
      ['parameters', 'fault', 'none', 'request', 'messageId', 'userData', 'delayMs', 'state'],
    ],
    [
      'stubs:\n  - answer: { none: true, | }',
      ['parameters', 'fault', 'request', 'messageId', 'userData', 'delayMs', 'state'],
    ],
    ['stubs:\n  - answers:\n      - fault:\n          co|\n', ['code', 'text']],
    ['stubs:\n  - answer:\n      messageId: |\n', ['501', '502']],
    ['stubs:\n  - disabled: |', ['true', 'false']],
  ])('offers at %j what the schema allows', (text, labels) => expect(at(text)?.labels).toEqual(labels));

  it.each([
    ['|', ['name', 'set', 'upstreams', 'faults', 'stubs', 'upstreamStubs', 'clock', 'expect']],
    ['clock: { |', ['at', 'advanceMs']],
    ['stubs: { A: [{ answer: { none: true, | } }] }', expect.arrayContaining(['parameters', 'fault', 'delayMs'])],
    ['upstreamStubs: { a: [{ match: { |', expect.arrayContaining(['path', 'headers', 'json'])],
    ['faults: [{ kind: |', expect.arrayContaining(['delay', 'upstreamStatus'])],
    ['faults: [{ kind: delay, |', expect.arrayContaining(['ms', 'match', 'times'])],
  ])('offers at %j what a case of a strategy may set', (text, labels) => {
    expect(at(`tests:\n  - ${text}`, STRATEGY)?.labels).toEqual(labels);
  });

  it.each([
    'stubs:\n  - name: |',
    'stubs:\n  - match:\n      parameters:\n        |',
    'a b|',
    '{{|',
    '- : [|',
    'stubs:\n  - disabled: true |',
  ])('offers nothing at %j', (text) => expect(at(text)).toBeUndefined());

  it('offers what a schema allows in alternatives of alternatives', () => {
    const nested = (depth: number): JsonSchema =>
      depth === 0 ? { type: 'object', properties: { leaf: {} } } : { anyOf: [nested(depth - 1)] };
    expect(at('|', nested(8))?.labels).toEqual(['leaf']);
    expect(at('|', nested(9))).toBeUndefined();
  });

  it('replaces the typed word, and goes on where the value begins', () => {
    const found = at('stubs:\n  - ma|');
    expect(found?.from).toBe(-2);
    expect(found?.options.find(({ label }) => label === 'match')).toEqual({
      label: 'match',
      detail: 'object',
      insert: 'match:\n      ',
    });
    expect(found?.options.find(({ label }) => label === 'answers')?.insert).toBe('answers:\n      - ');
    expect(at('stubs: [{ |')?.options.find(({ label }) => label === 'match')?.insert).toBe('match: ');
  });
});
