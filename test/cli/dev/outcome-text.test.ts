import { describe, expect, it } from '@jest/globals';
import { outcomeText, pluginsOf } from '../../../src/cli/dev/outcome-text.js';

const applied = { kind: 'applied', at: 0, plugins: [], configuration: false, durationMs: 84.6 } as const;
const billing = {
  use: './billing',
  methods: ['Billing.GetBalance', 'Billing.Pay'],
  added: ['Billing.Pay'],
  removed: ['Billing.Refund'],
};

describe('what became of a change', () => {
  it('is a line for each plugin, with what is new and gone', () => {
    const empty = { use: './empty', methods: [], added: [], removed: [] };
    const outcome = { ...applied, plugins: [billing, empty] };
    expect(outcomeText(outcome)).toBe(
      'swapped ./billing in 85 ms: Billing.GetBalance, new Billing.Pay, removed Billing.Refund\n' +
        'swapped ./empty in 85 ms: no methods\n',
    );
    expect(pluginsOf(outcome)).toEqual(['./billing', './empty']);
  });

  it('is a line for the configuration, or says that all is as before', () => {
    expect(outcomeText({ ...applied, configuration: true })).toBe('took over the configuration in 85 ms\n');
    expect(outcomeText(applied)).toBe('put right: what runs is what the files say\n');
  });

  it('is where something is to be corrected', () => {
    const problem = { file: 'config.yaml', line: 3, column: 5, message: 'limits.x is unknown' };
    const refused = { kind: 'refused', at: 0, problems: [problem, { ...problem, line: 4 }], durationMs: 1 } as const;
    expect(outcomeText(refused)).toBe(
      'refused, what ran before runs on; correct it and save:\n' +
        '  config.yaml:3:5: limits.x is unknown\n  config.yaml:4:5: limits.x is unknown\n',
    );
    expect(pluginsOf(refused)).toEqual([]);
  });
});
