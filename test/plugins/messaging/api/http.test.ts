import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { type FakeReply, fakeHttp } from 'esp-host/testing';
import got from 'got';
import { ApiClient, openChannelApi } from '../../../../plugins/messaging/api/channel-api.js';
import { ApiKey, Login } from '../../../../plugins/messaging/api/credentials.js';
import { ApiHttp, ApiResponse } from '../../../../plugins/messaging/api/http.js';
import { openCloudApi } from '../../../../plugins/messaging/cloud/index.js';
import { type CloudSettings, whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import { ConnectionFailedError, Metrics, Secret } from '../../../../src/index.js';
import { CapturedLogger } from '../../../../src/testing/captured-logger.js';
import { cloudChannel } from '../cloud/setting.js';

const URL = 'http://whatsapp.example';
const PATH = '/v1/contacts';

const apiHttp = (http = got, url = URL, metrics = new Metrics(), timeoutMs = 5000) =>
  new ApiHttp('one', { url, timeoutMs }, http, metrics);

describe('a call that can be repeated', () => {
  it.each(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN'])('is made once more after %s', async (error) => {
    const call = { method: 'POST', url: `${URL}${PATH}` };
    const http = fakeHttp([{ ...call, error }, call]);
    const answer = await apiHttp(http.over(got)).post(PATH, { headers: {}, repeatable: true });
    expect(answer.status).toBe(200);
    expect(http.calls).toHaveLength(2);
  });

  it('is not made a third time', async () => {
    const http = fakeHttp([{ method: 'POST', url: `${URL}${PATH}`, error: 'ECONNRESET' }]);
    const call = apiHttp(http.over(got)).post(PATH, { headers: {}, repeatable: true });
    await expect(call).rejects.toMatchObject({
      code: 'ESP_UPSTREAM_CONNECTION_FAILED',
      cause: { code: 'ESP_MESSAGING_CONNECTION_BROKEN' },
    });
    expect(http.calls).toHaveLength(2);
  });

  it('is not made again after other errors and statuses', async () => {
    for (const reply of [{ error: 'ENOTFOUND' }, { status: 503 }, { status: 429, headers: { 'retry-after': '1' } }]) {
      const http = fakeHttp([{ method: 'POST', url: `${URL}${PATH}`, ...reply }]);
      await apiHttp(http.over(got))
        .post(PATH, { headers: {}, repeatable: true })
        .catch(() => undefined);
      expect(http.calls).toHaveLength(1);
    }
  });

  it('may be a GET', async () => {
    const call = { method: 'GET', url: `${URL}${PATH}` };
    const http = fakeHttp([
      { ...call, error: 'EPIPE' },
      { ...call, body: 'found' },
    ]);
    const { status, body } = await apiHttp(http.over(got)).get(PATH, { headers: { key: 'hush' } });
    expect([status, body, http.calls[1]?.headers.key]).toEqual([200, 'found', 'hush']);
  });

  const dependencies = () => ({ channel: 'one', http: got, logger: new CapturedLogger([]), metrics: new Metrics() });
  const openGateway = (url: string) => {
    const settings = { driver: 'gateway', header: 'key', apiKey: new Secret('hush'), url, timeoutMs: 5000 } as const;
    const limits = { calls: { atOnce: 1, queued: 1 }, breaker: { failures: 1, probeAfterMs: 1 } };
    const { client, close } = openChannelApi({ ...settings, ...limits }, dependencies());
    return { close, call: () => client.post(PATH, {}, { repeatable: true }) };
  };
  const openCloud = (url: string) => {
    const { api } = whatsAppChannel.schema.parse(cloudChannel({ api: { url } })) as { api: CloudSettings };
    const opened = openCloudApi(api, dependencies());
    return { close: opened.close, call: () => opened.api.listTemplates().catch(() => undefined) };
  };

  it.each([
    ['a gateway', openGateway],
    ['Cloud API', openCloud],
  ])('reuses the connection until %s is closed', async (_api, open) => {
    const opened: Socket[] = [];
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.end('{}'));
    });
    server.on('connection', (socket) => opened.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { call, close } = open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      for (let count = 0; count < 3; count++) await call();
      expect(opened.map(({ closed }) => closed)).toEqual([false]);
    } finally {
      close();
    }
    if (opened[0]?.closed === false) await once(opened[0], 'close');
    server.close();
  });
});

describe('a call that cannot be repeated', () => {
  const call = (replies: readonly Partial<FakeReply>[], timeoutMs?: number) => {
    const http = fakeHttp(replies.map((reply) => ({ method: 'POST', url: `${URL}${PATH}`, ...reply })));
    const answer = apiHttp(http.over(got), URL, undefined, timeoutMs).post(PATH, { headers: {}, repeatable: false });
    return { answer, http };
  };

  it.each(['ECONNREFUSED', 'EAI_AGAIN'])('is made once more after %s', async (error) => {
    const { answer, http } = call([{ error }, {}]);
    expect((await answer).status).toBe(200);
    expect(http.calls).toHaveLength(2);
    const again = call([{ error }]);
    await expect(again.answer).rejects.toMatchObject({
      code: 'ESP_UPSTREAM_CONNECTION_FAILED',
      cause: { code: 'ESP_MESSAGING_UNREACHABLE' },
    });
    expect(again.http.calls).toHaveLength(2);
  });

  it.each([
    [{ error: 'ECONNRESET' }, 'ESP_UPSTREAM_OUTCOME_UNKNOWN', 'the connection broke; whether it was done is unknown'],
    [{ error: 'EPIPE' }, 'ESP_UPSTREAM_OUTCOME_UNKNOWN', 'the connection broke; whether it was done is unknown'],
    [{ error: 'ENOTFOUND' }, 'ESP_UPSTREAM_CONNECTION_FAILED', undefined],
  ])('is made once with %j', async (reply, code, why) => {
    const { answer, http } = call([reply]);
    await expect(answer).rejects.toMatchObject(why === undefined ? { code } : { code, why });
    expect(http.calls).toHaveLength(1);
  });

  it('has an unknown outcome if it takes too long, unlike one that can', async () => {
    const cause = { code: 'ESP_MESSAGING_TIMEOUT' };
    const why = 'no answer within 5 ms';
    await expect(call([{ hangs: true }], 5).answer).rejects.toMatchObject({
      ...{ code: 'ESP_UPSTREAM_OUTCOME_UNKNOWN', cause },
      why: `${why}; whether it was done is unknown`,
    });
    const http = fakeHttp([{ method: 'POST', url: `${URL}${PATH}`, hangs: true }]);
    const repeatable = apiHttp(http.over(got), URL, undefined, 5).post(PATH, { headers: {}, repeatable: true });
    await expect(repeatable).rejects.toMatchObject({ code: 'ESP_UPSTREAM_EXECUTION_FAILED', why, cause });
  });
});

it('counts calls by their outcome', async () => {
  const replies: Partial<FakeReply>[] = [
    ...[200, 204, 401, 429, 404, 503].map((status) => ({ status })),
    ...[{ error: 'ENOTFOUND' }, { error: 'ECONNRESET' }, { hangs: true as const }],
  ];
  const http = fakeHttp(replies.map((reply) => ({ method: 'POST', url: `${URL}${PATH}`, ...reply })));
  const metrics = new Metrics();
  const api = apiHttp(http.over(got), URL, metrics, 20);
  const counted = async () =>
    (await metrics.text())
      .split('\n')
      .filter((line) => line.startsWith('esp_contacts_calls_total'))
      .map((line) => /outcome="(\w+)"} (\d+)/.exec(line)?.slice(1).join(' '));
  const outcomes = ['answered', 'unreachable', 'broken', 'timeout', 'too_large', 'refused', 'throttled'];
  const all = [...outcomes, 'client_error', 'server_error'];
  expect(await counted()).toEqual(all.map((outcome) => `${outcome} 0`));
  for (const _ of replies) await api.post(PATH, { headers: {}, repeatable: false }).catch(() => undefined);
  const counts = [2, 1, 1, 1, 0, 1, 1, 1, 1];
  expect(await counted()).toEqual(all.map((outcome, index) => `${outcome} ${counts[index]}`));
});

it('a refused token is renewed once, a refused key is not', async () => {
  const login = (token: string) => ({ method: 'POST', url: `${URL}/v1/users/login`, json: { users: [{ token }] } });
  const call = { method: 'POST', url: `${URL}${PATH}` };
  const http = fakeHttp([login('t-1'), login('t-2'), { ...call, status: 401 }, { ...call, json: { ok: true } }]);
  const credentials = new Login(apiHttp(http.over(got)), { username: 'admin', password: new Secret('hush') });
  const client = new ApiClient(apiHttp(http.over(got)), credentials);
  expect(await client.postForJson(PATH, { of: 'ours' }, { repeatable: true })).toEqual({ ok: true });
  const basic = `Basic ${Buffer.from('admin:hush').toString('base64')}`;
  expect(http.calls.map(({ headers }) => headers.authorization)).toEqual([basic, 'Bearer t-1', basic, 'Bearer t-2']);
  expect(http.calls.map(({ body }) => body)).toEqual(['', '{"of":"ours"}', '', '{"of":"ours"}']);

  const keyed = fakeHttp([{ ...call, status: 401 }]);
  const key = new ApiKey({ header: 'key', apiKey: new Secret('hush') });
  const refused = new ApiClient(apiHttp(keyed.over(got)), key).post(PATH, {}, { repeatable: true });
  await expect(refused).rejects.toMatchObject({ cause: { message: 'status 401' } });
  expect(keyed.calls).toMatchObject([{ headers: { key: 'hush' } }]);
});

it('a token that is refused twice is a failed connection', async () => {
  const http = fakeHttp([
    { method: 'POST', url: `${URL}/v1/users/login`, json: { users: [{ token: 't'.repeat(8192) }, 'another'] } },
    { method: 'POST', url: `${URL}${PATH}`, status: 401 },
  ]);
  const credentials = new Login(apiHttp(http.over(got)), { username: 'admin', password: new Secret('hush') });
  const call = new ApiClient(apiHttp(http.over(got)), credentials).post(PATH, {}, { repeatable: true });
  await expect(call).rejects.toMatchObject({ code: 'ESP_UPSTREAM_CONNECTION_FAILED', url: URL });
  expect(http.calls).toHaveLength(4);
});

it('a refused login says so', async () => {
  const json = { errors: [{ code: 1005, title: 'Access denied' }] };
  const http = fakeHttp([{ method: 'POST', url: `${URL}/v1/users/login`, status: 401, json }]);
  const login = new Login(apiHttp(http.over(got)), { username: 'admin', password: new Secret('hush') });
  await expect(login.header()).rejects.toMatchObject({
    cause: { message: 'login refused: status 401: 1005 Access denied' },
  });
});

it.each([
  [{ status: 404, json: { errors: [{ code: 5 }] } }, 'status 404', 'ESP_MESSAGING_CLIENT_ERROR', 'status 404: 5'],
  [{ status: 503 }, 'status 503', 'ESP_MESSAGING_SERVER_ERROR', 'status 503'],
  [{ status: 429 }, 'status 429', 'ESP_MESSAGING_THROTTLED', 'status 429'],
  [{ body: 'no JSON' }, 'the answer is not JSON', undefined, undefined],
])('an answer %j has no JSON: %s', async (reply, why, code, message) => {
  const http = fakeHttp([{ method: 'POST', url: `${URL}${PATH}`, ...reply }]);
  const client = new ApiClient(apiHttp(http.over(got)), new ApiKey({ header: 'key', apiKey: new Secret('hush') }));
  const cause = code === undefined ? undefined : expect.objectContaining({ code, message });
  const failed = { code: 'ESP_UPSTREAM_EXECUTION_FAILED', why, cause };
  await expect(client.postForJson(PATH, {}, { repeatable: true })).rejects.toMatchObject(failed);
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
  ['too long a token', { users: [{ token: 't'.repeat(8193) }] }],
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

  it('is that of Graph API too', () => {
    const answer = (error: unknown) => new ApiResponse(400, JSON.stringify({ error }), []);
    expect(answer({ code: 100, message: 'Invalid', error_data: {} }).refusal).toBe('100 Invalid');
    expect(answer({ message: 'Invalid' }).details).toBe(': Invalid');
    expect(answer({ code: 0 }).details).toBe(': 0');
    expect(answer('no object').refusal).toBeUndefined();
  });

  it('is cut, and shows no part of a credential at the cut', () => {
    const key = 'k3y-'.repeat(20);
    const shown = answerOf([{ title: `${'x'.repeat(190)}${key}${'x'.repeat(100)}` }], ['other', key]).refusal;
    expect(shown).toHaveLength(200);
    expect(shown).toBe(`${'x'.repeat(190)}***${'x'.repeat(7)}`);
    expect(answerOf([{ title: 'x'.repeat(300) }]).refusal).toBe('x'.repeat(200));
  });
});
