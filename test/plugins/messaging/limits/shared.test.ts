import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import { DailyUsers, probeUsers } from '../../../../plugins/messaging/limits/daily-users.js';
import { MessageLimits } from '../../../../plugins/messaging/limits/message-limits.js';
import { PairRate } from '../../../../plugins/messaging/limits/pair-rate.js';
import { SharedRateLimiter } from '../../../../plugins/messaging/limits/rate-limiter.js';
import { sharedRedis } from '../../../../plugins/messaging/redis.js';
import { Secret } from '../../../../src/config/index.js';
import type { Redis } from '../../../../src/redis/index.js';
import { Metrics } from '../../../../src/telemetry/index.js';
import { LogLines } from '../../../support/log-lines.js';
import { RedisServer } from '../../../support/redis-server.js';
import { redisDescribe } from '../../../support/redis-tests.js';
import { cloudChannel } from '../cloud/setting.js';

const PASSWORD = 'r3d1s-hush';
const CUSTOMER = '+16315551002';

redisDescribe('the limits of messages, on two hosts that share a Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start({ password: PASSWORD });
  });
  afterAll(() => server.stop());

  const open: Redis[] = [];
  afterEach(async () => {
    for (const redis of open.splice(0)) await redis.close();
  });

  let prefixes = 0;
  async function hosts(): Promise<[Redis, Redis]> {
    const keyPrefix = `limits-${prefixes++}:`;
    const start = async (): Promise<Redis> => {
      const settings = { url: server.url, password: new Secret(PASSWORD), keyPrefix, timeoutMs: 10_000 };
      const redis = sharedRedis(settings, new LogLines('error').logger, new Metrics());
      open.push(redis);
      await redis.start();
      return redis;
    };
    return [await start(), await start()];
  }

  /** How many of these waits are none. */
  const allowed = (waits: readonly number[]): number => waits.filter((ms) => ms === 0).length;

  it('are one rate to a customer', async () => {
    const [one, two] = (await hosts()).map((redis) => new PairRate(redis, '1064')) as [PairRate, PairRate];
    const waits: number[] = [];
    for (let sent = 0; sent < 30; sent++) waits.push(await one.take(CUSTOMER), await two.take(CUSTOMER));
    expect(allowed(waits)).toBe(45);
    expect(Math.max(...waits)).toBeLessThanOrEqual(6000);
    expect(await one.take('+15162837151')).toBe(0);
    const store = await server.client();
    const [key = ''] = await store.keys(`limits-0:pair:1064:${CUSTOMER}`);
    expect(await store.pTTL(key)).toBeGreaterThan(200_000);
    expect(await store.pTTL(key)).toBeLessThanOrEqual(270_000);
    store.destroy();
  });

  it('are one number of customers a day', async () => {
    const [one, two] = (await hosts()).map((redis) => new DailyUsers(redis, '1029', 3)) as [DailyUsers, DailyUsers];
    const giveBack = expect.any(Function);
    expect(await one.take('a')).toEqual({ users: 1, waitMs: 0, giveBack });
    expect(await two.take('b')).toEqual({ users: 2, waitMs: 0, giveBack });
    expect(await two.take('b')).toEqual({ users: 2, waitMs: 0 });
    expect(await one.take('c')).toEqual({ users: 3, waitMs: 0, giveBack });
    const store = await server.client();
    expect(await store.keys('limits-*:users:1029')).toHaveLength(1);
    store.destroy();
    const refused = await two.take('d');
    expect(refused.users).toBe(3);
    expect(refused.waitMs).toBeGreaterThan(86_000_000);
    expect(refused.waitMs).toBeLessThanOrEqual(86_400_000);
    expect(await two.take('a')).toMatchObject({ users: 3, waitMs: 0 });
  });

  it('get a customer back whose message was not sent, unless another host has counted one since', async () => {
    const [one, two] = (await hosts()).map((redis) => new DailyUsers(redis, '1029', 2)) as [DailyUsers, DailyUsers];
    await one.take('a');
    const failed = await one.take('b');
    expect(await failed.giveBack?.()).toBe(1);
    const again = await one.take('c');
    expect(again).toMatchObject({ users: 2, waitMs: 0 });
    expect(await two.take('c')).toMatchObject({ users: 2, waitMs: 0 });
    expect(await again.giveBack?.()).toBe(2);
    expect((await two.take('d')).waitMs).toBeGreaterThan(0);
  });

  it('refuse a customer that both a host and Redis have no room for', async () => {
    const [users] = (await hosts()).map((redis) => new DailyUsers(redis, '1029', 1)) as [DailyUsers];
    await users.take('a');
    for (let tried = 0; tried < 2; tried++) {
      const refused = await users.take('b');
      expect(refused).toEqual({ users: 1, waitMs: expect.any(Number) });
      expect(refused.waitMs).toBeGreaterThan(86_000_000);
    }
  });

  it('are those of a phone number and of its business account', async () => {
    const { api } = whatsAppChannel.schema.parse(
      cloudChannel({ api: { limits: { usersPerDay: 1, messagesPerSecond: 50 } } }),
    );
    if (api.driver !== 'cloud') throw new Error('the channel is another one');
    const [one, two] = (await hosts()).map((redis) => new MessageLimits('w', api, redis, new Metrics())) as [
      MessageLimits,
      MessageLimits,
    ];
    await one.admit('a');
    await expect(two.admit('b')).rejects.toMatchObject({ why: expect.stringMatching(/^limit of 1 customers/) });
    await Promise.all([one.turn(), two.turn()]);
    const store = await server.client();
    const keys = await store.keys(`limits-${prefixes - 1}:*`);
    expect(keys.filter((key) => !key.includes('turns:')).toSorted()).toEqual(
      ['pair:1064:a', 'pair:1064:b', 'probe', 'users:1029'].map((key) => `limits-${prefixes - 1}:${key}`),
    );
    store.destroy();
  });

  it('are one rate of calls, evenly spread', async () => {
    const [first, second] = await hosts();
    const [one, two] = [new SharedRateLimiter(first, 'calls', 5), new SharedRateLimiter(second, 'calls', 5)];
    const waits = await Promise.all([one.turn(), two.turn()]);
    expect(Math.min(...waits)).toBe(0);
    // The second turn is 200 ms after the first.
    expect(Math.max(...waits)).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(200);
    const [next, written] = ((await first.run((client) => client.get('turns:calls'))) ?? '').split(' ').map(Number);
    expect((next ?? 0) - (written ?? 0)).toBeGreaterThanOrEqual(200);
  });

  it('are the rate of each host while Redis is away', async () => {
    const [redis] = await hosts();
    jest.spyOn(redis, 'run').mockResolvedValue(undefined);
    jest.spyOn(performance, 'now').mockReturnValue(0);
    const limiter = new SharedRateLimiter(redis, 'calls', 500);
    expect(await Promise.all([limiter.turn(), limiter.turn()])).toEqual([0, 2]);
    jest.restoreAllMocks();
  });

  it('do not count on a host what Redis has refused', async () => {
    const [first, second] = await hosts();
    const [one, two] = [new DailyUsers(first, '1029', 1), new DailyUsers(second, '1029', 1)];
    await one.take('a');
    expect((await two.take('b')).waitMs).toBeGreaterThan(0);
    await second.close();
    expect(await two.take('c')).toMatchObject({ users: 1, waitMs: 0 });
  });

  it('are those of each host if its user lacks the commands, and Redis does not count as down', async () => {
    const store = await server.client();
    const commands = ['+hello', '+auth', '+ping', '+get', '+set', '+incrby', '+eval', '+time', '+multi', '+exec'];
    await store.aclSetUser('former', ['on', '>hush', '~*', ...commands]);
    store.destroy();
    const lines = new LogLines('info');
    const credentials = { username: 'former', password: new Secret('hush') };
    const redis = sharedRedis(
      { url: server.url, ...credentials, keyPrefix: 'former:', timeoutMs: 10_000 },
      lines.logger,
      new Metrics(),
    );
    open.push(redis);
    await redis.start();
    expect(await redis.run(probeUsers)).toBeUndefined();
    expect(lines.matching(/rejects a command/)).toHaveLength(1);
    const users = new DailyUsers(redis, '1029', 1);
    expect(await users.take('a')).toMatchObject({ users: 1, waitMs: 0 });
    expect((await users.take('b')).waitMs).toBeGreaterThan(0);
    expect(await new PairRate(redis, '1064').take(CUSTOMER)).toBe(0);
    expect(await redis.run((client) => client.get(`pair:1064:${CUSTOMER}`))).toMatch(/^\d+$/);
    expect(lines.matching(/rejects a command: this host does not share what needs it/)).toHaveLength(1);
    expect(lines.matching(/is down|is back/)).toEqual([]);
  });

  it('are those of each host, with its own counts, while Redis is down', async () => {
    const redis = (await hosts())[0];
    const pairs = new PairRate(redis, '1064');
    const users = new DailyUsers(redis, '1029', 2);
    for (let sent = 0; sent < 40; sent++) await pairs.take(CUSTOMER);
    await users.take('a');
    await server.stop();
    try {
      const waits: number[] = [];
      for (let sent = 0; sent < 10; sent++) waits.push(await pairs.take(CUSTOMER));
      expect(allowed(waits)).toBe(5);
      expect((await users.take('b')).waitMs).toBe(0);
      expect((await users.take('c')).waitMs).toBeGreaterThan(0);
    } finally {
      await server.start();
    }
  });
});

it('are local to the host without Redis', async () => {
  const pairs = new PairRate(undefined, '1064', () => 1e12);
  const waits = await Promise.all(Array.from({ length: 50 }, () => pairs.take(CUSTOMER)));
  expect(waits.filter((ms) => ms === 0)).toHaveLength(45);
});
