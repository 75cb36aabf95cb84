import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeHttp } from 'esp-host/testing';
import got from 'got';
import { ApiClient } from '../../../../plugins/messaging/api/channel-api.js';
import { ApiKey, Login } from '../../../../plugins/messaging/api/credentials.js';
import { ApiHttp, ApiResponse } from '../../../../plugins/messaging/api/http.js';
import { ConnectionFailedError, Metrics, Secret } from '../../../../src/index.js';

const URL = 'http://whatsapp.example';
const PATH = '/v1/contacts';

const apiHttp = (http = got, url = URL) => new ApiHttp('one', { url, timeoutMs: 5000 }, http, new Metrics());

const server = createServer((request, response) => {
  request.resume().on('end', () => response.end('{}'));
});
afterEach(() => void server.close());

describe('a call that can be repeated', () => {
  it.each(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN'])('is made once more after %s', async (error) => {
    const call = { method: 'POST', url: `${URL}${PATH}` };
    const http = fakeHttp([{ ...call, error }, call]);
    const answer = await apiHttp(http.over(got)).post(PATH, { headers: {}, repeatable: true });
    expect(answer.status).toBe(200);
    expect(http.calls).toHaveLength(2);
  });

  it('reuses the connection', async () => {
    const opened: unknown[] = [];
    server.on('connection', (socket) => opened.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const http = apiHttp(got, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      for (let call = 0; call < 3; call++) await http.post(PATH, { headers: {}, repeatable: true });
      expect(opened).toHaveLength(1);
    } finally {
      http.close();
    }
  });
});

it('does not make a call whose request has ended', async () => {
  const http = fakeHttp();
  const key = new ApiKey({ header: 'key', apiKey: new Secret('hush') });
  const client = new ApiClient(apiHttp(http.over(got)), key);
  const call = client.post(PATH, {}, { repeatable: false, unless: AbortSignal.abort() });
  await expect(call).rejects.toMatchObject({
    code: 'ESP_UPSTREAM_EXECUTION_FAILED',
    cause: { code: 'ESP_MESSAGING_NOT_CALLED', message: 'the request ended before the call started' },
  });
  expect(http.calls).toEqual([]);
});

it.each([
  ['no user', { users: [] }],
  ['no token', { users: [{}] }],
  ['an empty token', { users: [{ token: '' }] }],
])('a login whose answer has %s fails', async (_name, json) => {
  const http = fakeHttp([{ method: 'POST', url: `${URL}/v1/users/login`, json }]);
  const login = new Login(apiHttp(http.over(got)), { username: 'admin', password: new Secret('hush') });
  await expect(login.header()).rejects.toMatchObject({ why: 'the answer to the login has no token' });
});

it('a status that refuses the credentials is a failed connection', async () => {
  const http = fakeHttp([{ method: 'POST', url: `${URL}${PATH}`, status: 403 }]);
  const client = new ApiClient(apiHttp(http.over(got)), new ApiKey({ header: 'key', apiKey: new Secret('hush') }));
  const refused = client.post(PATH, {}, { repeatable: true });
  await expect(refused).rejects.toThrow(ConnectionFailedError);
  await expect(refused).rejects.toMatchObject({ cause: { code: 'ESP_MESSAGING_REFUSED', message: 'status 403' } });
});

describe('the error text of an answer', () => {
  const answerOf = (errors: object[], credentials: string[] = []) =>
    new ApiResponse(400, JSON.stringify({ errors }), credentials);

  it('is the first error, in a log line all of them with their details', () => {
    const errors = [{ code: 1005, title: 'Access denied', details: 'wrong password' }, { title: 'Other' }, {}];
    expect(answerOf(errors).refusal).toBe('1005 Access denied');
    expect(answerOf(errors).details).toBe(': 1005 Access denied: wrong password; Other; ');
    for (const answer of [answerOf([]), new ApiResponse(400, 'no JSON', [])])
      expect([answer.refusal, answer.details]).toEqual([undefined, '']);
  });

  it('is cut, and shows no part of a credential at the cut', () => {
    const key = 'k3y-'.repeat(20);
    const shown = answerOf([{ title: `${'x'.repeat(190)}${key}${'x'.repeat(100)}` }], ['other', key]).refusal;
    expect(shown).toHaveLength(200);
    expect(shown).toBe(`${'x'.repeat(190)}***${'x'.repeat(7)}`);
    expect(answerOf([{ title: 'x'.repeat(300) }]).refusal).toBe('x'.repeat(200));
  });
});
