import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { allAnswers } from '../../../mock-platform/admin/all-answers.js';
import { EventsClient } from '../../../mock-platform/admin/events-client.js';
import { greet } from '../../../mock-platform/admin/setting.js';
import { removeFolders } from '../../../support/files.js';
import { outcome, request } from '../../../support/raw-client.js';
import { whatsAppOf } from '../whatsapp-api.js';
import { whatsAppSetting } from './admin-setting.js';

let setting = whatsAppSetting();
afterEach(async () => {
  await setting.end();
  setting = whatsAppSetting();
});
afterAll(removeFolders);

const validate = greet('x', {
  service: 'Messaging',
  method: 'ValidateContact',
  parameters: [['Id', 'str', '+16315551002']],
});

describe('/api/whatsapp', () => {
  it('is in /api/status and /api/configuration', async () => {
    const { platform, api } = await setting.whole();
    const { url } = whatsAppOf(platform);
    expect((await api.get('/api/status')).json.addresses.whatsapp).toBe(url);
    expect((await api.get('/api/configuration')).json.channels).toMatchObject([{ name: 'whatsapp', url }]);
  });

  it('is restored by /api/reset', async () => {
    const { api } = await setting.whole();
    await api.post('/api/send', validate);
    await api.put('/api/whatsapp', { version: '2.45.1' });
    await api.post('/api/whatsapp/numbers', { number: '+15162837151' });
    await api.delete(`/api/whatsapp/numbers/${encodeURIComponent('+16315551002')}`);
    expect((await api.post('/api/reset')).status).toBe(204);
    expect((await api.get('/api/whatsapp')).json).toMatchObject({
      version: '2.41.3',
      numbers: ['+16315551002'],
      calls: [],
    });
  });

  it('shows the API client, and changes it', async () => {
    const { platform, api } = await setting.whole();
    await api.post('/api/send', validate);
    expect((await api.get('/api/journal/1')).json).toMatchObject({
      upstreamCalls: 2,
      upstream: [
        { method: 'POST', status: 200, url: expect.stringMatching(/login$/) },
        { method: 'POST', status: 200, url: expect.stringMatching(/contacts$/) },
      ],
    });
    expect((await api.get('/api/whatsapp')).json).toMatchObject({
      version: '2.41.3',
      registeredNumber: '+919876543210',
      numbers: ['+16315551002'],
      tokens: [{ state: 'valid' }],
      calls: [
        { method: 'POST', path: '/v1/contacts', contacts: ['+16315551002'], status: 200 },
        { path: '/v1/users/login' },
      ],
    });
    expect((await api.post('/api/whatsapp/expire-tokens')).json.tokens).toMatchObject([{ state: 'expired' }]);
    expect((await api.put('/api/whatsapp', { version: '2.45.1' })).json.version).toBe('2.45.1');
    expect(whatsAppOf(platform).version).toBe('2.45.1');
    const added = await api.post('/api/whatsapp/numbers', { number: '+15162837151' });
    expect(added.json.numbers).toEqual(['+16315551002', '+15162837151']);
    const removed = await api.delete(`/api/whatsapp/numbers/${encodeURIComponent('+16315551002')}`);
    expect(removed.json.numbers).toEqual(['+15162837151']);
    expect((await api.delete('/api/whatsapp/numbers/5')).status).toBe(404);
    const wrong = await api.post('/api/whatsapp/numbers', { number: '123' });
    expect([wrong.status, wrong.json.error]).toEqual([
      400,
      expect.stringMatching(/^body\.number: '123' is not in E\.164/),
    ]);
    expect((await api.put('/api/whatsapp', { version: 'new' })).status).toBe(400);
  });
});

describe('the messages of /api/whatsapp', () => {
  const invitation = (_umsClientId: string) => ({
    to: 'host',
    service: 'ChatService',
    method: 'InviteToChat',
    parameters: [
      ['_umsClientId', 'str', _umsClientId],
      ['_umsBusinessId', 'str', '+919876543210'],
    ],
  });

  it('are the sent ones, each with its request', async () => {
    const { platform, api } = await setting.whole();
    const { json } = await api.post('/api/send', invitation('+16315551002'));
    const [[, , id]] = json.reply.request.at(-1)[2];
    const [entry] = platform.journal.find({ service: 'ChatService' });
    expect((await api.get('/api/whatsapp')).json.messages).toEqual([
      {
        id,
        at: expect.any(Number),
        to: '+16315551002',
        namespace: 'n_1',
        template: 'hello',
        language: 'en_US',
        parameters: ['Ann'],
        text: 'Hello Ann',
        entry: { id: entry?.id, referenceId: entry?.request.json?.referenceId },
      },
    ]);
  });

  it('have their requests even if the answer was lost, and are cleared by a reset', async () => {
    const { platform, api } = await setting.whole();
    await api.post('/api/send', invitation('+16315551002'));
    await api.post('/api/faults', { kind: 'upstreamAnswerLost', path: '/v1/messages' });
    const { json } = await api.post('/api/send', invitation('+16315551002'));
    expect(JSON.stringify(json)).toContain('the connection broke; whether it was done is unknown');
    platform.faults.clear();
    await api.post('/api/send', invitation('+4930123456'));
    const [refused, lost, sent] = platform.journal.find({ service: 'ChatService' });
    expect(refused?.faultText).toContain('1013 User is not valid');
    const { messages } = (await api.get('/api/whatsapp')).json;
    expect(messages.map((one: { entry?: { id: number } }) => one.entry?.id)).toEqual([lost?.id, sent?.id]);
    await api.post('/api/reset');
    expect((await api.get('/api/whatsapp')).json.messages).toEqual([]);
  });
});

describe('/api/events', () => {
  it('announces a message when it is sent, not only the call that requests it', async () => {
    const { platform, api } = await setting.whole();
    const taken = Promise.withResolvers<undefined>();
    whatsAppOf(platform).respondWith(({ path }) => (path === '/v1/messages' ? taken.promise : undefined));
    const asked = new Promise<void>((resolve) => {
      whatsAppOf(platform).calls.subscribe(() => whatsAppOf(platform).calls.count('/v1/messages') > 0 && resolve());
    });
    const numbers = { _umsClientId: '+16315551002', _umsBusinessId: '+919876543210' };
    const parameters = Object.entries(numbers).map(([name, number]) => [name, 'str', number]);
    const answer = api.post('/api/send', { to: 'host', service: 'ChatService', method: 'InviteToChat', parameters });
    await asked;
    const events = await EventsClient.open(platform, setting);
    taken.resolve(undefined);
    await events.until(/event: changed\ndata: \{"what":"whatsapp"\}\n\n/);
    expect((await api.get('/api/whatsapp')).json.messages).toHaveLength(1);
    await answer;
  });

  it.each<[string, string, object | undefined]>([
    ['PUT', '/api/whatsapp', { version: '2.45.1' }],
    ['POST', '/api/whatsapp/numbers', { number: '+15162837151' }],
    ['DELETE', '/api/whatsapp/numbers/%2B16315551002', undefined],
    ['POST', '/api/whatsapp/expire-tokens', undefined],
  ])('announces that %s %s changes the mock', async (method, path, body) => {
    const { platform, api } = await setting.whole();
    const events = await EventsClient.open(platform, setting);
    await api.ask(method, path, body);
    await events.until(/event: changed\ndata: \{"what":"whatsapp"\}\n\n/);
  });

  it('announces the calls of the client', async () => {
    const { platform } = await setting.whole();
    const events = await EventsClient.open(platform, setting);
    const client = await setting.client(platform.esp);
    await client.ask(request(1, 'Messaging', 'ValidateContact', { Id: '+16315551002' }));
    await events.until(/"what":"whatsapp"/);
  });
});

/** A token of the WhatsApp API. */
async function tokenOf(url: string): Promise<string> {
  const authorization = `Basic ${Buffer.from('admin:hunter2').toString('base64')}`;
  const answer = await fetch(`${url}/v1/users/login`, { method: 'POST', headers: { authorization } });
  const { users } = (await answer.json()) as { users: [{ token: string }] };
  return users[0].token;
}

it('no response contains a password or token of the client', async () => {
  const whole = await setting.whole();
  const token = await tokenOf(whatsAppOf(whole.platform).url);
  for (const text of await allAnswers(setting, whole, validate)) {
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(token);
  }
});

it('the journal has the login and the call of the contacts endpoint', async () => {
  const { platform } = await setting.whole();
  const client = await setting.client(platform.interactionServer);
  const asked = request(1, 'Messaging', 'ValidateContact', { Id: '+1-631-555-1002' }, { AppName: 'DMS' });
  expect(outcome(await client.ask(asked))).toBe('{"Id":"+16315551002"}');
  expect(platform.journal.get(1)?.upstream).toMatchObject([
    { url: `${whatsAppOf(platform).url}/v1/users/login`, responseBody: expect.stringContaining('"token":"***"') },
    {
      url: `${whatsAppOf(platform).url}/v1/contacts`,
      status: 200,
      requestBody: expect.stringContaining('+16315551002'),
      responseBody: expect.stringContaining('"wa_id":"16315551002"'),
    },
  ]);
  platform.faults.add({ kind: 'upstreamStatus', status: 503, path: '/v1/contacts', times: 1 });
  expect(
    outcome(await client.ask(request(2, 'Messaging', 'ValidateContact', { Id: '+15162837151' }, { AppName: 'DMS' }))),
  ).toBe('920 whatsapp failed to execute request Messaging.ValidateContact: status 503');
  expect(platform.journal.find({ limit: 1 })).toMatchObject([
    { faultCode: '920', upstream: [{ status: 503 }], logs: [{ level: 'warn' }] },
  ]);
});
