import { afterAll, describe, expect, it } from '@jest/globals';
import { type EspMessage, KeyValueList, type PlainValues } from '#wire';
import { removeFolders } from '../../../support/files.js';
import { request } from '../../../support/raw-client.js';
import { ask, said, stubsOf, why } from './sets.js';

afterAll(removeFolders);

const matching = (match: string) =>
  stubsOf(`stubs:\n  - match: ${match}\n    answer: { parameters: { Found: "yes" } }\n`);

const NEAREST = 'no stub matched; the nearest was stub 1 (*.*): ';

/** How the one stub that has this `match` misses Billing.GetBalance; empty if it matches. */
const misses = (match: string, parameters: PlainValues = {}, more: PlainValues = {}): string =>
  why(matching(match), parameters, more).replace(NEAREST, '');

describe('a stub without match', () => {
  it('answers any request', () => {
    const set = stubsOf('stubs: [{ answer: { parameters: { A: b } } }]');
    expect(said(set)).toBe('{"A":"b"}');
    expect(ask(set, { messageId: 500, referenceId: 1, request: undefined, userData: undefined }).stub?.id).toBe('1');
  });
});

describe('the target of a request', () => {
  it.each<[string, PlainValues, string]>([
    ['{ appName: Billing }', { AppName: 'Billing' }, ''],
    ['{ appName: Billing }', { AppName: 'billing' }, "appName is 'billing', not 'Billing'"],
    ['{ appName: Billing }', {}, "appName is '', not 'Billing'"],
    ['{ appType: 23 }', { AppType: 23 }, ''],
    ['{ appType: 23 }', { AppType: '23' }, ''],
    ['{ appType: 64 }', { AppType: 'E-Mail Server Java' }, ''],
    ['{ appType: 23 }', { AppType: 'Chat Server' }, "appType is 'Chat Server', not 23"],
    ['{ appType: 23 }', { AppType: 22 }, "appType is '22', not 23"],
    ['{ appType: 23 }', {}, 'appType is missing, not 23'],
  ])('%s of %j: %j', (match, more, expected) => expect(misses(match, {}, more)).toBe(expected));

  it.each([
    ['{ service: Billing }', ''],
    ['{ service: Billing, method: GetBalance }', ''],
    ['{ service: Billin }', "no stub matched; the nearest was stub 1 (Billin.*): service is 'Billing', not 'Billin'"],
    [
      '{ method: getBalance }',
      "no stub matched; the nearest was stub 1 (*.getBalance): method is 'GetBalance', not 'getBalance'",
    ],
  ])('%s: %j', (match, expected) => expect(why(matching(match))).toBe(expected));
});

describe('a parameter', () => {
  it('with a secret name does not show its value', () => {
    expect(misses('{ parameters: { Password: "guess" } }', { Password: 'hunter2' })).toBe(
      'parameters.Password is ***, not ***',
    );
    expect(misses('{ parameters: { Password: "guess" } }')).toBe('parameters.Password is missing, not ***');
  });

  it.each<[string, PlainValues, string]>([
    ['{ Account: "17" }', { Account: '17' }, ''],
    ['{ Account: "17" }', { Account: 17 }, ''],
    ['{ Account: 17 }', { Account: '17' }, ''],
    ['{ Account: "017" }', { Account: 17 }, "parameters.Account is '17', not '017'"],
    ['{ Account: "17" }', {}, "parameters.Account is missing, not '17'"],
    ['{ Account: "17" }', { Account: { Id: '17' } }, "parameters.Account is a list, not '17'"],
    ['{ Account: "17" }', { Account: Buffer.from('17') }, "parameters.Account is binary, not '17'"],
    ['{ Account: "" }', { Account: '' }, ''],
    ['{ Currency: { pattern: "^(EUR|USD)$" } }', { Currency: 'USD' }, ''],
    [
      '{ Currency: { pattern: "^(EUR|USD)$" } }',
      { Currency: 'GBP' },
      "parameters.Currency is 'GBP', expected a match for ^(EUR|USD)$",
    ],
    ['{ Currency: { pattern: "" } }', {}, 'parameters.Currency is missing, expected a match for '],
    ['{ Amount: { pattern: "^-?[0-9]+$" } }', { Amount: -5 }, ''],
    ['{ Note: { present: true } }', { Note: {} }, ''],
    ['{ Note: { present: true } }', {}, 'parameters.Note is missing'],
    ['{ Note: { present: false } }', {}, ''],
    ['{ Note: { present: false } }', { Note: 'x' }, "parameters.Note is 'x', not missing"],
    ['{ Contact.Address.City: Brest }', { Contact: { Address: { City: 'Brest' } } }, ''],
    [
      '{ Contact.Address.City: Brest }',
      { Contact: { Address: 'x' } },
      "parameters.Contact.Address.City is missing, not 'Brest'",
    ],
    ['{ tkv.multibytes: "false" }', { 'tkv.multibytes': 'false' }, ''],
    ['{ a.b.c: x }', { 'a.b': { c: 'x' } }, ''],
    ['{ a.b.c: x }', { a: { b: 1 }, 'a.b': { c: 'x' } }, ''],
    ['{ Line: x }', { Line: 'a "b"\n\u0007' }, `parameters.Line is 'a "b"\\n\\u0007', not 'x'`],
    ['{ Long: x }', { Long: 'y'.repeat(100) }, `parameters.Long is '${'y'.repeat(60)}...', not 'x'`],
    ['{ A: "1", B: "2", C: "3" }', { A: '1' }, "parameters.B is missing, not '2'; parameters.C is missing, not '3'"],
  ])('%s of %j: %j', (parameters, given, expected) => {
    expect(misses(`{ parameters: ${parameters} }`, given)).toBe(expected);
  });

  it('is matched by its first 65,536 characters if it is longer', () => {
    const match = '{ parameters: { Note: { pattern: "z$" } } }';
    expect(misses(match, { Note: `${'y'.repeat(65_535)}z${'y'.repeat(10)}` })).toBe('');
    expect(misses(match, { Note: `${'y'.repeat(65_536)}z` })).toMatch(/, expected a match for z\$$/);
  });

  it('is the first of a repeated key', () => {
    expect(misses('{ parameters: { Id: a } }', { Id: ['a', 'b'] })).toBe('');
    expect(misses('{ parameters: { Id: b } }', { Id: ['a', 'b'] })).toBe("parameters.Id is 'a', not 'b'");
  });

  it('is missing if Parameters is not a list', () => {
    expect(misses('{ parameters: { Id: a } }', {}, { Parameters: 'x' })).toBe("parameters.Id is missing, not 'a'");
  });

  it('may be UTF-16, like all names', () => {
    const list = KeyValueList.from(
      { AppName: 'Billing', Service: 'Billing', Method: 'GetBalance', Parameters: { Id: 'Зоя' } },
      'utf16',
    );
    const set = matching('{ appName: Billing, service: Billing, method: GetBalance, parameters: { Id: Зоя } }');
    expect(ask(set, { messageId: 500, referenceId: 1, request: list, userData: undefined }).stub?.id).toBe('1');
  });
});

describe('user data', () => {
  const withUserData = (values: PlainValues): EspMessage => ({
    ...request(1, 'Billing', 'GetBalance'),
    userData: KeyValueList.from(values),
  });

  it('is matched like parameters', () => {
    const set = matching('{ userData: { Segment: gold } }');
    expect(ask(set, withUserData({ Segment: 'gold' })).unmatched).toBeUndefined();
    expect(ask(set, withUserData({ Segment: 'tin' })).unmatched).toBe(
      `${NEAREST}userData.Segment is 'tin', not 'gold'`,
    );
    expect(why(set)).toBe(`${NEAREST}userData.Segment is missing, not 'gold'`);
  });
});

describe('several stubs', () => {
  const two = stubsOf(`stubs:
  - { name: good customer, match: { service: Billing, method: GetBalance, parameters: { Account: "17" } }, answer: { parameters: { Balance: "12.50" } } }
  - { name: any customer, match: { service: Billing, method: GetBalance }, answer: { fault: { code: 404, text: none } } }
  - { name: shadowed, match: { service: Billing, method: GetBalance }, answer: { none: true } }
`);

  it('answer in the order of the file: the first match wins', () => {
    expect(said(two, { Account: '17' })).toBe('{"Balance":"12.50"}');
    expect(said(two, { Account: '18' })).toBe('404 none');
    expect(two.list().map(({ id, hits }) => [id, hits])).toEqual([
      ['1', 1],
      ['2', 1],
      ['3', 0],
    ]);
  });
});

describe('the nearest stub', () => {
  const nearest = (stubs: readonly string[], parameters: PlainValues = {}): string =>
    why(
      stubsOf(`stubs:\n${stubs.map((match) => `  - { match: ${match}, answer: { none: true } }\n`).join('')}`),
      parameters,
    );

  it.each<[string, string[], string]>([
    [
      'has the same service and method, whatever else differs',
      [
        '{ service: Billing, method: Pay }',
        '{ service: Other, method: GetBalance }',
        '{ service: Billing, method: GetBalance, parameters: { A: "1", B: "1" } }',
      ],
      "stub 3 (Billing.GetBalance): parameters.A is 'a', not '1'; parameters.B is missing, not '1'",
    ],
    [
      'is of the same service before the same method',
      ['{ service: Other, method: GetBalance }', '{ service: Billing, method: Pay, parameters: { A: "1" } }'],
      "stub 2 (Billing.Pay): method is 'GetBalance', not 'Pay'; parameters.A is 'a', not '1'",
    ],
    [
      'misses fewest conditions',
      ['{ service: Billing, parameters: { A: "1", B: "1" } }', '{ service: Billing, parameters: { A: a, B: "1" } }'],
      "stub 2 (Billing.*): parameters.B is missing, not '1'",
    ],
    [
      'is the first of equals',
      ['{ parameters: { A: "1" } }', '{ parameters: { A: "2" } }'],
      "stub 1 (*.*): parameters.A is 'a', not '1'",
    ],
  ])('%s', (_name, stubs, expected) => {
    expect(nearest(stubs, { A: 'a' })).toBe(`no stub matched; the nearest was ${expected}`);
  });

  it('is identified by its name', () => {
    const set = stubsOf(`stubs:
  - name: balance of a good customer
    match: { service: Billing, method: GetBalance, parameters: { Account: "17" } }
    answer: { parameters: { Balance: "12.50" } }
`);
    expect(why(set, { Account: '18' })).toBe(
      "no stub matched; the nearest was 'balance of a good customer' (Billing.GetBalance): parameters.Account is '18', not '17'",
    );
  });

  it('is undefined without stubs', () => expect(why(stubsOf('stubs: []'))).toBe('no stub matched; there are no stubs'));
});

describe('a request without a matching stub is answered', () => {
  const set = stubsOf(`stubs:
  - { match: { service: Billing, method: GetBalance, parameters: { Account: "17" } }, answer: { none: true } }
  - { match: { method: Pay }, answer: { none: true } }
`);

  it.each([
    ['Billing', 'GetBalance', '902 Billing.GetBalance unknown method'],
    ['Billing', 'Foo', '902 Billing.Foo unknown method'],
    ['billing', 'GetBalance', '902 billing unknown service'],
    ['', 'GetBalance', '701 Request is invalid: Service or Method name was not specified...'],
    ['Billing', '', '701 Request is invalid: Service or Method name was not specified...'],
  ])('%s.%s: %s', (service, method, expected) => {
    const { message, delayMs, stub } = ask(set, request(1, service, method));
    const parameters = message?.request?.list('Parameters');
    expect(`${parameters?.string('FaultCode')} ${parameters?.string('FaultString')}`).toBe(expected);
    expect([message?.messageId, message?.referenceId, delayMs, stub]).toEqual([502, 1, 0, undefined]);
  });
});
