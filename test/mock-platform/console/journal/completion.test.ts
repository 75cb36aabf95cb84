import { describe, expect, it } from '@jest/globals';
import { completed, completionOf } from '../../../../mock-platform/console/journal/completion.js';
import { summary } from '../summary.js';

const ENTRIES = [
  summary({
    service: 'Messaging',
    application: 'E-mail Server',
    parameters: [
      ['Id', 'str', '1'],
      ['two words', 'str', '2'],
    ],
  }),
  summary({ service: 'Menu', outcome: 'fault', faultCode: '904', stub: 's1', injectedFault: 'delay' }),
  summary({ method: 'GetBalance', results: [['Idle', 'str', '1']] }),
];

const options = (text: string, caret = text.length) => completionOf(text, caret, ENTRIES)?.options ?? [];

describe('the completion of a filter', () => {
  it.each([
    ['', []],
    ['code:904 ', []],
    ['out', ['outcome:']],
    ['-out', ['outcome:']],
    ['S', ['service:', 'stub:', 'since:']],
    ['id', ['id:', 'Id=', 'Idle=']],
    ['id=', []],
    ['two', []],
    ['service:', ['service:Messaging', 'service:Menu']],
    ['-SERVICE:me', ['SERVICE:Messaging', 'SERVICE:Menu']],
    ['service:messaging', []],
    ['method:Get', ['method:GetBalance']],
    ['application:e', ['application:"E-mail Server"']],
    ['application:"e', ['application:"E-mail Server"']],
    ['code:9', ['code:904']],
    ['stub:', ['stub:s1']],
    ['injected:d', ['injected:delay']],
    ['outcome:', ['outcome:response', 'outcome:fault', 'outcome:none', 'outcome:lost', 'outcome:pending']],
    ['x out', ['outcome:']],
    ['ms:', []],
    ['constructor:', []],
  ])('%j: %j', (text, expected) => expect(options(text)).toEqual(expected));

  it('is about the word before the caret', () => {
    expect(completionOf('out code:904', 3, ENTRIES)).toEqual({ from: 0, to: 3, options: ['outcome:'] });
    expect(completionOf('x -out', 6, ENTRIES)).toMatchObject({ from: 3, to: 6 });
    expect(options('out code:904', 0)).toEqual([]);
  });

  it('offers 8 at most, from the newest 1,000 requests', () => {
    const many = Array.from({ length: 1001 }, (_, index) => summary({ service: `S${index}`, method: 'M' }));
    expect(completionOf('service:', 8, many)?.options).toHaveLength(8);
    expect(completionOf('service:S1000', 12, many)).toBeUndefined();
  });

  it('makes room for the next term, but not for a value', () => {
    const part = { from: 3, to: 6, options: [] };
    expect(completed('x -out', part, 'outcome:')).toEqual({ text: 'x -outcome:', caret: 11 });
    expect(completed('x -out', part, 'Id=')).toEqual({ text: 'x -Id=', caret: 6 });
    expect(completed('x -out', part, 'code:1')).toEqual({ text: 'x -code:1 ', caret: 10 });
    expect(completed('x -out y', part, 'code:1')).toEqual({ text: 'x -code:1 y', caret: 9 });
  });
});
