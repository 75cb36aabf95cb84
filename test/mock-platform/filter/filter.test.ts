import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Summary } from '../../../mock-platform/console/api/types.js';
import { type Exchange, parseFilter, TERM_NAMES } from '../../../mock-platform/filter/index.js';
import { summary } from '../console/summary.js';

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

describe('what only the platform knows', () => {
  const whole: Exchange = {
    ...summary({
      parameters: [
        ['Id', 'str', '+16315551002'],
        ['Tags', 'list', [['x', 'str', 'Gold'] as never, ['y.z', 'int', 7] as never]],
        ['Thread', 'bin', '00ff'],
        [{ hex: 'ff' }, 'str', 'raw'],
      ],
      results: [['Balance', 'str', '10.00']],
    }),
    injectedFault: 'delay fault-9',
    rest: { log: 'warn connect ECONNREFUSED', upstream: 'POST http://a/contacts 503', other: 'Segment=gold' },
  };

  it.each([
    ['Id=+1631', true],
    ['id=555', true],
    ['Id=999', false],
    ['-Id=999', true],
    ['Id=', true],
    ['Other=', false],
    ['-Other=', true],
    ['Balance=10', true],
    ['Tags.x=gold', true],
    ['Tags=gold', true],
    ['Tags.y.z=7', true],
    ['Tags.y=', false],
    ['Id.x=1', false],
    ['Tags.x="gold"', true],
    ['Thread=0x00ff', true],
    ['Gold=', false],
    ['0xff=raw', true],
    ['log:refused', true],
    ['log:503', false],
    ['log:*', true],
    ['upstream:/contacts', true],
    ['upstream:refused', false],
    ['injected:fault-9', true],
    ['injected:*', true],
    ['stub:*', false],
    ['segment=gold', false],
    ['"segment=gold"', true],
    ['econnrefused', true],
    ['POST', true],
  ])('%s: %s', (text, matches) => {
    const filter = parseFilter(text);
    expect(filter.matches(whole)).toBe(matches);
    expect(filter.needsWhole).toBe(!text.startsWith('stub'));
  });

  it('is needed unless all terms are about what the list has', () => {
    const of = (text: string) => parseFilter(text).needsWhole;
    expect(['', 'code:904', 'service:x or ms:>1', 'code:904 Id='].map(of)).toEqual([false, false, false, true]);
  });

  it('is read last', () => {
    const entry: Exchange = {
      ...summary({ id: 1 }),
      get rest(): never {
        throw new Error('must not be read');
      },
    };
    expect(parseFilter('text log:x id:2').matches(entry)).toBe(false);
  });
});

it.each([
  // 14:30 in UTC, 16:30 two hours to the east, 20:30 of the day before six hours to the west of 02:30
  ['since:5m', 0, '14:25', '14:24:59'],
  ['since:2h', 0, '12:30', '12:29'],
  ['since:90s', 0, '14:28:30', '14:28:29'],
  ['since:12:00', 0, '12:00', '11:59:59'],
  ['since:9:05:30', 0, '09:05:30', '09:05:29'],
  ['since:16:00', -120, '14:00', '13:59'],
  ['since:8:00', 360, '14:00', '13:59'],
])('%s, %d minutes from UTC, begins at %s', (text, offset, within, before) => {
  const at = (time: string) => summary({ at: Date.parse(`2025-07-01T${time.length === 5 ? `${time}:00` : time}Z`) });
  const of = (term: string) => parseFilter(term, { now: Date.parse('2025-07-01T14:30:00Z'), offset });
  expect([of(text).matches(at(within)), of(text).matches(at(before))]).toEqual([true, false]);
  const until = text.replace('since', 'until');
  expect([of(until).matches(at(within)), of(until).matches(at('14:29'))]).toEqual([true, false]);
});

it('means today where the user is', () => {
  const { matches } = parseFilter('since:23:30', { now: Date.parse('2025-07-01T02:30:00Z'), offset: 180 });
  expect(matches(summary({ at: Date.parse('2025-07-01T02:30:00Z') }))).toBe(true);
  expect(matches(summary({ at: Date.parse('2025-07-01T02:29:59Z') }))).toBe(false);
});

it('takes the time of this machine by default', () => {
  const noon = summary({ at: new Date().setHours(12, 0, 0, 0) });
  const of = (text: string) => parseFilter(text).matches(noon);
  expect([of('since:12:00'), of('since:12:00:01'), of('until:12:00'), of('until:11:59')]).toEqual([
    ...[true, false],
    ...[true, false],
  ]);
});

describe('terms that exclude each other', () => {
  it.each([
    ['outcome:fault outcome:lost', 'outcome:fault outcome:lost'],
    ['code:904 x outcome:response', 'code:904 outcome:response'],
    ['-outcome:fault code:904', '-outcome:fault code:904'],
    ['code:904 code:902', 'code:904 code:902'],
    ['code:900-903 code:904-920', 'code:900-903 code:904-920'],
    ['ms:>100 ms:<100', 'ms:>100 ms:<100'],
    ['ms:100 ms:101', 'ms:100 ms:101'],
    ['ms:>101 ms:100', 'ms:>101 ms:100'],
    ['ms:5 outcome:lost', 'ms:5 outcome:lost'],
    ['id:3 id:4', 'id:3 id:4'],
    ['since:5m until:10m', 'since:5m until:10m'],
    ['code:x outcome:response', 'code:x outcome:response'],
    ['-refused refused', 'refused -refused'],
    ['Id= -id=', 'id= -id='],
    ['id:1 or id:3 id:4', 'id:3 id:4'],
  ])('%s', (text, pair) => {
    const filter = parseFilter(text);
    expect(filter.problems).toEqual([`${pair}: no request can match both`]);
    expect(filter.isEmpty).toBe(false);
  });

  it.each([
    'outcome:fault code:904',
    'code:900-920 code:904',
    'code:904-910 code:910-920',
    'ms:>100 ms:<101',
    'ms:100 ms:100',
    'ms:100 ms:<101',
    'id:3 id:3',
    'id:3 or id:4',
    'id:3 ms:4',
    'since:10m until:5m',
    '-code:904 outcome:response',
    '-id:3 id:3x',
    'refused refused',
    '-outcome:fault outcome:response',
    '-ms:>5 ms:<3',
  ])('%s do not', (text) => expect(parseFilter(text).problems.filter((one) => one.includes('both'))).toEqual([]));
});

it('takes linear time', () => {
  const filter = parseFilter(`${'a'.repeat(200_000)}= "${'x'.repeat(200_000)} ${'-'.repeat(200_000)}`);
  expect(filter.isEmpty).toBe(false);
});

it.each([
  ['since:noon', 'since:noon: takes a time such as since:14:05, or a time ago such as since:5m'],
  ['code:920-900', 'code:920-900: matches nothing; write code:900-920'],
])('says what is wrong with %s', (text, problem) => expect(parseFilter(text).problems).toEqual([problem]));
