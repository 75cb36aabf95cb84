import { describe, expect, it } from '@jest/globals';
import { defineChannel, type EspCall, EspMethod, inject, KeyValueList, type ServiceIdentifier, z } from 'esp-host';
import { espMatchers, fakeHttp, testMethod } from 'esp-host/testing';
import { GetBalance } from './billing.js';

expect.extend(espMatchers);

const accounts = () => fakeHttp([{ url: 'https://billing.example/accounts/17', json: { balance: 12.5 } }]);

describe('a method by itself', () => {
  it('returns its response, upstream calls and log lines', async () => {
    const method = await testMethod(GetBalance, { http: accounts() });
    const outcome = await method.call({ Account: '17' });
    expect(outcome).toBeEspResponse({ Balance: '12.5 EUR' });
    expect(outcome.upstream).toMatchObject([
      { method: 'GET', url: 'https://billing.example/accounts/17', status: 200, headers: { host: 'billing.example' } },
    ]);
    expect(outcome.logs).toMatchObject([
      { level: 'info', message: 'found it', fields: { account: '17', method: 'Billing.GetBalance' } },
    ]);
  });

  it('returns the faults that it throws, and those of its schema', async () => {
    const http = fakeHttp([{ url: 'https://billing.example/accounts/*', status: 404 }]);
    const method = await testMethod(GetBalance, { http });
    expect(await method.call({ Account: 'a b' })).toBeEspFault(404, 'no account a b');
    expect(http.calls.map(({ url }) => url)).toEqual(['https://billing.example/accounts/a%20b']);
    expect(await method.call({})).toBeEspFault(904, 'Billing.GetBalance incorrect Account: missing');
    const wrong = KeyValueList.from({ Account: '17', Months: 'many' });
    expect(await method.call(wrong)).toBeEspFault(904, /Months: not an int$/);
  });

  it('has typed parameters', async () => {
    const method = await testMethod(GetBalance, { http: accounts() });
    // @ts-expect-error Months is a number
    expect(await method.call({ Account: '17', Months: 'many' })).toBeEspFault(904);
    // @ts-expect-error there is no such parameter
    expect(await method.call({ Account: '17', Mouths: 1 })).toBeEspResponse();
  });

  it('returns fault 900 if it crashes, with the stack in the log', async () => {
    const http = fakeHttp([{ url: 'https://billing.example/*', body: 'no JSON' }]);
    const outcome = await (await testMethod(GetBalance, { http })).call({ Account: '17' });
    expect(outcome).toBeEspFault(900, 'Billing.GetBalance failed unexpectedly (ReferenceId 1)');
    const [crash] = outcome.logs.filter(({ level }) => level === 'error');
    expect(crash?.fields.stack).toMatch(/SyntaxError.*billing\.ts/s);
  });

  it('reaches its deadline when the clock does', async () => {
    const http = fakeHttp([{ url: 'https://billing.example/*', hangs: true }]);
    const method = await testMethod(GetBalance, { http, deadlineMs: 300 });
    const asked = method.call({ Account: '17' });
    method.clock.advance(299);
    expect(method.plugin.logs).toEqual([]);
    method.clock.advance(1);
    expect(await asked).toBeEspFault(
      920,
      'DMS failed to execute request Billing.GetBalance: deadline of 300 ms passed',
    );
  });

  it('can have a client that disconnects', async () => {
    const method = await testMethod(GetBalance, { http: fakeHttp([{ url: /./, hangs: true }]) });
    const leaving = new AbortController();
    const asked = method.call({ Account: '17' }, { signal: leaving.signal });
    leaving.abort();
    expect(await asked).toMatchObject({ response: undefined, fault: undefined, message: undefined });
    expect(await method.call({ Account: '17' }, { signal: AbortSignal.abort() })).toMatchObject({ message: undefined });
  });

  it('gets what the test binds', async () => {
    const word: ServiceIdentifier<string> = Symbol('word');
    @EspMethod('Test', 'Say', { parameters: z.object({}), response: z.object({ Word: z.string() }) })
    class Say {
      constructor(@inject(word) private readonly first: string) {}
      handle(call: EspCall) {
        call.logger.debug('saying');
        return { Word: `${this.first} ${call.userData.string('Name')}` };
      }
    }
    const method = await testMethod(Say, { bind: (container) => container.bind(word).toConstantValue('hello') });
    expect(await method.call({}, { userData: { Name: 'Ann' } })).toBeEspResponse({ Word: 'hello Ann' });
    await expect(testMethod(Say)).rejects.toThrow(/plugin test failed to start: /);
  });

  it('gets its channel as parsed by the channel type', async () => {
    const ledger = defineChannel(z.strictObject({ type: z.literal('ledger'), size: z.int().default(5) }));
    @EspMethod('Test', 'Size', { parameters: z.object({}), response: z.object({ Size: z.int() }), channel: ledger })
    class Size {
      handle(call: EspCall<z.ZodType, typeof ledger>) {
        return { Size: call.channel.settings.size };
      }
    }
    const method = await testMethod(Size, { channels: { main: { type: 'ledger' } } });
    expect(await method.call({})).toBeEspResponse({ Size: 5 });
    await expect(testMethod(Size, { channels: { main: { type: 'ledger', size: 'x' } } })).rejects.toThrow(
      /^channel main: .*number/,
    );
  });

  it('gets a channel of another plugin as given', async () => {
    @EspMethod('Test', 'Type', { parameters: z.object({}), response: z.object({ Size: z.int() }), channel: 'ledger' })
    class Type {
      handle(call: EspCall) {
        return { Size: (call.channel.settings as { size: number }).size };
      }
    }
    const method = await testMethod(Type, { channels: { main: { type: 'ledger', size: 5 } } });
    expect(await method.call({})).toBeEspResponse({ Size: 5 });
  });

  it('needs an @EspMethod', async () => {
    class Other {
      handle = () => ({});
    }
    await expect(testMethod(Other)).rejects.toMatchObject({
      code: 'ESP_TESTING_SETUP',
      message: 'class Other has no @EspMethod',
    });
  });
});
