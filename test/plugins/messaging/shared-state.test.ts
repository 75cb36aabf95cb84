import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Server } from '#server';
import { until } from '../../support/eventually.js';
import { file, removeFolders } from '../../support/files.js';
import { freePort } from '../../support/free-port.js';
import type { RawClient } from '../../support/raw-client.js';
import { RedisServer } from '../../support/redis-server.js';
import { redisDescribe } from '../../support/redis-tests.js';
import { certificates } from '../../support/tls.js';
import { answers, found, INDIA, metric, NUMBERS, numbers, onPremises, Setting } from './setting.js';
import type { WhatsAppApi, WhatsAppApiOptions } from './whatsapp-api.js';

afterAll(removeFolders);

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const KNOWN = '+16315551002';
const UP = 'esp_shared_state_up';
const LEFT = 'esp_contacts_budget_left{channel="whatsapp"}';
const SHARED = 'esp_contacts_cache_total{channel="whatsapp",result="shared"}';
const PASSWORD = 'r3d1s-hush';
const asked = (api: WhatsAppApi): string[] => api.calls.list().flatMap(({ contacts }) => contacts ?? []);

interface Pair {
  readonly api: WhatsAppApi;
  readonly hosts: readonly [Server, Server];
  readonly clients: readonly [RawClient, RawClient];
}

/** Two hosts with one API and one Redis. */
async function pair(url: string, more = '', redis = '', upstream: Partial<WhatsAppApiOptions> = {}): Promise<Pair> {
  const api = await setting.api(upstream);
  // Long enough on a busy machine: a Redis that answers late counts as down.
  const patience = redis.includes('timeoutMs') ? '' : ', timeoutMs: 10000';
  const options = `{ sharedState: { redis: { url: "${url}", password: ${PASSWORD}${redis}${patience} } } }`;
  const start = () => setting.host({ whatsapp: onPremises(api.url, more) }, '{}', options);
  const hosts = [await start(), await start()] as const;
  return { api, hosts, clients: [await setting.client(hosts[0]), await setting.client(hosts[1])] };
}

redisDescribe('two hosts that share a Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start({ password: PASSWORD });
  });
  afterAll(() => redis.stop());

  let prefixes = 0;
  /** Keys of its own for each test, as two applications that share one server have. */
  const own = () => `, keyPrefix: "test-${prefixes++}:"`;

  it('share their cache', async () => {
    const { api, hosts, clients } = await pair(redis.url, '', own());
    const [unknown = ''] = numbers(1);
    expect(await answers(clients[0], KNOWN, unknown)).toEqual([found(KNOWN), found('')]);
    expect(await answers(clients[1], KNOWN, unknown)).toEqual([found(KNOWN), found('')]);
    expect(asked(api)).toHaveLength(2);
    expect(await metric(hosts[1], SHARED)).toBe(2);
    expect(await metric(hosts[1], UP)).toBe(1);
    await setting.log.line(/INFO {2}redis \S+ is in use: cache, limits and budgets are shared plugin=messaging$/, 1);
  });

  it('do not store answers with a lifetime of 0', async () => {
    const { api, hosts, clients } = await pair(redis.url, ', cache: { unconfirmedMs: 0 }', own());
    const [unknown = ''] = numbers(1);
    for (const client of clients) expect(await answers(client, unknown)).toEqual([found('')]);
    expect(asked(api)).toEqual([unknown, unknown]);
    expect([await metric(hosts[0], UP), await metric(hosts[1], UP)]).toEqual([1, 1]);
  });

  it('close their connections when they stop', async () => {
    const observer = await redis.client();
    const count = async () =>
      String(await observer.sendCommand(['CLIENT', 'LIST']))
        .trim()
        .split('\n').length;
    const before = await count();
    await pair(redis.url, '', own());
    expect(await count()).toBe(before + 2);
    await setting.end();
    await until(async () => (await count()) === before, 'the connections are closed');
    observer.destroy();
  });

  it('share what the API said, and apply their own whenAlwaysValid', async () => {
    const { api, clients } = await pair(redis.url, ', whenAlwaysValid: empty', own());
    api.setVersion('2.45.1');
    expect(await answers(clients[0], KNOWN)).toEqual([found('')]);
    expect(await answers(clients[1], KNOWN)).toEqual([found('')]);
    expect(asked(api)).toHaveLength(1);
    await setting.log.line(/API client 2\.45\.1 calls every number valid/, 1);
  });

  it('share a budget', async () => {
    const keyPrefix = own();
    const { api, hosts, clients } = await pair(redis.url, ', limits: { lookupsPerDay: 10 }', keyPrefix);
    const ids = numbers(16);
    expect(await answers(clients[0], ...ids.slice(0, 6))).toEqual(Array(6).fill(found('')));
    const second = await answers(clients[1], ...ids.slice(6));
    expect(second.filter((one) => one === found(''))).toHaveLength(4);
    expect(second.filter((one) => /budget of 10 lookups a day is spent/.test(one))).toHaveLength(6);
    expect(asked(api)).toHaveLength(10);
    expect(await metric(hosts[1], LEFT)).toBe(0);
    const store = await redis.client();
    const [key = ''] = await store.keys(`${keyPrefix.split('"')[1]}budget:*`);
    // Past midnight in any time zone.
    expect(await store.ttl(key)).toBeGreaterThan(36 * 3600);
    store.destroy();
  });

  it("a host that starts knows what is left of the day's budget", async () => {
    const more = ', limits: { lookupsPerDay: 10 }';
    const prefix = own();
    const { clients } = await pair(redis.url, more, prefix);
    await answers(clients[0], ...numbers(4));
    const { hosts } = await pair(redis.url, more, prefix);
    await until(async () => (await metric(hosts[0], LEFT)) === 6);
  });

  it('do not reset a day that Redis has lost and other hosts know', async () => {
    const [more, prefix] = [', limits: { lookupsPerDay: 10 }', own()];
    const { hosts: known, clients } = await pair(redis.url, more, prefix);
    const [next = '', ...before] = numbers(5);
    await answers(clients[0], ...before);
    await (await redis.client()).flushAll();
    const { hosts: young } = await pair(redis.url, more, prefix);
    await until(async () => (await metric(young[0], LEFT)) === 10 && (await metric(young[1], LEFT)) === 10);
    await answers(clients[0], next);
    expect(await metric(known[0], LEFT)).toBe(5);
  });

  it('share a rate limit', async () => {
    const more = ', batch: { size: 1 }, calls: { atOnce: 100 }, limits: { callsPerSecond: 5 }';
    // An API that takes fewer calls than both would make alone refuses none of them.
    const { api, clients } = await pair(redis.url, more, own(), { contactsPerSecond: 8 });
    const ids = numbers(12);
    const all = [answers(clients[0], ...ids.slice(0, 6)), answers(clients[1], ...ids.slice(6))];
    expect((await Promise.all(all)).flat()).toEqual(ids.map(() => found('')));
    expect(api.calls.count('/v1/contacts')).toBe(12);
  });

  it('do not wait for a clock that was set back, as after a failover', async () => {
    const keyPrefix = own();
    const more = ', batch: { size: 1 }, limits: { callsPerSecond: 5 }';
    const { clients } = await pair(redis.url, more, keyPrefix);
    const store = await redis.client();
    const key = `${keyPrefix.split('"')[1]}turns:${INDIA}`;
    const [first = '', second = '', third = ''] = numbers(3);
    await answers(clients[0], first);
    // As a server whose clock is an hour behind finds it.
    const HOUR = 3_600_000;
    const now = async () => Number(((await store.sendCommand(['TIME'])) as string[])[0]) * 1000;
    const ahead = [(await now()) + HOUR + 200, (await now()) + HOUR].map((ms) => ms.toFixed(3)).join(' ');
    await store.set(key, ahead, { PX: HOUR });
    expect(await answers(clients[0], second)).toEqual([found('')]);
    expect(await answers(clients[1], third)).toEqual([found('')]);
    expect(Number((await store.get(key))?.split(' ')[0])).toBeLessThan((await now()) + 60_000);
    expect(await store.pTTL(key)).toBeLessThan(60_000);
  });

  it('continue alone while it is down, log it once, and share again when it is back', async () => {
    const { api, hosts, clients } = await pair(redis.url, ', limits: { lookupsPerDay: 20 }', own());
    const [a = '', b = '', c = '', d = '', e = ''] = numbers(5);
    await answers(clients[0], a);
    await redis.stop();
    await setting.log.line(/WARN {2}redis 127\.0\.0\.1:\d+ is down: until it is back, this host shares no cache/, 1);
    for (const client of clients)
      expect(await answers(client, b, c, KNOWN)).toEqual([found(''), found(''), found(KNOWN)]);
    expect(asked(api)).toHaveLength(7);
    expect([await metric(hosts[0], UP), await metric(hosts[1], UP)]).toEqual([0, 0]);
    expect([await metric(hosts[0], LEFT), await metric(hosts[1], LEFT)]).toEqual([16, 17]);
    await redis.start();
    await setting.log.line(/INFO {2}redis 127\.0\.0\.1:\d+ is back: cache, limits and budgets are shared again/, 1);
    expect(setting.log.matching(/is down/)).toHaveLength(2);
    await answers(clients[0], d);
    expect(await answers(clients[1], d)).toEqual([found('')]);
    await answers(clients[1], e);
    expect(asked(api)).toHaveLength(9);
    expect(await metric(hosts[1], SHARED)).toBe(1);
    expect(await metric(hosts[1], LEFT)).toBe(11);
  });

  it('wait no longer than the timeout if it does not answer', async () => {
    const { hosts, clients } = await pair(redis.url, '', `${own()}, timeoutMs: 50`);
    redis.freeze();
    try {
      expect(await answers(clients[0], KNOWN)).toEqual([found(KNOWN)]);
      await setting.log.line(/WARN {2}redis \S+ is down: .*: timed out after 50 ms/);
      expect(await metric(hosts[0], UP)).toBe(0);
      expect(await answers(clients[0], ...numbers(3))).toEqual(Array(3).fill(found('')));
    } finally {
      redis.thaw();
    }
    await setting.log.line(/INFO {2}redis \S+ is back/);
  });

  it('replace malformed entries', async () => {
    const keyPrefix = own();
    const { api, clients } = await pair(redis.url, '', keyPrefix);
    const store = await redis.client();
    const key = (number: string) => `${keyPrefix.split('"')[1]}contact:${INDIA}:${number}`;
    const texts = ['{', '7', '{"n":5,"u":false,"t":1}'];
    for (const [index, number] of NUMBERS.entries()) await store.set(key(number), texts[index] ?? '');
    expect(await answers(clients[0], ...NUMBERS)).toEqual(NUMBERS.map(found));
    expect(asked(api)).toEqual(NUMBERS);
    await until(async () => (await store.get(key(KNOWN)))?.includes(KNOWN) ?? false);
    expect(await store.pTTL(key(KNOWN))).toBeGreaterThan(0);
  });

  it('connect over TLS', async () => {
    const { server } = await certificates();
    const secure = await RedisServer.start({ password: PASSWORD, tls: server });
    try {
      const { hosts } = await pair(secure.url, '', `, ca: ${file('ca.pem', server.certificate)}`);
      expect([await metric(hosts[0], UP), await metric(hosts[1], UP)]).toEqual([1, 1]);
      const others = await pair(secure.url);
      expect(await metric(others.hosts[0], UP)).toBe(0);
      await setting.log.line(/is down: .*self-signed certificate/);
    } finally {
      await secure.stop();
    }
  });

  it('treat it as down if the password is wrong, and log why', async () => {
    const other = await RedisServer.start({ password: 'another' });
    try {
      await pair(other.url);
      await setting.log.line(/is down: .*WRONGPASS/);
    } finally {
      await other.stop();
    }
  });

  it('treat it as down if it rejects writes, and log it once', async () => {
    const full = await RedisServer.start({ password: PASSWORD });
    try {
      const store = await full.client();
      await store.configSet('maxmemory', '1');
      const { clients } = await pair(full.url);
      await setting.log.line(/is down: .*OOM/, 1);
      expect(await answers(clients[0], KNOWN)).toEqual([found(KNOWN)]);
      await store.configSet('maxmemory', '0');
      await setting.log.line(/INFO {2}redis .* is back/, 1);
      expect(setting.log.matching(/is down/)).toHaveLength(2);
    } finally {
      await full.stop();
    }
  });

  it('never show the password', async () => {
    await pair(redis.url, '', own());
    await redis.stop();
    await setting.log.line(/is down/, 1);
    await redis.start();
    await setting.log.line(/INFO {2}redis .* is back/, 1);
    expect(setting.log.lines.join('\n')).not.toContain(PASSWORD);
  });
});

it('a host starts while its Redis is down, and logs it', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`;
  const { hosts, clients } = await pair(url);
  await setting.log.line(/WARN {2}redis 127\.0\.0\.1:\d+ is down: .*ECONNREFUSED/);
  expect(await answers(clients[0], KNOWN)).toEqual([found(KNOWN)]);
  expect(await metric(hosts[0], UP)).toBe(0);
});

describe('wrong options stop the start', () => {
  it.each([
    ['{ sharedState: { redis: {} } }', /options.sharedState.redis.url is missing: it must be a redis or rediss URL/],
    ['{ sharedState: { redis: { url: "http://x" } } }', /redis.url must be a redis or rediss URL/],
    ['{ sharedState: { redis: { url: "redis://u:hush@x" } } }', /redis.url must hold no user name or password/],
    ['{ sharedState: { redis: { url: "redis://x", ca: ca.pem } } }', /redis.ca cannot be read \(ENOENT\)/],
    [
      '{ sharedState: { redis: { url: "redis://x", keyprefix: a } } }',
      /unknown key plugins\[0\]\.options\.sharedState\.redis\.keyprefix: did you mean keyPrefix\?/,
    ],
    ['{ shareState: {} }', /unknown key plugins\[0\]\.options\.shareState: did you mean sharedState\?/],
  ])('%s', async (options, message) => {
    const said = await setting.host({}, '{}', options).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(said).toMatch(message);
    expect(said).not.toContain('hush@');
  });
});
