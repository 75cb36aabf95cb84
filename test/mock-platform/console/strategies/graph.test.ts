import { describe, expect, it } from '@jest/globals';
import type { StrategyStep } from '../../../../mock-platform/console/api/types.js';
import { graphOf } from '../../../../mock-platform/console/strategies/graph.js';

type AskStep = Extract<StrategyStep, { kind: 'externalService' }>;

const SERVICE = { appName: 'DMS', service: 'Messaging', method: 'ValidateContact', parameters: {}, timeoutMs: 5000 };

const ask = (change: Partial<AskStep>): AskStep => ({
  ...{ kind: 'externalService', id: 'ask', service: SERVICE, branches: [], fault: {} },
  ...change,
});

const END: StrategyStep = { kind: 'routeTo', id: 'end', routeTo: 'Queue of {{Medium}}' };

describe('the graph of a strategy', () => {
  it('has its steps, and an arrow for each outcome', () => {
    const first = ask({
      branches: [
        {
          name: 'on.response[0]',
          when: [{ subject: { of: 'reply', name: 'Id' }, operator: 'empty', operands: ['false'] }],
          go: 'chat',
        },
        { name: 'on.response[1]', when: [], go: 'end' },
      ],
      fault: { 904: 'end', other: 'chat' },
      timeout: 'end',
      lost: 'chat',
    });
    const chat: StrategyStep = { kind: 'assign', id: 'chat', assign: { Medium: 'chat', Tries: 2 }, go: 'end' };
    expect(graphOf([first, chat, END])).toEqual({
      steps: [
        { id: 'ask', kind: 'externalService', text: 'DMS  Messaging.ValidateContact' },
        { id: 'chat', kind: 'assign', text: 'Medium = chat, Tries = 2' },
        { id: 'end', kind: 'routeTo', text: 'Queue of {{Medium}}' },
      ],
      arrows: [
        { from: 'ask', to: 'chat', branch: 'on.response[0]', label: 'Id not empty' },
        { from: 'ask', to: 'end', branch: 'on.response[1]', label: 'otherwise' },
        { from: 'ask', to: 'end', branch: 'on.fault.904', label: 'fault 904' },
        { from: 'ask', to: 'chat', branch: 'on.fault.other', label: 'other fault' },
        { from: 'ask', to: 'end', branch: 'on.timeout', label: 'timeout' },
        { from: 'ask', to: 'chat', branch: 'on.lost', label: 'lost' },
        { from: 'chat', to: 'end', branch: '', label: '' },
      ],
    });
  });

  it.each([
    [{ ...SERVICE, appName: undefined, appType: 171 }, '171  Messaging.ValidateContact'],
    [{ ...SERVICE, appName: undefined }, 'Messaging.ValidateContact'],
  ])('names the target of a request: %#', (service, text) => {
    expect(graphOf([ask({ service })]).steps[0]?.text).toBe(text);
  });

  it('writes the lists that a step assigns', () => {
    const step: StrategyStep = { kind: 'assign', id: 'a', assign: { List: { B: 'x' } }, go: 'end' };
    expect(graphOf([step, END]).steps[0]?.text).toBe('List = {"B":"x"}');
  });

  it('labels an only branch and an only fault briefly', () => {
    const step = ask({ branches: [{ name: 'next step', when: [], go: 'end' }], fault: { other: 'end' } });
    expect(graphOf([step, END]).arrows.map(({ label }) => label)).toEqual(['response', 'fault']);
  });

  it.each([
    ['equals', ['x'], 'Id = x'],
    ['notEquals', ['x'], 'Id ≠ x'],
    ['oneOf', ['a', 'b'], 'Id is one of a, b'],
    ['startsWith', ['+1'], 'Id starts with +1'],
    ['atLeast', ['2'], 'Id ≥ 2'],
    ['atMost', ['3'], 'Id ≤ 3'],
    ['empty', ['true'], 'Id empty'],
    ['empty', ['false'], 'Id not empty'],
  ] as const)('writes the condition %s %j', (operator, operands, label) => {
    const when = [{ subject: { of: 'reply', name: 'Id' }, operator, operands }] as const;
    const step = ask({ branches: [{ name: 'on.response[0]', when, go: 'end' }] });
    expect(graphOf([step, END]).arrows[0]?.label).toBe(label);
  });

  it('joins several conditions', () => {
    const when = (['A', 'B'] as const).map(
      (name) => ({ subject: { of: 'data', name }, operator: 'equals', operands: ['1'] }) as const,
    );
    const step = ask({ branches: [{ name: 'on.response[0]', when, go: 'end' }] });
    expect(graphOf([step, END]).arrows[0]?.label).toBe('A = 1 and B = 1');
  });
});
