import { afterEach, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import type { ApiRequest } from '../whatsapp-api.js';
import { ask, askContacts, closeAll, errorOf, start } from './harness.js';
import { askOverTls } from './tls.js';

afterEach(closeAll);

const CONTACTS = { blocking: 'wait', contacts: ['+16315551002'] };

describe('forced responses', () => {
  it('get the details of the request, whatever its body', async () => {
    const api = await start();
    const seen: ApiRequest[] = [];
    api.respondWith((request) => {
      seen.push(request);
      return undefined;
    });
    expect((await askContacts(api, CONTACTS)).status).toBe(200);
    await askContacts(api, 'no JSON');
    await ask(api, 'GET', '/nowhere?a=b');
    expect(seen).toEqual([
      { method: 'POST', path: '/v1/contacts', contacts: ['+16315551002'] },
      { method: 'POST', path: '/v1/contacts', contacts: [] },
      { method: 'GET', path: '/nowhere', contacts: [] },
    ]);
  });

  it.each([
    [500, 1014, 'Internal error'],
    [503, 1014, 'Internal error'],
    [429, 1015, 'Too many requests'],
    [401, 1005, 'Access denied'],
    [404, 1006, 'Resource not found'],
    [400, 1025, 'Invalid request'],
  ])('%i has the body that fits it', async (status, code, title) => {
    const api = await start();
    api.respondWith(() => ({ status }));
    const answer = await askContacts(api, CONTACTS);
    expect(answer.status).toBe(status);
    expect(errorOf(answer)).toMatchObject({ code, title });
    expect(api.calls.list()).toMatchObject([{ status }]);
  });

  it.each([200, 202, 399])('%i has the body of a success', async (status) => {
    const api = await start();
    api.respondWith(() => ({ status }));
    const answer = await askContacts(api, CONTACTS);
    expect([answer.status, answer.body]).toEqual([status, { meta: { api_status: 'stable', version: '2.41.3' } }]);
  });

  it('precede the check of credentials, and end when the responder is removed', async () => {
    const api = await start();
    api.respondWith(() => ({ status: 200, body: { health: 'forced' } }));
    expect(await ask(api, 'GET', '/v1/health')).toMatchObject({ status: 200, body: { health: 'forced' } });
    api.respondWith(undefined);
    expect((await ask(api, 'GET', '/v1/health')).status).toBe(401);
  });

  it('send headers and text unchanged', async () => {
    const api = await start();
    api.respondWith(() => ({
      status: 502,
      body: '<html>',
      headers: { 'content-type': 'text/html', 'retry-after': '7' },
    }));
    const response = await fetch(`${api.url}/v1/health`);
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.text()).toBe('<html>');
  });

  it('can be asynchronous, or delay the usual answer', async () => {
    const api = await start();
    const { promise, resolve } = Promise.withResolvers<{ delayMs: number }>();
    api.respondWith(() => promise);
    const answer = askContacts(api, CONTACTS);
    resolve({ delayMs: 1 });
    expect((await answer).body).toMatchObject({ contacts: [{ status: 'valid' }] });
  });

  it('reset the connection', async () => {
    const api = await start();
    api.respondWith(() => 'reset');
    await expect(askContacts(api, CONTACTS)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(api.calls.list()).toMatchObject([{ status: 'reset' }]);
  });

  it('reset a TLS connection', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
    const api = await start({ tls: { key, cert } });
    api.respondWith(() => 'reset');
    await expect(askOverTls(api.url, cert)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('answer 500 if the responder fails', async () => {
    const api = await start();
    api.respondWith(() => {
      throw new Error('the responder is broken');
    });
    const answer = await askContacts(api, CONTACTS);
    expect(answer.status).toBe(500);
    expect(errorOf(answer)).toMatchObject({ code: 1014, details: 'the responder is broken' });
  });
});
