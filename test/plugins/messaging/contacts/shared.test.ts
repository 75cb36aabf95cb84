import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { SharedCache } from '../../../../plugins/messaging/contacts/cache.js';
import type { ContactAnswer, ContactLookup } from '../../../../plugins/messaging/contacts/contact-lookup.js';
import { SharedUsage, sharedUsage } from '../../../../plugins/messaging/contacts/daily-budget.js';
import { SharedEvidence } from '../../../../plugins/messaging/contacts/shared-evidence.js';
import { sharedRedis } from '../../../../plugins/messaging/redis.js';
import { ConnectionFailedError } from '../../../../src/esp/index.js';
import type { Redis } from '../../../../src/redis/index.js';
import { Metrics } from '../../../../src/telemetry/index.js';
import { CapturedLogger, type LogLine } from '../../../../src/testing/captured-logger.js';
import { until } from '../../../support/eventually.js';
import { RedisServer } from '../../../support/redis-server.js';
import { redisDescribe } from '../../../support/redis-tests.js';
import { Clock } from '../mock/harness.js';

const OWNER = '+919876543210';
const NUMBER = '+16315551002';
const OTHER = '+15162837151';
const DAY = '2026-11-30';

redisDescribe('hosts that share a Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());

  const open: Redis[] = [];
  const logs: LogLine[] = [];
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const redis of open.splice(0)) await redis.close();
    logs.splice(0);
  });

  let prefixes = 0;
  async function start(keyPrefix = `contacts-${prefixes++}:`): Promise<Redis> {
    const settings = { url: server.url, keyPrefix, timeoutMs: 10_000 };
    const redis = sharedRedis(settings, new CapturedLogger(logs), new Metrics());
    open.push(redis);
    await redis.start();
    return redis;
  }

  /** A cache in front of `lookUp`, with a clock for both and the answers that Redis gave. */
  async function cacheOf(lookUp: ContactLookup['lookUp']) {
    const clock = new Clock();
    jest.spyOn(Date, 'now').mockImplementation(clock.now);
    const redis = await start();
    const metrics = new Metrics();
    const settings = { confirmedMs: 60_000, unconfirmedMs: 1, size: 1 };
    const hit = metrics.counter('hits', 'hits');
    const cache = new SharedCache({ lookUp }, redis, OWNER, settings, hit);
    const key = `contact:${OWNER}:${NUMBER}`;
    const stored = () => redis.run(async (client) => (await client.get(key)) ?? 'none');
    const hits = async () => /^hits (\d+)$/m.exec(await metrics.text())?.[1];
    return { cache, clock, hits, key, redis, stored };
  }

  it('take an answer from each other until it is too old', async () => {
    const asked: string[] = [];
    const { cache, clock, hits, stored } = await cacheOf((number) => {
      asked.push(number);
      return { number, unreliable: true, version: '2.45.1', knownSince: clock.now() };
    });
    const first = await cache.lookUp(NUMBER);
    await until(async () => (await stored()) !== 'none');
    expect(await stored()).toBe(JSON.stringify({ n: NUMBER, u: true, v: '2.45.1', t: clock.ms }));
    clock.ms += 59_999;
    expect(await cache.lookUp(NUMBER)).toEqual(first);
    expect([asked, await hits()]).toEqual([[NUMBER], '1']);
    clock.ms += 1;
    expect(await cache.lookUp(NUMBER)).toMatchObject({ knownSince: clock.ms });
    expect([asked, await hits()]).toEqual([[NUMBER, NUMBER], '1']);
  });

  it('do not store what is too old, or may change', async () => {
    const answers: ContactAnswer[] = [];
    const { cache, clock, stored } = await cacheOf(() => answers.shift() ?? Promise.reject(new Error('asked again')));
    const answer = { number: undefined, unreliable: false, version: undefined };
    answers.push({ ...answer, knownSince: clock.ms - 1 }, { ...answer, knownSince: undefined });
    for (let asked = 0; asked < 2; asked++) expect(await cache.lookUp(NUMBER)).toMatchObject(answer);
    expect([await stored(), logs.filter(({ level }) => level !== 'info')]).toEqual(['none', []]);
  });

  it('do not take the error of an API that is down for an answer', async () => {
    const down = new ConnectionFailedError('w', 'http://whatsapp.example');
    const { cache, stored } = await cacheOf(() => down);
    await expect(cache.lookUp(NUMBER)).rejects.toBe(down);
    expect(await stored()).toBe('none');
  });

  it.each(['no JSON', '{}', '{"u":false,"t":"x"}', '{"n":5,"u":false,"t":1e99}', '{"t":1e99}', '{"u":false}'])(
    'replace a malformed answer: %s',
    async (text) => {
      const answer = { number: NUMBER, unreliable: false, version: undefined, knownSince: undefined };
      const { cache, key, redis } = await cacheOf(() => answer);
      await redis.run((client) => client.set(key, text));
      expect(await cache.lookUp(NUMBER)).toEqual(answer);
    },
  );

  it('count the lookups of a day together, and give them back', async () => {
    const [one, two] = [await start('budget:'), await start('budget:')];
    const [first, second] = [new SharedUsage(one, OWNER), new SharedUsage(two, OWNER)];
    expect(await first.add(DAY, 0)).toBe(0);
    expect(await one.run((client) => client.exists(`budget:${OWNER}:${DAY}`))).toBe(0);
    expect([await first.add(DAY, 2), await second.add(DAY, 3), await first.add(DAY, -1)]).toEqual([2, 5, 4]);
    expect([await first.add(DAY, 0), await second.add(DAY, 0), await second.add('2026-12-01', 1)]).toEqual([4, 4, 1]);
    expect(await one.run((client) => sharedUsage(client, OWNER, DAY))).toBe(4);
    const ttl = await one.run((client) => client.ttl(`budget:${OWNER}:${DAY}`));
    expect(ttl).toBeGreaterThan(48 * 3600 - 60);
    expect(ttl).toBeLessThanOrEqual(48 * 3600);
  });

  it('begin a day that Redis has lost with what they know', async () => {
    const redis = await start();
    const usage = new SharedUsage(redis, OWNER);
    await usage.add(DAY, 5);
    await redis.run((client) => client.del(`budget:${OWNER}:${DAY}`));
    expect(await usage.add(DAY, 0)).toBe(5);
    expect(await usage.add(DAY, 1)).toBe(6);
  });

  it('add what they counted alone when Redis is back', async () => {
    const redis = await start();
    const usage = new SharedUsage(redis, OWNER);
    await usage.add(DAY, 5);
    const run = jest.spyOn(redis, 'run').mockResolvedValue(undefined);
    expect([await usage.add(DAY, 2), await usage.add(DAY, 1), await usage.add(DAY, 0)]).toEqual([7, 8, 8]);
    run.mockRestore();
    expect(await redis.run((client) => sharedUsage(client, OWNER, DAY))).toBe(5);
    expect(await usage.add(DAY, 1)).toBe(9);
    expect(await usage.add(DAY, 1)).toBe(10);
    expect(await redis.run((client) => sharedUsage(client, OWNER, DAY))).toBe(10);
  });

  it('write evidence that one could not write as soon as another is written or read', async () => {
    const clock = new Clock();
    const redis = await start('unsent:');
    const [evidence, other] = [
      new SharedEvidence(redis, clock.now),
      new SharedEvidence(await start('unsent:'), clock.now),
    ];
    const seen = { kind: 'read', at: clock.ms } as const;
    const expiry = clock.ms + 60_000;
    const away = async (use: () => Promise<unknown>) => {
      const run = jest.spyOn(redis, 'run').mockResolvedValue(undefined);
      await use();
      run.mockRestore();
    };
    await away(() => evidence.write(NUMBER, seen, expiry));
    expect([await evidence.read(OTHER), await other.read(OTHER)]).toEqual([undefined, undefined]);
    await until(async () => (await other.read(NUMBER)) !== undefined);
    await away(async () => {
      await evidence.write(NUMBER, { kind: 'message', at: clock.ms + 5 }, expiry);
      await evidence.write(NUMBER, { kind: 'delivered', at: clock.ms + 3 }, expiry);
      expect(await evidence.read(NUMBER)).toEqual({ kind: 'message', at: clock.ms + 5 });
    });
    expect(await other.read(NUMBER)).toEqual(seen);
    await evidence.write(OTHER, seen, expiry);
    expect(await other.read(NUMBER)).toEqual({ kind: 'message', at: clock.ms + 5 });
    expect(await other.read(OTHER)).toEqual(seen);
  });

  it('do not write evidence that no longer counts', async () => {
    const clock = new Clock();
    const redis = await start();
    const evidence = new SharedEvidence(redis, clock.now);
    const seen = { kind: 'read', at: clock.ms } as const;
    await evidence.write(NUMBER, seen, clock.ms);
    expect(await evidence.read(NUMBER)).toBeUndefined();
    await evidence.write(NUMBER, seen, clock.ms + 1000);
    expect(await redis.run((client) => client.pTTL(`evidence:${NUMBER}`))).toBeGreaterThan(0);
    expect(await evidence.read(NUMBER)).toEqual(seen);
    await evidence.write(NUMBER, { kind: 'undeliverable', at: clock.ms }, clock.ms + 1000);
    expect(await evidence.read(NUMBER)).toEqual(seen);
  });

  it('drop evidence that no longer counts when Redis is back', async () => {
    const clock = new Clock();
    const redis = await start();
    const evidence = new SharedEvidence(redis, clock.now);
    const seen = { kind: 'read', at: clock.ms } as const;
    const run = jest.spyOn(redis, 'run').mockResolvedValue(undefined);
    await evidence.write(NUMBER, seen, clock.ms + 1000);
    run.mockRestore();
    clock.ms += 1000;
    await evidence.write(OTHER, seen, clock.ms + 60_000);
    expect([await evidence.read(NUMBER), await evidence.read(OTHER)]).toEqual([undefined, seen]);
  });
});
