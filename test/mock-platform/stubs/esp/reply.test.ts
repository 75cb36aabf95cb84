import { afterAll, describe, expect, it } from '@jest/globals';
import { KeyValueList, messageToJson } from '#wire';
import { removeFolders } from '../../../support/files.js';
import { request } from '../../../support/raw-client.js';
import { ask, layoutOf, stubsOf } from './sets.js';

afterAll(removeFolders);

const answering = (answer: string) =>
  stubsOf(`application: { name: Billing, type: 23 }\nstubs: [{ answer: ${answer} }]\n`);

/** Billing.GetBalance with Account 17, in the kind of strings that is asked for. */
const asked = (text: 'str' | 'utf16' = 'str', more = {}) => ({
  ...request(5, 'Billing', 'GetBalance'),
  request: KeyValueList.from(
    { Service: 'Billing', Method: 'GetBalance', ...more, Parameters: { Account: '17' } },
    text,
  ),
});

const parametersOf = (answer: string, text: 'str' | 'utf16' = 'str') =>
  layoutOf(ask(answering(answer), asked(text)))?.find(([key]) => key === 'Parameters')?.[2];

describe('a response', () => {
  it('has the layout of real servers, with ReferenceId and AppType of the request', () => {
    const { message } = ask(
      answering('{ parameters: { Balance: "12.50" } }'),
      asked('str', { AppType: 'Third Party Server' }),
    );
    expect(message && messageToJson(message)).toEqual({
      messageId: 501,
      referenceId: 5,
      request: [
        ['Version', 'str', '1.0'],
        ['AppType', 'str', 'Third Party Server'],
        ['Service', 'str', 'Billing'],
        ['Method', 'str', 'GetBalance'],
        ['Parameters', 'list', [['Balance', 'str', '12.50']]],
      ],
      userData: null,
    });
  });

  it('has the type of the application if the request has no AppType', () => {
    expect(layoutOf(ask(answering('{ parameters: {} }'), asked()))).toContainEqual(['AppType', 'int', 23]);
  });

  it('has UserData if the stub defines it', () => {
    const { message } = ask(answering('{ parameters: {}, userData: { Seen: "{{service}}" } }'), asked());
    expect(message && messageToJson(message).userData).toEqual([['Seen', 'str', 'Billing']]);
  });

  it.each([
    [
      '{ parameters: { A: a, B: 5, C: -2147483648 } }',
      [
        ['A', 'str', 'a'],
        ['B', 'int', 5],
        ['C', 'int', -2147483648],
      ],
    ],
    [
      '{ parameters: { A: { B: { C: "{{method}}" } } } }',
      [['A', 'list', [['B', 'list', [['C', 'str', 'GetBalance']]]]]],
    ],
    [
      '{ parameters: { A: [x, 5, { B: c }] } }',
      [
        ['A', 'str', 'x'],
        ['A', 'int', 5],
        ['A', 'list', [['B', 'str', 'c']]],
      ],
    ],
    ['{ parameters: { A: [] } }', []],
    ['{ parameters: [] }', []],
    [
      '{ parameters: [[B, int, 1], [A, utf16, "{{method}}"], [B, bin, "0aff"], [B, strx, "ff"], ["", str, ""]] }',
      [
        ['B', 'int', 1],
        ['A', 'utf16', 'GetBalance'],
        ['B', 'bin', '0aff'],
        ['B', 'strx', 'ff'],
        ['', 'str', ''],
      ],
    ],
    ['{ parameters: [[A, list, [[B, str, "{{parameters.Account}}"]]]] }', [['A', 'list', [['B', 'str', '17']]]]],
    [
      '{ parameters: { A: [[B, utf16, c], [B, int, 1]] } }',
      [
        [
          'A',
          'list',
          [
            ['B', 'utf16', 'c'],
            ['B', 'int', 1],
          ],
        ],
      ],
    ],
    ['{ parameters: [[{ hex: "ff41" }, str, a]] }', [[{ hex: 'ff41' }, 'str', 'a']]],
  ])('%s', (answer, expected) => expect(parametersOf(answer)).toEqual(expected));

  it('uses the string kind of the request, except for entries with their own kind', () => {
    const parameters = '{ parameters: { A: a, B: { C: c }, D: [[E, str, e]] } }';
    expect(parametersOf(parameters, 'utf16')).toEqual([
      ['A', 'utf16', 'a'],
      ['B', 'list', [['C', 'utf16', 'c']]],
      ['D', 'list', [['E', 'str', 'e']]],
    ]);
  });
});

describe('a fault', () => {
  it.each([
    ['{ fault: { code: 404, text: "no account {{parameters.Account}}" } }', '404', 'no account 17'],
    ['{ fault: { code: NoAccount, text: "" } }', 'NoAccount', ''],
  ])('%s', (answer, code, text) => {
    const { message } = ask(answering(answer), asked());
    expect([message?.messageId, message?.referenceId, message?.userData]).toEqual([502, 5, undefined]);
    expect(parametersOf(answer)).toEqual([
      ['FaultCode', 'str', code],
      ['FaultString', 'str', text],
    ]);
  });
});

describe('a whole Request list', () => {
  it('is the whole reply, with messageId 501 by default', () => {
    const list = 'request: [[Method, str, ""], [Service, utf16, "{{service}}"]]';
    for (const [answer, messageId] of [
      [`{ ${list} }`, 501],
      [`{ messageId: 502, ${list}, userData: { A: b } }`, 502],
    ] as const) {
      const { message } = ask(answering(answer), asked());
      expect(message && messageToJson(message)).toEqual({
        messageId,
        referenceId: 5,
        request: [
          ['Method', 'str', ''],
          ['Service', 'utf16', 'Billing'],
        ],
        userData: messageId === 502 ? [['A', 'str', 'b']] : null,
      });
    }
  });
});

describe('none', () => {
  it('sends no reply', () => {
    const answer = ask(answering('{ none: true }'), asked());
    expect([answer.message, answer.unmatched, answer.stub?.hits]).toEqual([undefined, undefined, 1]);
  });
});

describe('unmatched in a file', () => {
  const set = stubsOf(`application: { name: Billing, type: 23 }
stubs: [{ match: { service: Other }, answer: { none: true } }]
unmatched: { fault: { code: InvalidServiceName, text: "{{method}} unknown method" }, delayMs: 7 }
`);

  it('replaces 902, and keeps the explanation', () => {
    const { message, delayMs, unmatched, stub } = ask(set, asked());
    expect(message?.request?.list('Parameters')?.string('FaultString')).toBe('GetBalance unknown method');
    expect([delayMs, stub]).toEqual([7, undefined]);
    expect(unmatched).toBe("no stub matched; the nearest was stub 1 (Other.*): service is 'Billing', not 'Other'");
  });
});
