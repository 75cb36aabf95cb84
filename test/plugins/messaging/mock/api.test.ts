import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, askContacts, basic, bearer, Clock, closeAll, DAY_MS, errorOf, start } from './harness.js';

const META = { api_status: 'stable', version: '2.41.3' };

afterEach(closeAll);

const RIGHT = Buffer.from('admin:secret').toString('base64');

describe('login', () => {
  it('returns a token and its expiry, in the format of the API', async () => {
    const api = await start({ now: new Clock().now });
    const { status, body } = await ask(api, 'POST', '/v1/users/login', basic('admin', 'secret'));
    expect(status).toBe(200);
    expect(body).toEqual({ users: [{ token: expect.any(String), expires_after: '2026-11-30 10:00:00+00:00' }] });
  });

  it('returns tokens that authorize the other endpoints until they expire', async () => {
    const clock = new Clock();
    const api = await start({ now: clock.now, tokenLifetimeMs: DAY_MS });
    const { body } = await ask(api, 'POST', '/v1/users/login', basic('admin', 'secret'));
    const token = (body as { users: { token: string }[] }).users[0]?.token ?? '';
    const health = () => ask(api, 'GET', '/v1/health', bearer(token));
    expect(await health()).toMatchObject({
      status: 200,
      body: { health: { gateway_status: 'connected' }, meta: META },
    });
    clock.ms += DAY_MS;
    const late = await health();
    expect(late.status).toBe(401);
    expect(errorOf(late)?.details).toBe('the token has expired: log in again at POST /v1/users/login');
  });

  it('accepts a password with colons and letters of any script', async () => {
    const api = await start({ username: 'wärter', password: 'a:b:ç' });
    expect((await ask(api, 'POST', '/v1/users/login', basic('wärter', 'a:b:ç'))).status).toBe(200);
    expect((await ask(api, 'POST', '/v1/users/login', basic('wärter', 'a'))).status).toBe(401);
  });

  it.each<[string, Record<string, string>]>([
    ['a wrong password', basic('admin', 'wrong')],
    ['a wrong username', basic('root', 'secret')],
    ['no header', {}],
    ['another scheme', bearer(Buffer.from('admin:secret').toString('base64'))],
    ['a scheme that is the right one but for its end', { authorization: `Basically ${RIGHT}` }],
    ['no colon', { authorization: `Basic ${Buffer.from('admin').toString('base64')}` }],
  ])('refuses %s', async (_case, headers) => {
    const answer = await ask(await start(), 'POST', '/v1/users/login', headers);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      errors: [{ code: 1005, title: 'Access denied', details: expect.stringMatching(/^[A-Za-z]/) }],
      meta: META,
    });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });

  it.each(['basic', 'BASIC ', ' Basic  '])('takes the scheme as %j', async (scheme) => {
    const headers = { authorization: `${scheme} ${RIGHT}` };
    expect((await ask(await start(), 'POST', '/v1/users/login', headers)).status).toBe(200);
  });

  it('names the expected scheme', async () => {
    const api = await start();
    const { token } = api.tokens.issue();
    const login = await ask(api, 'POST', '/v1/users/login', bearer(token));
    expect(errorOf(login)?.details).toBe('Authorization: expected "Basic ..."');
    const health = await ask(api, 'GET', '/v1/health', { authorization: `Basic ${token}` });
    expect(health.status).toBe(401);
    expect(errorOf(health)?.details).toBe('Authorization: expected "Bearer ..."');
    expect(errorOf(await ask(api, 'GET', '/v1/health', {}))?.details).toBe(
      'missing Authorization header: expected "Bearer ..."',
    );
    expect(errorOf(await ask(api, 'POST', '/v1/users/login', {}))?.details).toBe(
      'missing Authorization header: expected "Basic ..."',
    );
    expect(errorOf(await ask(api, 'GET', '/v1/health', bearer('x')))?.details).toBe(
      'unknown token: log in at POST /v1/users/login',
    );
    expect(errorOf(await ask(api, 'POST', '/v1/users/login', basic('admin', 'x')))?.details).toBe(
      'wrong username or password',
    );
  });

  it('applies a changed password; earlier tokens stay valid', async () => {
    const api = await start();
    const { token } = api.tokens.issue();
    api.setPassword('changed');
    expect((await ask(api, 'POST', '/v1/users/login', basic('admin', 'secret'))).status).toBe(401);
    expect((await ask(api, 'POST', '/v1/users/login', basic('admin', 'changed'))).status).toBe(200);
    expect((await ask(api, 'GET', '/v1/health', bearer(token))).status).toBe(200);
  });
});

describe('logout', () => {
  it('revokes only the token', async () => {
    const api = await start();
    const [ended, kept] = [api.tokens.issue().token, api.tokens.issue().token];
    expect(await ask(api, 'POST', '/v1/users/logout', bearer(ended))).toMatchObject({
      status: 200,
      body: { meta: META },
    });
    expect((await ask(api, 'GET', '/v1/health', bearer(ended))).status).toBe(401);
    expect((await ask(api, 'POST', '/v1/users/logout', bearer(ended))).status).toBe(401);
    expect((await ask(api, 'GET', '/v1/health', bearer(kept))).status).toBe(200);
  });
});

describe('contacts', () => {
  it('answers the documented example', async () => {
    const contacts = ['+1-631-555-1002', '6315551002', '1-631-555-1002', '+1 (516) 283-7151', '+54 9 11 5612-1008'];
    const { status, body } = await askContacts(await start(), { blocking: 'wait', contacts });
    expect(status).toBe(200);
    expect(body).toEqual({
      contacts: [
        { input: '+1-631-555-1002', status: 'valid', wa_id: '16315551002' },
        { input: '6315551002', status: 'invalid' },
        { input: '1-631-555-1002', status: 'invalid' },
        { input: '+1 (516) 283-7151', status: 'valid', wa_id: '15162837151' },
        { input: '+54 9 11 5612-1008', status: 'valid', wa_id: '5491156121008' },
      ],
      meta: META,
    });
  });

  it('does not wait unless requested', async () => {
    const api = await start();
    const contacts = ['+16315551002'];
    expect((await askContacts(api, { contacts })).body).toMatchObject({ contacts: [{ status: 'processing' }] });
    expect((await askContacts(api, { contacts })).body).toMatchObject({ contacts: [{ status: 'valid' }] });
    expect((await askContacts(api, { contacts, force_check: true })).body).toMatchObject({
      contacts: [{ status: 'processing' }],
    });
  });

  it('behaves like the selected version', async () => {
    const api = await start({ version: '2.45.1' });
    const request = { blocking: 'wait', contacts: ['6315551002'] };
    expect((await askContacts(api, request)).body).toEqual({
      contacts: [{ input: '6315551002', status: 'valid', wa_id: '916315551002' }],
      meta: { api_status: 'stable', version: '2.45.1' },
    });
    api.setVersion('2.41.3');
    expect(api.version).toBe('2.41.3');
    expect((await askContacts(api, request)).body).toEqual({
      contacts: [{ input: '6315551002', status: 'invalid' }],
      meta: META,
    });
  });

  it('finds numbers that are added while it runs', async () => {
    const api = await start();
    api.directory.add('+916315551002');
    const { body } = await askContacts(api, { blocking: 'wait', contacts: ['6315551002'] });
    expect(body).toMatchObject({ contacts: [{ status: 'valid', wa_id: '916315551002' }] });
  });

  it.each<[string, unknown, number, string]>([
    ['no body', '', 1008, 'contacts'],
    ['no contacts', {}, 1008, 'contacts'],
    ['contacts that are no array', { contacts: '+16315551002' }, 1009, 'contacts'],
    ['no number in contacts', { contacts: [] }, 1009, 'contacts'],
    ['a contact that is not a string', { contacts: ['+16315551002', 16315551002] }, 1009, 'contacts[1]'],
    ['another blocking', { contacts: ['+16315551002'], blocking: 'yes' }, 1009, 'blocking'],
    ['another force_check', { contacts: ['+16315551002'], force_check: 'true' }, 1009, 'force_check'],
    ['a body that is not an object', '[]', 1009, 'body'],
    ['a body that is not JSON', '{"contacts":', 1025, 'body'],
  ])('refuses %s', async (_case, body, code, field) => {
    const answer = await askContacts(await start(), body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({
      code,
      details: expect.stringMatching(`^${field.replace(/\W/g, '\\$&')}: `),
    });
    expect(answer.body).toMatchObject({ meta: META });
  });

  it('shows the contacts of each call, and of no other endpoint', async () => {
    const api = await start();
    await askContacts(api, { contacts: ['+16315551002'] });
    await ask(api, 'POST', '/v1/messages', bearer(api.tokens.issue().token), '{"contacts":["+16315551002"]}');
    expect(api.calls.list().map(({ contacts }) => contacts)).toEqual([['+16315551002'], undefined]);
  });

  it('reads JSON with any content type', async () => {
    const api = await start();
    const headers = { ...bearer(api.tokens.issue().token), 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await ask(api, 'POST', '/v1/contacts', headers, '{"contacts":["+16315551002"]}');
    expect(answer.status).toBe(200);
  });

  it('refuses an unknown token', async () => {
    const api = await start();
    const answer = await ask(api, 'POST', '/v1/contacts', bearer('never-given'), '{"contacts":["+16315551002"]}');
    expect(answer.status).toBe(401);
    expect(errorOf(answer)).toMatchObject({ code: 1005, title: 'Access denied' });
    expect(JSON.stringify(answer.body)).not.toContain('never-given');
  });

  it('limits the calls per second', async () => {
    const clock = new Clock();
    const api = await start({ now: clock.now, contactsPerSecond: 2 });
    const call = () => askContacts(api, { contacts: ['+16315551002'] });
    expect([(await call()).status, (await call()).status]).toEqual([200, 200]);
    clock.ms += 999;
    const refused = await call();
    expect(refused.status).toBe(429);
    expect(errorOf(refused)).toEqual({
      ...{ code: 1015, title: 'Too many requests', details: 'more than 2 calls in one second' },
    });
    clock.ms += 1;
    expect((await call()).status).toBe(200);
  });
});

describe('an API key, as at gateways', () => {
  const withKey = (key: string) => ({ 'D360-API-KEY': key });

  it('replaces a login on contacts and health', async () => {
    const api = await start({ apiKey: 'key-1' });
    expect((await ask(api, 'GET', '/v1/health', withKey('key-1'))).status).toBe(200);
    const contacts = await ask(api, 'POST', '/v1/contacts', withKey('key-1'), '{"contacts":["+16315551002"]}');
    expect(contacts.status).toBe(200);
  });

  it('is refused if it is wrong, and does not affect logins', async () => {
    const api = await start({ apiKey: 'key-1' });
    const refused = await ask(api, 'GET', '/v1/health', withKey('key-2'));
    expect(refused.status).toBe(401);
    expect(errorOf(refused)).toMatchObject({ code: 1005, details: 'D360-API-KEY: wrong key' });
    expect((await ask(api, 'GET', '/v1/health', bearer(api.tokens.issue().token))).status).toBe(200);
    expect((await ask(api, 'POST', '/v1/users/logout', withKey('key-1'))).status).toBe(401);
  });

  it('has no effect if none is configured', async () => {
    const api = await start();
    expect((await ask(api, 'GET', '/v1/health', withKey('key-1'))).status).toBe(401);
    const both = { ...withKey('key-1'), ...bearer(api.tokens.issue().token) };
    expect((await ask(api, 'GET', '/v1/health', both)).status).toBe(200);
  });
});

it('health has no body for HEAD', async () => {
  const api = await start();
  expect(await ask(api, 'HEAD', '/v1/health', bearer(api.tokens.issue().token))).toMatchObject({
    status: 200,
    body: '',
  });
});

describe('invalid HTTP requests', () => {
  it('answers an unknown path with 404', async () => {
    const answer = await ask(await start(), 'GET', '/v1/media');
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({
      errors: [{ code: 1006, title: 'Resource not found', details: 'GET /v1/media: unknown resource' }],
      meta: META,
    });
  });

  it.each([
    ['GET', '/v1/contacts', 'POST'],
    ['DELETE', '/v1/users/login', 'POST'],
    ['POST', '/v1/health', 'GET, HEAD'],
  ])('answers %s %s with 405', async (method, path, allowed) => {
    const answer = await ask(await start(), method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allowed);
    const details = `${method} ${path}: expected ${allowed.split(',')[0]}`;
    expect(errorOf(answer)).toEqual({ code: 1025, title: 'Invalid request', details });
    expect(answer.body).toMatchObject({ meta: META });
  });

  it('answers a body that is too large with 413, a bad URL with 400', async () => {
    const api = await start();
    const large = await askContacts(api, 'x'.repeat(2_000_000));
    expect(large.status).toBe(413);
    expect(errorOf(large)).toMatchObject({ code: 1025 });
    const bad = await ask(api, 'GET', '/v1/%zz');
    expect(bad.status).toBe(400);
    expect(errorOf(bad)).toMatchObject({ code: 1025 });
  });

  it('answers malformed HTTP in the format of its errors', async () => {
    const api = await start();
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.end('what is this?\r\n\r\n');
    const chunks = await socket.setEncoding('utf8').toArray();
    const [head, body] = chunks.join('').split('\r\n\r\n');
    expect(head).toContain('400 Bad Request');
    expect(JSON.parse(body ?? '')).toMatchObject({ errors: [{ code: 1025 }], meta: META });
  });
});

describe('the record', () => {
  it('has each call with its status and contents, without secrets', async () => {
    const api = await start({ now: new Clock(5).now, apiKey: 'key-1' });
    await ask(api, 'POST', '/v1/users/login', basic('admin', 'wrong-password'), '{"new_password":"new-secret"}');
    await ask(api, 'POST', '/v1/contacts?token=in-the-query', { 'D360-API-KEY': 'key-1' }, '{"contacts":["1",2]}');
    await ask(api, 'POST', '/v1/contacts', { 'D360-API-KEY': 'key-1' }, '{"contacts":["1"]}');
    await ask(api, 'GET', '/nowhere');
    expect(api.calls.list()).toEqual([
      { at: 5, method: 'POST', path: '/v1/users/login', status: 401 },
      { at: 5, method: 'POST', path: '/v1/contacts', contacts: ['1'], status: 400 },
      { at: 5, method: 'POST', path: '/v1/contacts', contacts: ['1'], status: 200 },
      { at: 5, method: 'GET', path: '/nowhere', status: 404 },
    ]);
    expect(api.calls.count('/v1/contacts')).toBe(2);
  });

  it('keeps up to 100 contacts of a call', async () => {
    const api = await start();
    await askContacts(api, { contacts: Array.from({ length: 150 }, () => '+16315551002') });
    expect(api.calls.list()[0]?.contacts).toHaveLength(100);
  });
});
