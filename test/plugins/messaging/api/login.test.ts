import { afterEach, expect, it } from '@jest/globals';
import got from 'got';
import { Login } from '../../../../plugins/messaging/api/credentials.js';
import { ApiHttp } from '../../../../plugins/messaging/api/http.js';
import { Secret } from '../../../../src/config/index.js';
import { Metrics } from '../../../../src/telemetry/index.js';
import { until } from '../../../support/eventually.js';
import { Clock } from '../mock/harness.js';
import { Setting } from '../setting.js';

const HOUR_MS = 3_600_000;

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

/** A login at a mock whose tokens are valid for an hour, with one clock for both. */
async function start(tokenLifetimeMs = HOUR_MS) {
  const clock = new Clock();
  const api = await setting.api({ tokenLifetimeMs, now: clock.now });
  const http = new ApiHttp('whatsapp', { url: api.url, timeoutMs: 5000 }, got, new Metrics());
  const login = new Login(http, { username: 'admin', password: new Secret('hush') }, clock.now);
  return { clock, api, login, logins: () => api.calls.count('/v1/users/login') };
}

it('renews a token before it expires, and uses the old one meanwhile', async () => {
  const { clock, api, login, logins } = await start();
  const first = await login.header();
  clock.ms += HOUR_MS - 300_001;
  expect(await login.header()).toBe(first);
  expect(logins()).toBe(1);
  clock.ms += 1;
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<undefined>();
  api.respondWith(() => {
    arrived.resolve();
    return answer.promise;
  });
  expect(await login.header()).toBe(first);
  await arrived.promise;
  expect(await login.header()).toBe(first);
  answer.resolve(undefined);
  clock.ms += 300_000;
  const second = await login.header();
  expect(second).not.toEqual(first);
  expect(logins()).toBe(2);
});

it('renews a short-lived token after nine tenths of its lifetime', async () => {
  const { api, clock, login, logins } = await start(10_000);
  // Tokens expire at whole seconds.
  clock.ms = Date.parse('2026-11-23T10:00:00Z');
  const first = await login.header();
  clock.ms += 8999;
  await login.header();
  // A renewal would arrive before these.
  for (let call = 0; call < 3; call++) await (await fetch(api.url)).text();
  expect(logins()).toBe(1);
  clock.ms += 1;
  expect(await login.header()).toBe(first);
  await until(() => logins() === 2);
});

it('keeps the old token if an early renewal fails, and reports the error once it has expired', async () => {
  const { clock, api, login } = await start();
  const first = await login.header();
  api.setPassword('other');
  clock.ms += HOUR_MS - 1000;
  expect(await login.header()).toBe(first);
  clock.ms += 1000;
  await expect(login.header()).rejects.toMatchObject({ name: 'ConnectionFailedError', url: api.url });
});

it('keeps a token without an expiry until it is refused', async () => {
  const { clock, api, login, logins } = await start();
  api.respondWith(() => ({ status: 200, body: { users: [{ token: 't1' }] } }));
  const header = await login.header();
  expect(header).toEqual({ authorization: 'Bearer t1' });
  clock.ms += 1000 * HOUR_MS;
  expect(await login.header()).toBe(header);
  expect(login.renew(header)).toBe(true);
  await login.header();
  expect(logins()).toBe(2);
});

it.each([
  ['2026-11-30 10:00:00+00:00', '2026-11-30T10:00:00Z'],
  [' 2026-11-30 10:00:00+02:00 ', '2026-11-30T08:00:00Z'],
])('uses a token that expires at %j until then', async (expires_after, at) => {
  const { clock, api, login, logins } = await start();
  api.respondWith(() => ({ status: 200, body: { users: [{ token: 't1', expires_after }] } }));
  clock.ms = Date.parse(at) - 1;
  const header = await login.header();
  expect(await login.header()).toBe(header);
  expect(logins()).toBe(1);
  clock.ms += 1;
  expect(await login.header()).not.toBe(header);
  expect(await login.header()).toEqual(header);
  expect(logins()).toBe(3);
});

it('renews a token five minutes before it expires, to the millisecond', async () => {
  const { clock, api, login, logins } = await start();
  const expires_after = '2026-11-30 10:00:00+00:00';
  api.respondWith(() => ({ status: 200, body: { users: [{ token: 't1', expires_after }] } }));
  clock.ms = Date.parse('2026-11-30T09:00:00Z');
  const first = await login.header();
  clock.ms = Date.parse('2026-11-30T09:55:00Z');
  expect(await login.header()).toBe(first);
  await until(() => logins() === 2);
});

it('keeps a token whose expiry is no time until it is refused', async () => {
  const { clock, api, login, logins } = await start();
  api.respondWith(() => ({ status: 200, body: { users: [{ token: 't1', expires_after: 'soon' }] } }));
  const header = await login.header();
  clock.ms += 1000 * HOUR_MS;
  expect(await login.header()).toBe(header);
  expect(logins()).toBe(1);
});

it('shares a login between concurrent calls', async () => {
  const { login, logins } = await start();
  const [one, two] = await Promise.all([login.header(), login.header()]);
  expect(one).toBe(two);
  expect(logins()).toBe(1);
});

it('logs in again after a login that failed', async () => {
  const { api, login, logins } = await start();
  api.setPassword('other');
  await expect(login.header()).rejects.toMatchObject({ name: 'ConnectionFailedError' });
  api.setPassword('hush');
  expect(await login.header()).toMatchObject({ authorization: expect.stringMatching(/^Bearer ./) });
  expect(logins()).toBe(2);
});

it('does not renew a token that another request has just renewed', async () => {
  const { login, logins } = await start();
  const first = await login.header();
  login.renew(first);
  const second = await login.header();
  login.renew(first);
  expect(await login.header()).toBe(second);
  expect(logins()).toBe(2);
});
