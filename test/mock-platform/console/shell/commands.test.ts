import { describe, expect, it } from '@jest/globals';
import type { FaultRule, MockPanel, StrategyFile, UsedFile } from '../../../../mock-platform/console/api/types.js';
import { commandsOf, matching } from '../../../../mock-platform/console/shell/commands.js';

const RULE = { id: 'fault-9', kind: 'delay', title: 'delay 250 ms', hits: 0, since: 1, isUsedUp: false } as FaultRule;

const COMMANDS = commandsOf({
  panels: [{ name: 'api', title: 'The API' } as MockPanel],
  rules: [RULE, { ...RULE, id: 'fault-8', isUsedUp: true }],
  strategies: [{ file: 'a b.yaml', name: 'Reach' } as StrategyFile],
  files: [
    { id: 'f1', path: 'stubs/mail.yaml', kind: 'stubs' },
    { id: 'f2', path: 'strategies/a b.yaml', kind: 'strategy' },
  ] as UsedFile[],
});

describe('the commands of the palette', () => {
  it('are views, pages of mocks, faults that apply, strategies and files', () => {
    expect(COMMANDS.slice(0, 7).map(({ title }) => title)).toEqual([
      ...['Journal', 'Send', 'Configuration', 'Faults', 'Stubs', 'Strategies', 'Charts'],
    ]);
    expect(COMMANDS[1]?.does).toEqual({ view: 'send' });
    expect(COMMANDS.slice(7)).toEqual([
      { title: 'The API', does: { hash: '#/mock/api' } },
      { title: 'Journal: failed requests', does: { hash: '#/journal?filter=-outcome%3Aresponse' } },
      { title: 'Switch off the fault fault-9 delay 250 ms', does: { faultOff: 'fault-9' } },
      { title: 'Strategy: Reach', does: { hash: '#/strategies/a%20b.yaml' } },
      { title: 'Edit a b.yaml', does: { hash: '#/strategies/a%20b.yaml/edit' } },
      { title: 'Edit stubs/mail.yaml', does: { hash: '#/stubs/f1' } },
    ]);
  });

  it.each([
    ['', COMMANDS.length, 'Journal'],
    ['str', 2, 'Strategies'],
    [' MAIL edit ', 1, 'Edit stubs/mail.yaml'],
    ['stubs', 2, 'Stubs'],
    ['failed', 1, 'Journal: failed requests'],
    ['delay off', 1, 'Switch off the fault fault-9 delay 250 ms'],
    ['nothing', 0, undefined],
  ])('that have %j: %d, first %s', (text, count, first) => {
    const found = matching(COMMANDS, text);
    expect([found.length, found[0]?.title]).toEqual([count, first]);
  });
});
