import { describe, expect, it } from '@jest/globals';
import { outcomeText, reloadedPlugins } from '../../src/cli/dev.js';

const applied = { kind: 'applied', at: 0, plugins: [], configuration: false, durationMs: 84.6 } as const;
const billing = {
  use: './billing',
  methods: ['Billing.GetBalance', 'Billing.Pay'],
  added: ['Billing.Pay'],
  removed: ['Billing.Refund'],
};

describe('the outcome of a reload', () => {
  it('has a line per plugin, with new and removed methods', () => {
    const empty = { use: './empty', methods: [], added: [], removed: [] };
    const outcome = { ...applied, plugins: [billing, empty] };
    expect(outcomeText(outcome)).toBe(
      'reloaded ./billing in 85 ms: Billing.GetBalance, new Billing.Pay, removed Billing.Refund\n' +
        'reloaded ./empty in 85 ms: no methods\n',
    );
    expect(reloadedPlugins(outcome)).toEqual(['./billing', './empty']);
  });

  it('has a line for the configuration, or says that nothing has changed', () => {
    expect(outcomeText({ ...applied, configuration: true })).toBe('reloaded the configuration in 85 ms\n');
    expect(outcomeText(applied)).toBe('restored: the files match what runs\n');
  });

  it('has a line per problem', () => {
    const problem = { file: 'config.yaml', line: 3, column: 5, message: 'limits.x is unknown' };
    const refused = { kind: 'refused', at: 0, problems: [problem, { ...problem, line: 4 }], durationMs: 1 } as const;
    expect(outcomeText(refused)).toBe(
      'refused, the previous version keeps running:\n' +
        '  config.yaml:3:5: limits.x is unknown\n  config.yaml:4:5: limits.x is unknown\n',
    );
    expect(reloadedPlugins(refused)).toEqual([]);
  });
});
