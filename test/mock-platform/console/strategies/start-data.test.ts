import { describe, expect, it } from '@jest/globals';
import { setOf, startValues } from '../../../../mock-platform/console/strategies/start-data.js';

const DATA = { Id: '+1', Attempts: 0, Customer: { Name: 'Ada' } };

describe('the data of a run', () => {
  it('begins as the strategy has it', () => {
    expect(startValues(DATA, [])).toEqual({ Id: '+1', Attempts: '0', Customer: '{"Name":"Ada"}' });
    expect(startValues(undefined, ['Id'])).toEqual({ Id: '' });
  });

  it('sets what was changed, numbers as numbers', () => {
    const values = startValues(DATA, []);
    expect(setOf(values, DATA)).toEqual({});
    expect(setOf({ ...values, Id: '17', Attempts: '3' }, DATA)).toEqual({ Id: '17', Attempts: 3 });
    expect(setOf({ ...values, Attempts: 'many', Customer: '{"Name":"Bob"}' }, DATA)).toEqual({
      Attempts: 'many',
      Customer: { Name: 'Bob' },
    });
    expect(setOf({ ...values, Customer: '{' }, DATA)).toEqual({ Customer: '{' });
  });

  it('sets what was filled in where nobody knows the data', () => {
    expect(setOf({ Id: '', Name: 'x' }, undefined)).toEqual({ Name: 'x' });
  });
});
