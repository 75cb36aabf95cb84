import { afterEach, describe, expect, it } from '@jest/globals';
import type { WhatsAppApi } from '../whatsapp-api.js';
import { type Answer, ask, bearer, Clock, closeAll, errorOf, start as startApi } from './harness.js';

afterEach(closeAll);

const NAMESPACE = 'n_1';
const HELLO = { namespace: NAMESPACE, name: 'hello', language: 'en_US', body: 'Hello {{1}}, it is {{2}}.' };
const BYE = { namespace: NAMESPACE, name: 'bye', language: 'de', body: 'Servus!' };

const start = (options: Parameters<typeof startApi>[0] = {}) => startApi({ templates: [HELLO, BYE], ...options });

const parameters = (...texts: string[]) => texts.map((text) => ({ type: 'text', text }));
const language = { code: 'en_US', policy: 'deterministic' };
const components = [{ type: 'body', parameters: parameters('Ann', 'late') }];
const template = { namespace: NAMESPACE, name: 'hello', language, components };
const MESSAGE = { to: '16315551002', type: 'template', template };

const send = (api: WhatsAppApi, body: unknown = MESSAGE, headers = bearer(api.tokens.issue().token)): Promise<Answer> =>
  ask(api, 'POST', '/v1/messages', headers, typeof body === 'string' ? body : JSON.stringify(body));

describe('POST /v1/messages', () => {
  it('sends a template: the answer has its id, and the message is kept', async () => {
    const clock = new Clock();
    const api = await start({ now: clock.now });
    const { status, body } = await send(api);
    expect(status).toBe(200);
    expect(body).toEqual({
      messages: [{ id: expect.stringMatching(/^gBEG[\w-]{20}$/) }],
      meta: { api_status: 'stable', version: '2.41.3' },
    });
    const { id } = (body as { messages: [{ id: string }] }).messages[0];
    const about = { namespace: NAMESPACE, template: 'hello', language: 'en_US', parameters: ['Ann', 'late'] };
    const text = 'Hello Ann, it is late.';
    expect(api.messages.list()).toEqual([{ id, at: clock.ms, to: '+16315551002', ...about, text }]);
    expect(api.calls.list()).toMatchObject([{ path: '/v1/messages', status: 200 }]);
  });

  it('accepts a template without parameters, amounts and times, and unknown members', async () => {
    const api = await start();
    const bye = { namespace: NAMESPACE, name: 'bye', language: { code: 'de', policy: 'fallback' } };
    expect((await send(api, { ...MESSAGE, recipient_type: 'individual', template: bye })).status).toBe(200);
    const amount = { type: 'currency', currency: { fallback_value: '$10', code: 'USD', amount_1000: 10_000 } };
    const time = { type: 'date_time', date_time: { fallback_value: 'noon' } };
    const whole = [
      { type: 'header', parameters: [] },
      { type: 'body', parameters: [amount, time] },
    ];
    expect((await send(api, { ...MESSAGE, template: { ...template, components: whole } })).status).toBe(200);
    expect(api.messages.list().map(({ text }) => text)).toEqual(['Servus!', 'Hello $10, it is noon.']);
  });

  it('requires a login or the key of a gateway', async () => {
    const api = await start({ apiKey: 'k-1' });
    expect((await send(api, MESSAGE, {})).status).toBe(401);
    expect((await send(api, MESSAGE, { 'd360-api-key': 'k-1' })).status).toBe(200);
    api.tokens.expireAll();
    expect((await ask(api, 'GET', '/v1/messages')).status).toBe(405);
    expect(api.messages.list()).toHaveLength(1);
  });

  it('knows who is on WhatsApp, unless it reports every number as valid', async () => {
    const api = await start();
    const stranger = { ...MESSAGE, to: '4930123456' };
    const refused = await send(api, stranger);
    expect(refused.status).toBe(400);
    expect(errorOf(refused)).toEqual({
      code: 1013,
      title: 'User is not valid',
      details: 'Recipient is not a valid WhatsApp user',
    });
    api.setVersion('2.45.1');
    expect((await send(api, stranger)).status).toBe(200);
  });

  it.each<[unknown, number, string]>([
    [{ ...template, name: 'helo' }, 2001, 'template name (helo) does not exist in the namespace n_1'],
    [{ ...template, namespace: 'n_2' }, 2001, 'template name (hello) does not exist in the namespace n_2'],
    [{ ...template, language: { ...language, code: 'en' } }, 2001, 'template name (hello) does not exist in en'],
    [
      { ...template, components: [] },
      2000,
      'body: number of localizable_params (0) does not match the expected number of params (2)',
    ],
    [
      { ...template, components: [{ type: 'body', parameters: parameters('a', 'b', 'c') }] },
      2000,
      'body: number of localizable_params (3) does not match the expected number of params (2)',
    ],
  ])('refuses the template %j with %i', async (wrong, code, details) => {
    const api = await start();
    const answer = await send(api, { ...MESSAGE, template: wrong });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code, details });
    expect(api.messages.list()).toEqual([]);
  });

  it.each<[unknown, number, string]>([
    [{}, 1008, 'to: must be a string'],
    ['', 1008, 'to: must be a string'],
    ['no JSON', 1025, 'body: invalid JSON'],
    ['[]', 1009, 'body: must be a JSON object, not an array'],
    [{ ...MESSAGE, to: '+16315551002' }, 1009, 'to: must be a wa_id: digits only'],
    [{ ...MESSAGE, type: undefined }, 1008, 'type: must be "template"'],
    [{ ...MESSAGE, type: 'text' }, 1009, 'type: must be "template"'],
    [{ ...MESSAGE, template: undefined }, 1008, 'template: must be an object with namespace, name and language'],
    [{ ...MESSAGE, template: { ...template, namespace: '' } }, 1009, 'template.namespace: must not be empty'],
    [
      { ...MESSAGE, template: { ...template, language: undefined } },
      1008,
      'template.language: must be an object with code',
    ],
    [
      { ...MESSAGE, template: { ...template, language: { code: 'en' } } },
      1008,
      'template.language.policy: must be "deterministic" or "fallback"',
    ],
    [{ ...MESSAGE, template: { ...template, components: {} } }, 1009, 'template.components: must be an array'],
    [
      { ...MESSAGE, template: { ...template, components: [{ type: 'legs' }] } },
      1009,
      'template.components[0].type: must be "header", "body", "footer" or "button"',
    ],
    [
      { ...MESSAGE, template: { ...template, components: [{ type: 'body', parameters: [{ type: 'text' }] }] } },
      1008,
      'template.components[0].parameters[0].text: must be a string',
    ],
  ])('refuses the body %j with %i', async (body, code, details) => {
    const api = await start();
    const answer = await send(api, body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code, details: expect.stringContaining(details) });
  });

  it('keeps the last thousand', async () => {
    const api = await start();
    const headers = bearer(api.tokens.issue().token);
    const { id: first } = (await send(api, MESSAGE, headers).then(() => api.messages.list()))[0] ?? { id: '' };
    for (let count = 0; count < 1000; count++) await send(api, MESSAGE, headers);
    expect(api.messages.list()).toHaveLength(1000);
    expect(api.messages.list().some(({ id }) => id === first)).toBe(false);
    api.messages.clear();
    expect(api.messages.list()).toEqual([]);
  });
});

describe('forced responses', () => {
  it('replace a message', async () => {
    const api = await start();
    api.respondWith(() => ({ status: 503 }));
    expect((await send(api)).status).toBe(503);
    expect(api.messages.list()).toEqual([]);
  });

  it('lose the answer to a sent message', async () => {
    const api = await start();
    api.respondWith(() => 'loseAnswer');
    await expect(send(api)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(api.messages.list()).toHaveLength(1);
    expect(api.calls.list()).toMatchObject([{ status: 'reset' }]);
  });
});
