import { describe, expect, it } from '@jest/globals';
import { type EspCall, EspMethod, type EspMethodHandler, KeyValueList, z } from 'esp-host';
import { espMatchers, fakeHttp, testMethod } from 'esp-host/testing';
import { GetBalance } from './billing.js';

expect.extend(espMatchers);

const anything = z.looseObject({});

@EspMethod('Test', 'Repeat', { parameters: anything, response: anything })
class Repeat implements EspMethodHandler<typeof anything, typeof anything> {
  handle(call: EspCall<typeof anything>) {
    return call.received;
  }
}

async function ask(status: number, body = '{"balance":1}') {
  const http = fakeHttp([{ url: 'https://billing.example/accounts/1', status, body }]);
  return (await testMethod(GetBalance, { http })).call({ Account: '1' });
}

describe('the matchers', () => {
  it('accept codes as numbers and strings, and texts as strings and patterns', async () => {
    const fault = await ask(404);
    expect(fault).toBeEspFault('404');
    expect(fault).toBeEspFault(404, /no account/);
    expect(fault).not.toBeEspFault(904);
    expect(fault).not.toBeEspFault(404, 'no account');
    expect(fault).not.toBeEspResponse();
    const response = await ask(200);
    expect(response).toBeEspResponse({ Balance: expect.stringMatching(/EUR$/) });
    expect(response).not.toBeEspResponse({});
    expect(response).not.toBeEspFault(404);
  });

  it('compare kinds, order and repetition with a KeyValueList', async () => {
    const method = await testMethod(Repeat);
    const list = (type: 'str' | 'utf16') =>
      new KeyValueList([
        { key: 'A', type, value: 'x' },
        { key: 'B', type: 'int', value: 1 },
        { key: 'A', type, value: 'y' },
      ]);
    const outcome = await method.call(list('str'));
    expect(outcome).toBeEspResponse(list('str'));
    expect(outcome).not.toBeEspResponse(list('utf16'));
    expect(outcome).toBeEspResponse({ A: ['x', 'y'], B: 1 });
    expect(() => expect(outcome).toBeEspResponse(list('utf16'))).toThrow("the response [ [ 'A', 'utf16', 'x' ]");
    expect(await method.call({}, { text: 'utf16' })).toBeEspResponse(new KeyValueList());
  });

  it('report the reply, the upstream calls and the log', async () => {
    const response = await ask(200);
    expect(() => expect(response).toBeEspFault(404, /none/)).toThrow(
      [
        'Expected Billing.GetBalance to answer fault 404 /none/',
        "It answered the response { Balance: '1 EUR' }",
        '  called GET https://billing.example/accounts/1: 200',
        '  logged info: found it',
      ].join('\n'),
    );
    expect(() => expect(response).not.toBeEspResponse()).toThrow(
      'Expected Billing.GetBalance not to answer a response',
    );
    const fault = await ask(404);
    expect(() => expect(fault).toBeEspResponse({ Balance: '1 EUR' })).toThrow(
      "to answer the response { Balance: '1 EUR' }\nIt answered fault 404 'no account 1'",
    );
  });

  it('show the stack of a method that crashed', async () => {
    const crashed = await ask(200, 'no JSON');
    expect(() => expect(crashed).toBeEspResponse()).toThrow(
      /\nIt answered fault 900 .*\n {4}SyntaxError: .*\n {8}at .*billing\.ts/s,
    );
    expect(() => expect(crashed).toBeEspFault(904)).toThrow(/^Expected Billing\.GetBalance to answer fault 904\nIt/);
  });

  it('reject anything but an outcome', () => {
    expect(() => expect(ask(200)).toBeEspResponse()).toThrow('not a promise: await the call first');
    expect(() => expect({ a: 1 }).toBeEspFault(1)).toThrow('not { a: 1 }');
  });
});
