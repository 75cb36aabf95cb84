import { describe, expect, it } from '@jest/globals';
import { milliseconds, parseAddress, serviceMethod, wholeNumber } from '../../src/cli/options.js';

describe('an address', () => {
  it.each([
    ['dms.example:7120', 'dms.example', 7120],
    ['127.0.0.1:1', '127.0.0.1', 1],
    [':7120', '127.0.0.1', 7120],
    ['[::1]:65535', '::1', 65_535],
    ['localhost:0', 'localhost', 0],
  ])('%s', (text, host, port) => expect(parseAddress(text)).toEqual({ host, port }));

  it.each(['', '7120', 'localhost', 'localhost:', 'localhost:65536', 'localhost:-1', 'localhost:7120x', '::1:7120'])(
    'is not %j',
    (text) => {
      expect(() => parseAddress(text)).toThrow('Expected HOST:PORT, with a port up to 65535.');
    },
  );

  it.each(['http://localhost:7120', '[]:7120', '[::1]', '[::1:7120'])('is not %j either', (text) => {
    expect(() => parseAddress(text)).toThrow('HOST:PORT');
  });
});

describe('a whole number', () => {
  it.each(['0', '-1', '1.5', '', 'x1', '1x', '10000'])('is not %j', (text) => {
    expect(() => wholeNumber(9999)(text)).toThrow('Expected a whole number from 1 to 9999.');
  });

  it.each(['1', '250', '9999'])('may be %s', (text) => expect(wholeNumber(9999)(text)).toBe(Number(text)));

  it('has no limit unless one is given', () => {
    expect(wholeNumber()('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => wholeNumber()('9007199254740992')).toThrow('Expected a whole number greater than 0.');
  });

  it('of milliseconds is what a timer can hold', () => {
    expect(milliseconds('2147483647')).toBe(2_147_483_647);
    expect(() => milliseconds('2147483648')).toThrow('Expected a whole number from 1 to 2147483647.');
  });
});

describe('a method', () => {
  it.each([
    ['Messaging.ValidateContact', 'Messaging', 'ValidateContact'],
    ['com.example.Billing.Pay', 'com.example.Billing', 'Pay'],
    ['A.b', 'A', 'b'],
  ])('%s', (text, service, method) => expect(serviceMethod(text)).toEqual({ service, method }));

  it.each(['', 'Pay', '.Pay', 'Billing.'])('is not %j', (text) => {
    expect(() => serviceMethod(text)).toThrow('Expected Service.Method.');
  });
});
