import { describe, expect, it } from '@jest/globals';
import { apartFrom, methodName, pluginName } from '../../../src/cli/new/names.js';

describe('a method', () => {
  it.each([
    ['Billing.GetBalance', 'GetBalance', 'get-balance'],
    ['Billing.getURLCheck2', 'GetURLCheck2', 'get-url-check2'],
    ['Billing.get_balance', 'Get_balance', 'get-balance'],
    ['Billing.Error', 'ErrorMethod', 'error-method'],
    ['Billing.index', 'IndexMethod', 'index-method'],
    ['Billing.EspCall', 'EspCallMethod', 'esp-call-method'],
    ['Billing.espMethod', 'EspMethodMethod', 'esp-method-method'],
    ['Billing.EspMethodHandler', 'EspMethodHandlerMethod', 'esp-method-handler-method'],
  ])('%s is class %s in %s.ts', (name, className, file) => {
    expect(methodName(name)).toMatchObject({ name, className, file });
  });

  it('has another class name if a parameter has the same name', () => {
    const rate = methodName('Billing.Rate');
    expect(apartFrom(rate, ['Currency', 'Rate'])).toEqual({ ...rate, className: 'RateMethod' });
    expect(apartFrom(rate, ['Currency'])).toEqual(rate);
  });

  it.each(['GetBalance', 'Billing.', '.GetBalance', 'A.B.C', '1.A', 'A.1', 'A.B C', "A.B'", ''])(
    '%j is none',
    (name) => {
      expect(() => methodName(name)).toThrow(
        `'${name}' is not a method: expected Service.Method, such as Billing.GetBalance`,
      );
    },
  );
});

describe('a plugin', () => {
  it.each(['billing', 'billing-2', 'b'])('may be %s', (name) => expect(pluginName(name)).toBe(name));

  it.each([
    ['Billing', 'billing'],
    ['myPlugin', 'my-plugin'],
    ['../up', 'up'],
    ['a b', 'a-b'],
    ['9', 'billing'],
    ['', 'billing'],
  ])('may not be %j', (name, hint) => {
    expect(() => pluginName(name)).toThrow(
      `'${name}' is not a plugin name: expected lowercase letters, digits and hyphens, such as ${hint}`,
    );
  });
});
