import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Condition, holds, type Operator, samples } from '../../../mock-platform/strategies/condition.js';
import type { DataValue } from '../../../mock-platform/strategies/values.js';

const condition = (operator: Operator, ...operands: string[]): Condition => ({
  subject: { of: 'reply', name: 'DataValue' },
  operator,
  operands,
});

const fits = (value: DataValue | undefined, operator: Operator, ...operands: string[]): boolean =>
  holds(condition(operator, ...operands), value === undefined ? {} : { DataValue: value }, { Id: '+1', Limit: 5 });

describe('a condition', () => {
  it.each<[DataValue | undefined, Operator, string[], boolean]>([
    ['', 'empty', ['true'], true],
    [undefined, 'empty', ['true'], true],
    [{}, 'empty', ['true'], true],
    ['x', 'empty', ['true'], false],
    [0, 'empty', ['true'], false],
    ['x', 'empty', ['false'], true],
    [undefined, 'empty', ['false'], false],
    ['5', 'equals', ['5'], true],
    [5, 'equals', ['5'], true],
    ['a', 'equals', ['A'], false],
    [undefined, 'equals', [''], true],
    ['+1', 'equals', ['{{Id}}'], true],
    ['+1', 'notEquals', ['{{Id}}'], false],
    [undefined, 'notEquals', ['a'], true],
    ['b', 'oneOf', ['a', 'b'], true],
    ['5', 'oneOf', ['a', '{{Limit}}'], true],
    ['c', 'oneOf', ['a', 'b'], false],
    ['+1631', 'startsWith', ['{{Id}}'], true],
    ['1631', 'startsWith', ['+1'], false],
    ['5', 'atLeast', ['5'], true],
    [12, 'atLeast', ['5'], true],
    ['4.5', 'atLeast', ['5'], false],
    ['9 EUR', 'atLeast', ['5'], false],
    ['', 'atLeast', ['-1'], false],
    [undefined, 'atMost', ['5'], false],
    ['-3', 'atMost', ['5'], true],
    ['6', 'atMost', ['5'], false],
    ['Infinity', 'atLeast', ['5'], false],
  ])('%j %s %j: %j', (value, operator, operands, expected) => {
    expect(fits(value, operator, ...operands)).toBe(expected);
  });

  it('on the data reads only the data, including lists', () => {
    const inData = { ...condition('equals', '+1'), subject: { of: 'data', name: 'contact.Id' } } as const;
    expect(holds(inData, { 'contact.Id': '+1', Id: '+1' }, {})).toBe(false);
    expect(holds(inData, {}, { contact: { Id: '+1' } })).toBe(true);
  });
});

describe('samples', () => {
  it.each<[Operator, string[], string[]]>([
    ['empty', [], ['anything', '']],
    ['equals', ['a'], ['a', 'not a']],
    ['equals', [], ['', 'not ']],
    ['notEquals', ['a'], ['not a', 'a']],
    ['notEquals', [], ['not ', '']],
    ['oneOf', ['a', 'b'], ['a', 'b', 'not a or b']],
    ['startsWith', ['a'], ['a', '']],
    ['startsWith', [], ['', '']],
    ['atLeast', ['5'], ['4', '5', '6']],
    ['atMost', ['-1'], ['-2', '-1', '0']],
  ])('of %s %j are %j', (operator, operands, texts) => {
    expect(samples(condition(operator, ...operands), {})).toEqual(texts);
  });

  const operand = fc.oneof(fc.string(), fc.constantFrom('', 'not ', '{{Id}}', ' '));
  const any = fc.oneof(
    fc.boolean().map((wanted) => condition('empty', String(wanted))),
    fc.tuple(fc.constantFrom<Operator>('equals', 'notEquals'), operand).map(([one, text]) => condition(one, text)),
    operand.filter((text) => text !== '').map((text) => condition('startsWith', text)),
    fc.array(operand, { minLength: 1 }).map((texts) => condition('oneOf', ...texts)),
    fc
      .tuple(fc.constantFrom<Operator>('atLeast', 'atMost'), fc.integer())
      .map(([one, bound]) => condition(one, String(bound))),
  );

  it('of any condition include one that matches and one that does not', () => {
    fc.assert(
      fc.property(any, (one) => {
        const data = { Id: '+1' };
        const results = samples(one, data).map((DataValue) => holds(one, { DataValue }, data));
        expect(new Set(results)).toEqual(new Set([true, false]));
      }),
    );
  });
});
