import { describe, expect, it } from '@jest/globals';
import { definePlugin } from 'esp-host';
import { espMatchers, type FakeReply, fakeHttp, testPlugin, UnexpectedCallError } from 'esp-host/testing';
import billing from './billing.js';

expect.extend(espMatchers);

const URL = 'http://ledger.example/charges';
const POST = { method: 'POST', url: URL };

async function charge(...replies: FakeReply[]) {
  const http = fakeHttp(replies);
  const plugin = await testPlugin(billing, { http, channels: { main: { type: 'ledger', url: URL } } });
  return plugin.call('Billing.Charge', { Cents: 5, Note: 'tea', Tags: ['a', 'b'] });
}

describe('a plugin', () => {
  it('returns lists, repeated keys and UserData as plain values', async () => {
    const outcome = await charge({ ...POST, json: { id: 7 } });
    expect(outcome).toBeEspResponse({ Id: 7, Tag: ['a', 'b'], Of: { Name: 'main' } });
    expect(outcome.userData).toEqual({ Charged: 'yes' });
    expect(outcome.upstream).toMatchObject([
      { method: 'POST', body: '{"Cents":5,"Note":"tea","Tags":["a","b"]}', status: 200 },
    ]);
  });

  it('accepts either kind of strings, and replies in the same', async () => {
    const http = fakeHttp([{ ...POST, json: { id: 7 } }]);
    const plugin = await testPlugin(billing, { http, channels: { main: { type: 'ledger', url: URL } } });
    for (const text of ['str', 'utf16'] as const) {
      const { message } = await plugin.call('Billing.Charge', { Cents: 5, Note: 'tea' }, { text });
      expect(message?.request?.find('Service')?.type).toBe(text);
      expect(message?.request?.list('Parameters')?.list('Of')?.find('Name')?.type).toBe(text);
    }
  });

  it('returns faults for unknown services, methods and channels', async () => {
    const plugin = await testPlugin(billing);
    expect(await plugin.call('Biling.Charge')).toBeEspFault(902, 'Biling unknown service');
    expect(await plugin.call('Billing.Chrage')).toBeEspFault(902, 'Billing.Chrage unknown method');
    expect(await plugin.call('Billing.Charge', { Cents: 5 })).toBeEspFault(904, /needed, 0 channels are configured$/);
    await expect(plugin.call('Charge')).rejects.toThrow("'Charge' is not of the form Service.Method");
  });

  it('validates options and channels', async () => {
    await expect(testPlugin(billing, { options: { limit: 'none' } })).rejects.toThrow(
      /^options of plugin billing: .*limit/s,
    );
    const channels = { main: { type: 'ledger', url: 'nowhere' } };
    await expect(testPlugin(billing, { channels })).rejects.toThrow(/^channel main: .*url/s);
  });

  it('starts and stops', async () => {
    const done: string[] = [];
    const plugin = definePlugin({
      name: 'p',
      methods: [],
      start: () => void done.push('start'),
      stop: () => void done.push('stop'),
    });
    await (await testPlugin(plugin)).stop();
    expect(done).toEqual(['start', 'stop']);
  });
});

describe('its upstreams', () => {
  it('reply in order, repeat the last reply, and see real retries', async () => {
    const outcome = await charge({ ...POST, status: 503 }, { ...POST, json: { id: 8 } });
    expect(outcome).toBeEspResponse(expect.objectContaining({ Id: 8 }));
    expect(outcome.upstream.map(({ status }) => status)).toEqual([503, 200]);
    expect((await charge({ ...POST, status: 503 })).upstream).toHaveLength(2);
  });

  it('time out, refuse connections and return statuses like real ones', async () => {
    const text = /^main failed to execute request Billing\.Charge: /;
    const hanging = await charge({ ...POST, hangs: true });
    expect(hanging).toBeEspFault(920, text);
    expect(hanging.fault?.text).toContain("Timeout awaiting 'request' for 50ms");
    const refused = await charge({ ...POST, error: 'ECONNREFUSED' });
    expect(refused.fault?.text).toContain('connect ECONNREFUSED ledger.example');
    expect(refused.upstream[0]).toMatchObject({ body: '', status: undefined });
    const broken = await charge({ ...POST, error: 'ECONNRESET' });
    expect(broken.fault?.text).toContain('read ECONNRESET ledger.example');
    expect(broken.upstream[0]).toMatchObject({ body: expect.stringContaining('"Cents":5'), status: undefined });
    expect((await charge({ ...POST, status: 500 })).fault?.text).toContain('status code 500');
  });

  it('without a fake reply fail the test, even if the method catches the error', async () => {
    const asked = charge({ url: URL }, { method: 'POST', url: 'http://ledger.example/charge' });
    await expect(asked).rejects.toThrow(UnexpectedCallError);
    await expect(asked).rejects.toThrow(
      `unexpected call POST ${URL}; the closest reply is to POST http://ledger.example/charge`,
    );
    await expect(charge()).rejects.toThrow(/unexpected call POST .*; add a reply: http: fakeHttp/);
    await expect(charge({ url: 'https://other.example/' })).rejects.toThrow(
      'there are replies to GET https://other.example/',
    );
  });

  it('are matched by text, by * and by pattern', async () => {
    const id = (url: string | RegExp) => charge({ method: 'post', url, json: { id: 1 } });
    for (const url of ['http://*/charges', '*', /ledger\.example\/ch/]) expect(await id(url)).toBeEspResponse();
    await expect(id('http://ledgerXexample/charges')).rejects.toThrow(UnexpectedCallError);
    await expect(id('http://ledger.example/')).rejects.toThrow(UnexpectedCallError);
  });
});
