import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { Value } from '../../../src/cli/compare/differences.js';
import { differenceJson, differenceText, summaryJson, summaryText } from '../../../src/cli/compare/texts.js';

const PLACE = { line: 7, service: 'Billing', method: 'Get' };

/** The line of one difference. */
const shown = (a: Value | undefined, b: Value | undefined, path = 'P'): string =>
  stripVTControlCharacters(differenceText(PLACE, 'send', [{ path, a, b }])).split('\n')[2] ?? '';

const str = (value: string): Value => ({ type: 'str', value });

describe('a difference', () => {
  it('follows the line of the request and the command that repeats it', () => {
    const all = [
      { path: 'A', a: str('x'), b: undefined },
      { path: 'B', a: undefined, b: { type: 'int', value: 5 } },
    ];
    expect(stripVTControlCharacters(differenceText(PLACE, 'send it', all))).toBe(
      'line 7: Billing.Get\n  send it\n  A: a str "x", b missing\n  B: a missing, b int 5\n\n',
    );
  });

  it.each<[Value, string]>([
    [{ type: 'utf16', value: 'é' }, 'utf16 "é"'],
    [{ type: 'bin', value: '00ff' }, 'bin 00ff'],
    [{ type: 'order', value: ['A', 'B'] }, 'order A, B'],
    [
      {
        type: 'list',
        value: [
          ['K', 'str', 'v'],
          ['N', 'int', 5],
        ],
      },
      'list K=v N:=5',
    ],
    [{ type: 'response', value: [] }, 'response'],
    [{ type: 'no answer', value: 'timed out after 5 ms' }, 'no answer (timed out after 5 ms)'],
  ])('shows %j', (value, text) => expect(shown(value, undefined)).toBe(`  P: a ${text}, b missing`));

  it('shows 120 characters of a value, and cuts the rest', () => {
    const whole = { type: 'bin', value: 'a'.repeat(116) };
    expect(shown(whole, undefined)).toBe(`  P: a bin ${'a'.repeat(116)}, b missing`);
    const long = { type: 'bin', value: 'a'.repeat(117) };
    expect(shown(long, undefined)).toBe(`  P: a bin ${'a'.repeat(116)}..., b missing`);
  });

  it('shows a long value from 20 characters before where it differs', () => {
    const [a, b] = ['x', 'y'].map((sign) => ({ type: 'bin', value: `${'0'.repeat(200)}${sign}${'1'.repeat(200)}` }));
    const start = '0'.repeat(20);
    const rest = '1'.repeat(99);
    expect(shown(a, b)).toBe(`  P: a ...${start}x${rest}..., b ...${start}y${rest}...`);
  });

  it('shows a long value to its end if that is near', () => {
    const [a, b] = ['x', 'y'].map((sign) => ({ type: 'bin', value: `${'0'.repeat(200)}${sign}` }));
    expect(shown(a, b)).toBe(`  P: a ...${'0'.repeat(20)}x, b ...${'0'.repeat(20)}y`);
  });

  it('escapes control characters in paths', () => {
    expect(shown(str('a'), undefined, 'K\u001b\u2028')).toBe('  K\\u001b\\u2028: a str "a", b missing');
  });

  it('is a line of JSON, with null for missing values', () => {
    const text = differenceJson(PLACE, 'send', [{ path: 'A', a: str('x'), b: undefined }]);
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual({
      ...PLACE,
      send: 'send',
      differences: [{ path: 'A', a: { type: 'str', value: 'x' }, b: null }],
    });
  });
});

describe('the summary', () => {
  const methods = [
    { service: 'Billing', method: 'Get', asked: 12, different: 2 },
    { service: 'Chat', method: 'A', asked: 3, different: 0 },
  ];

  it('has a row per method, and a total', () => {
    expect(stripVTControlCharacters(summaryText(methods))).toBe(
      [
        '              requests       same  different',
        'Billing.Get         12         10          2',
        'Chat.A               3          3          0',
        'all                 15         13          2',
        '',
      ].join('\n'),
    );
  });

  it('is a line of JSON', () => {
    expect(summaryJson(methods)).toBe(
      '{"methods":[{"service":"Billing","method":"Get","asked":12,"different":2,"same":10},' +
        '{"service":"Chat","method":"A","asked":3,"different":0,"same":3}]}\n',
    );
  });
});
