import { describe, expect, it } from '@jest/globals';
import type { RunStep, StrategyRun } from '../../../../mock-platform/console/api/types.js';
import {
  comparedSteps,
  endText,
  firstTwo,
  sidesOf,
  stepText,
} from '../../../../mock-platform/console/strategies/comparison.js';

const step = (id: string, change: Partial<RunStep> = {}): RunStep => ({
  ...{ id, kind: 'routeTo', durationMs: 1, data: {} },
  ...change,
});

const run = (...steps: RunStep[]): StrategyRun => ({
  ...{ strategy: 'S', file: 's.yaml', before: {}, data: {}, routedTo: 'Q', endedAt: 'end', durationMs: 1 },
  steps,
});

const VARIANTS = [
  { upstream: 'api', title: '1.0' },
  { upstream: 'api', title: '2.0' },
];

describe('two runs side by side', () => {
  it('are of variants, of the run shown, or as everything is now', () => {
    const titles = (sides: ReturnType<typeof sidesOf>) => sides.map(({ title }) => title);
    expect(titles(sidesOf(VARIANTS, true))).toEqual(['api 1.0', 'api 2.0', 'the run shown', 'as it is now']);
    expect(sidesOf([], false)).toEqual([{ title: 'as it is now' }]);
    expect(sidesOf(VARIANTS, false)[1]).toEqual({ title: 'api 2.0', variant: VARIANTS[1] });
    expect(sidesOf([], true)[0]).toMatchObject({ isLast: true });
    expect([firstTwo(sidesOf(VARIANTS, true)), firstTwo(sidesOf([], false))]).toEqual([
      ['api 1.0', 'api 2.0'],
      ['as it is now', 'as it is now'],
    ]);
  });

  it('have the same steps next to each other', () => {
    const fault = { outcome: { kind: 'fault' as const, code: '904', text: 'no Id' } };
    const left = run(step('ask'), step('sms'), step('end'));
    const right = run(step('ask', fault), step('mail'), step('end'));
    expect(comparedSteps(left, right)).toEqual([
      { id: 'ask', left: 'routed', right: 'fault 904 no Id', isSame: false },
      { id: 'sms', left: 'routed', right: undefined, isSame: false },
      { id: 'mail', left: undefined, right: 'routed', isSame: false },
      { id: 'end', left: 'routed', right: 'routed', isSame: true },
    ]);
  });

  it('say what came of a step, and where the customer ends up', () => {
    const response = { kind: 'response' as const, parameters: { Id: '+1', Tags: { x: 1 } } };
    expect(stepText(step('ask', { outcome: response, branch: 'on.response[0]' }))).toBe(
      'response Id=+1 Tags={x=1} → on.response[0]',
    );
    expect(stepText(step('set', { assigned: { Medium: 'sms' } }))).toBe('Medium=sms');
    expect(stepText(step('ask', { outcome: { kind: 'timeout' } }))).toBe('timeout');
    expect(stepText(undefined)).toBe('');
    expect(endText(run())).toBe('Q');
    expect(endText({ routedTo: null, endedAt: 'ask', problem: 'no lost' })).toBe('nowhere, at ask: no lost');
    expect(endText({ routedTo: null, endedAt: 'ask' })).toBe('nowhere, at ask');
  });
});
