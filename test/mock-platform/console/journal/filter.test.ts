import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Summary } from '../../../../mock-platform/console/api/types.js';
import { parseFilter, TERM_NAMES } from '../../../../mock-platform/console/journal/filter.js';
import { summary } from '../summary.js';

const ENTRIES: readonly Summary[] = [
  summary({ id: 1, service: 'Messaging', method: 'ValidateContact', parameters: [['Id', 'str', '+1 (631) 555']] }),
  summary({
    id: 2,
    service: 'Billing',
    method: 'GetBalance',
    outcome: 'fault',
    faultCode: '904',
    faultText: 'no Account',
  }),
  summary({ id: 3, service: 'Email', method: 'Acknowledge', client: '10.0.0.1:5', outcome: 'lost', durationMs: null }),
  summary({
    id: 4,
    service: 'Messaging',
    method: 'InviteToChat',
    outcome: 'fault',
    faultCode: '902',
    durationMs: 250.7,
  }),
  summary({
    id: 5,
    service: 'Classify',
    application: 'E-mail Server',
    stub: 'slow one',
    injectedFault: 'delay',
    durationMs: 1200,
    via: 'interaction-server',
  }),
];

const found = (text: string): number[] => {
  const { matches } = parseFilter(text);
  return ENTRIES.filter((entry) => matches(entry)).map(({ id }) => id);
};

describe('a filter', () => {
  it.each([
    ['', [1, 2, 3, 4, 5]],
    ['service:messaging', [1, 4]],
    ['SERVICE:Messaging method:invite', [4]],
    ['outcome:fault', [2, 4]],
    ['outcome:f', [2, 4]],
    ['-outcome:fault', [1, 3, 5]],
    ['code:904', [2]],
    ['code:902', [4]],
    ['code:90', []],
    ['code:900-903', [4]],
    ['code:904 or stub:slow', [2, 5]],
    ['code:904 ms:>200 or id:3 OR id:1', [1, 3]],
    ['or id:3 or', [3]],
    ['or', [1, 2, 3, 4, 5]],
    ['"or"', []],
    ['client:10.0.0.1', [3]],
    ['client:interaction', [5]],
    ['application:"E-mail Server"', [5]],
    ['app:e-mail', [5]],
    ['stub:slow', [5]],
    ['injected:delay', [5]],
    ['ms:>200', [4, 5]],
    ['ms:<1', []],
    ['ms:250', [4]],
    ['id:3', [3]],
    ['"(631) 555"', [1]],
    ['no account', [2]],
    ['messaging.invite', [4]],
    ['-messaging -email -billing', [5]],
    ['id=+1', [1]],
  ])('%j', (text, ids) => expect(found(text)).toEqual(ids));

  it('ignores a term without a value yet', () => {
    for (const name of TERM_NAMES) {
      expect(parseFilter(`${name}:`)).toMatchObject({ isEmpty: true, problems: [] });
    }
    expect(found('service: outcome:fault')).toEqual([2, 4]);
    expect(found('service:"')).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    ['outcome:good', 'outcome:good: takes one of response, fault, none, lost, pending'],
    ['ms:fast', 'ms:fast: takes a number, such as ms:>100 or ms:<5'],
    ['id:x', 'id:x: takes a number'],
    ['servce:Messaging', 'servce: unknown term; did you mean service:?'],
    ['outcoem:fault', 'outcoem: unknown term; did you mean outcome:?'],
    ['metod:x', 'metod: unknown term; did you mean method:?'],
  ])('reports the error in %j, and shows everything', (text, problem) => {
    expect(parseFilter(text).problems).toEqual([problem]);
    expect(found(text)).toEqual([1, 2, 3, 4, 5]);
  });

  it('treats a colon in a text as part of the text', () => {
    expect(parseFilter('http://127.0.0.1:9090 constructor:x').problems).toEqual([]);
    expect(found('10.0.0.1:5')).toEqual([3]);
  });

  it('parses anything typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const filter = parseFilter(text);
        for (const entry of ENTRIES) expect(typeof filter.matches(entry)).toBe('boolean');
      }),
    );
  });

  it('finds a quoted text anywhere', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8})?$/);
    fc.assert(
      fc.property(word, word, word, (before, text, behind) => {
        const entry = summary({ parameters: [['Note', 'str', `${before}${text}${behind}`]] });
        expect(parseFilter(`"${text}"`).matches(entry)).toBe(true);
      }),
    );
  });
});

describe('the edges of a term', () => {
  const one = summary({ id: 9, durationMs: 250.5, faultCode: '904' });
  it.each([
    ['ms:>250.5', false],
    ['ms:>250.4', true],
    ['ms:<250.5', false],
    ['ms:<250.6', true],
    ['ms:250', true],
    ['ms:251', false],
    ['faultcode:904', true],
    ['fault:904', true],
  ])('%s: %s', (text, matches) => expect(parseFilter(text).matches(one)).toBe(matches));

  it.each(['ms:x1', 'ms:1x', 'ms:1.x', 'id:1x'])('%s is wrong', (text) =>
    expect(parseFilter(text).problems).toHaveLength(1),
  );
});

describe('words that almost match a term', () => {
  it.each([
    ['servce:x', 'servce: unknown term; did you mean service:?'],
    ['metohd:x', 'metohd: unknown term; did you mean method:?'],
    ['clientt:x', 'clientt: unknown term; did you mean client:?'],
    ['stob:x', 'stob: unknown term; did you mean stub:?'],
    ['ms:fast', 'ms:fast: takes a number, such as ms:>100 or ms:<5'],
    ['id:x1', 'id:x1: takes a number'],
    ['outcome:x', 'outcome:x: takes one of'],
  ])('%s: %s', (text, problem) => expect(parseFilter(text).problems.join()).toContain(problem));

  it.each(['http://x', 'Id:17', 'cd:1', 'sv:1', 'servxyz:1', 'servicexx:1'])('%s is a text', (text) =>
    expect(parseFilter(text)).toMatchObject({ problems: [], isEmpty: false }),
  );

  it.each(['service:', '-', '-service:', 'app:', '""', ' '])('%j is not yet a filter', (text) =>
    expect(parseFilter(text)).toMatchObject({ problems: [], isEmpty: true }),
  );

  it('match texts of parameters, results, faults and names, in any case', () => {
    const one = summary({
      id: 9,
      appName: 'Shop',
      results: [['Name', 'str', 'ANNA']],
      faultText: 'Nobody',
      stub: 'S1',
    });
    for (const word of ['shop', 'anna', 'nobody', 's1']) expect(parseFilter(word).matches(one)).toBe(true);
    expect(parseFilter('undefined').matches(one)).toBe(false);
  });
});

it('also matches what the platform found where the list does not show it', () => {
  const { texts, matches } = parseFilter('P69 -Other service:x "http://a"');
  expect(texts).toEqual(['p69', 'other', 'http://a']);
  const [entry] = ENTRIES as [Summary];
  const only = parseFilter('p69');
  expect([only.matches(entry), only.matches(entry, new Map([['p69', new Set([1])]]))]).toEqual([false, true]);
  expect(matches(entry)).toBe(false);
});

it('bounds the time by the clock, or by how long ago', () => {
  const at = (ms: number) => summary({ at: Date.now() - ms });
  const of = (text: string, ms: number) => parseFilter(text).matches(at(ms));
  expect([of('since:5m', 60_000), of('since:5m', 360_000), of('until:2h', 60_000)]).toEqual([true, false, false]);
  const noon = summary({ at: new Date().setHours(12, 0, 0, 0) });
  const clock = (text: string) => parseFilter(text).matches(noon);
  expect([clock('since:12:00'), clock('since:12:00:01'), clock('until:12:00'), clock('until:11:59')]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

it.each([
  ['since:noon', 'since:noon: takes a time such as since:14:05, or a time ago such as since:5m'],
  ['code:920-900', 'code:920-900: matches nothing; write code:900-920'],
])('says what is wrong with %s', (text, problem) => expect(parseFilter(text).problems).toEqual([problem]));
