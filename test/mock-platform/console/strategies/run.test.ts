import { describe, expect, it } from '@jest/globals';
import type { StrategyRun } from '../../../../mock-platform/console/api/types.js';
import { isTaken, resultOf, setOf, startValues, visitsOf } from '../../../../mock-platform/console/strategies/run.js';

const DATA = { Id: '+1', Attempts: 0, Customer: { Name: 'Ada' } };

describe('the data of a run', () => {
  it('starts with that of the strategy', () => {
    expect(startValues(DATA)).toEqual({ Id: '+1', Attempts: '0', Customer: '{"Name":"Ada"}' });
  });

  it('sets the changed values, numbers as numbers', () => {
    const values = startValues(DATA);
    expect(setOf(values, DATA)).toEqual({});
    expect(setOf({ ...values, Id: '17', Attempts: '3' }, DATA)).toEqual({ Id: '17', Attempts: 3 });
    expect(setOf({ ...values, Attempts: 'many', Customer: '{"Name":"Bob"}' }, DATA)).toEqual({
      Attempts: 'many',
      Customer: { Name: 'Bob' },
    });
    expect(setOf({ ...values, Customer: '{' }, DATA)).toEqual({ Customer: '{' });
  });
});

describe('the path of a run', () => {
  const COMMON = { durationMs: 1, data: {} };
  const run: StrategyRun = {
    strategy: 's',
    file: 'f',
    steps: [
      { id: 'a', kind: 'externalService', next: 'b', outcome: { kind: 'fault', code: '904' }, ...COMMON },
      { id: 'b', kind: 'assign', next: 'a', ...COMMON },
      { id: 'a', kind: 'externalService', next: 'c', outcome: { kind: 'response' }, ...COMMON },
      { id: 'c', kind: 'routeTo', ...COMMON },
    ],
    routedTo: 'x',
    endedAt: 'c',
    before: {},
    ...COMMON,
  };

  it('took the links from step to step', () => {
    const taken = ['ab', 'ba', 'ac', 'bc', 'ca'].filter((pair) =>
      isTaken(run, { from: pair.charAt(0), to: pair.charAt(1) }),
    );
    expect(taken).toEqual(['ab', 'ba', 'ac']);
    expect(isTaken(undefined, { from: 'a', to: 'b' })).toBe(false);
  });

  it('visits steps, some more than once', () => {
    expect(visitsOf(run, 'a')).toEqual({ first: 1, count: 2 });
    expect(visitsOf(run, 'c')).toEqual({ first: 4, count: 1 });
    expect(visitsOf(run, 'd')).toBeUndefined();
    expect([visitsOf(undefined, 'a'), resultOf(undefined, 'a')]).toEqual([undefined, undefined]);
    expect(['a', 'b', 'd'].map((id) => resultOf(run, id))).toEqual(['good', 'good', undefined]);
  });

  it('marks a step that got a fault', () => {
    expect(resultOf({ ...run, steps: run.steps.slice(0, 1) }, 'a')).toBe('fault');
  });
});
