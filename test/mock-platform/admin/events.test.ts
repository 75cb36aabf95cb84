import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { charset, EspRequest, encodeMessage } from '#wire';
import { removeFolders } from '../../support/files.js';
import { request } from '../../support/raw-client.js';
import { EventsClient } from './events-client.js';
import { AdminSetting, greet } from './setting.js';

let setting = new AdminSetting();
afterEach(async () => {
  await setting.end();
  setting = new AdminSetting();
});
afterAll(removeFolders);

describe('/api/events', () => {
  it('announces each exchange', async () => {
    const { platform, api } = await setting.whole();
    const events = await EventsClient.open(platform, setting);
    expect(events.text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream; charset=utf-8\r\n/);
    await api.post('/api/send', greet('Ann'));
    const [, data = ''] = await events.until(/event: journal\ndata: (.*"outcome":"response".*)\n\n/);
    expect(JSON.parse(data)).toEqual((await api.get('/api/journal')).json.entries[0]);
  });

  it.each<[string, string, string, object | undefined]>([
    ['POST', '/api/faults', 'faults', { kind: 'noAnswer', match: { service: 'Other' } }],
    ['DELETE', '/api/faults', 'faults', undefined],
    ['POST', '/api/stubs', 'stubs', { application: 'Mail', stub: { answer: { none: true } } }],
    ['DELETE', '/api/stubs/1-1', 'stubs', undefined],
    ['PUT', '/api/billing/17', 'billing', { balance: '5.00' }],
    ['DELETE', '/api/journal', 'journal', undefined],
    ['POST', '/api/reset', 'stubs', undefined],
  ])('announces the change of %s %s: %s', async (method, path, what, body) => {
    const { platform, api } = await setting.whole();
    const events = await EventsClient.open(platform, setting);
    await api.ask(method, path, body);
    await events.until(new RegExp(`event: changed\ndata: \\{"what":"${what}"\\}\n\n`));
  });

  it('announces upstream calls and connections', async () => {
    const { platform } = await setting.whole();
    const events = await EventsClient.open(platform, setting);
    const client = await setting.client(platform.esp);
    await events.until(/"what":"configuration"/);
    await client.ask(request(1, 'Billing', 'GetBalance', { Account: '17' }));
    await events.until(/"what":"billing"/);
    events.text = '';
    await client.close();
    await events.until(/"what":"configuration"/);
  });

  it('announces faults that are used up, and notices of mocks that change', async () => {
    const { platform, api } = await setting.whole();
    platform.faults.add({ kind: 'espFault', code: 920, text: 'no', times: 1 });
    await api.put('/api/billing/17', { balance: '0.00' });
    const events = await EventsClient.open(platform, setting);
    const client = await setting.client(platform.esp);
    await client.ask(request(1, 'Billing', 'GetBalance', { Account: '17' }));
    await events.until(/"what":"faults"/);
    await client.ask(request(2, 'Billing', 'GetBalance', { Account: '17' }));
    await events.until(/"what":"billing"/);
    expect(events.text).not.toContain('"what":"notices"');
    await api.put('/api/billing/17', { balance: '5.00' });
    await events.until(/"what":"notices"/);
  });

  it('drops a client that reads too slowly, and keeps the others', async () => {
    const { platform } = await setting.whole();
    const slow = await EventsClient.open(platform, setting);
    const quick = await EventsClient.open(platform, setting);
    slow.socket.pause();
    const message = request(1, 'Greeting', 'Greet', { Name: 'x'.repeat(1900) });
    const frame = encodeMessage(message, charset());
    // 50 MB: more than the buffers of two sockets hold, which Linux lets grow to 32 and 4 MB.
    for (let id = 1; id <= 25_000; id++) {
      platform.journal.begin({ client: '', application: '', key: '', request: new EspRequest(message), frame });
      if (id % 500 > 0) continue;
      await quick.until(new RegExp(`"id":${id},`));
      quick.text = '';
    }
    slow.socket.resume();
    await slow.closed;
    expect(slow.text).toContain('"id":1,');
    expect(slow.text).not.toContain('"id":25000,');
    platform.journal.clear();
    await quick.until(/"what":"journal"/);
  }, 60_000);

  it('ends when the platform stops', async () => {
    const { platform } = await setting.whole();
    const events = await EventsClient.open(platform, setting);
    await platform.stop();
    await events.closed;
    expect(events.text.endsWith('0\r\n\r\n')).toBe(true);
  });
});
