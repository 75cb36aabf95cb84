import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import { DailyUsers, LocalUsers, limitsUsers } from '../../../../plugins/messaging/limits/daily-users.js';
import { PairRate, takePair } from '../../../../plugins/messaging/limits/pair-rate.js';
import { API } from '../cloud/setting.js';

const DAY_MS = 24 * 3_600_000;

/** The times at which messages were allowed, of those that were tried. */
function allowed(times: readonly number[]): number[] {
  let paidUntil = 0;
  return times.filter((now) => {
    const taken = takePair(paidUntil, now);
    paidUntil = taken.paidUntil;
    return taken.waitMs === 0;
  });
}

const times = fc.array(fc.integer({ min: 0, max: 8000 }), { maxLength: 300 }).map((gaps) => {
  let now = 1e12;
  return gaps.map((gap) => {
    now += gap;
    return now;
  });
});

it('allows one customer 45 messages, and then one every 6 s, over any time', () => {
  fc.assert(
    fc.property(times, (tried) => {
      const at = allowed(tried);
      for (const [first, from] of at.entries()) {
        for (let last = first; last < at.length; last++) {
          expect(last - first + 1).toBeLessThanOrEqual(45 + ((at[last] ?? 0) - from) / 6000);
        }
      }
    }),
    { numRuns: 30 },
  );
  expect(allowed(Array(100).fill(1e12))).toHaveLength(45);
});

it('returns how long to wait: after that, a message is allowed', () => {
  let paidUntil = 0;
  for (let sent = 0; sent < 45; sent++) paidUntil = takePair(paidUntil, 1e12).paidUntil;
  const { waitMs } = takePair(paidUntil, 1e12);
  expect(waitMs).toBe(6000);
  expect(takePair(paidUntil, 1e12 + waitMs - 1).waitMs).toBe(1);
  expect(takePair(paidUntil, 1e12 + waitMs).waitMs).toBe(0);
});

it('does not wait for a clock that was set back', () => {
  const { paidUntil } = takePair(0, 1e12);
  expect(paidUntil).toBe(1e12 + 6000);
  const now = 1e12 - DAY_MS;
  expect(takePair(paidUntil, now)).toEqual({ waitMs: 6000, paidUntil: now + 45 * 6000 });
  expect(takePair(now + 45 * 6000, now + 6000)).toEqual({ waitMs: 0, paidUntil: now + 46 * 6000 });
});

it('counts the messages to each customer, without Redis on this host alone', async () => {
  let now = 1e12;
  const pairs = new PairRate(undefined, '1064', () => now);
  for (let sent = 0; sent < 45; sent++) expect(await pairs.take('a')).toBe(0);
  expect([await pairs.take('a'), await pairs.take('b')]).toEqual([6000, 0]);
  now += 6000;
  expect([await pairs.take('a'), await pairs.take('a')]).toEqual([0, 6000]);
});

it('counts the customers of a day, without Redis on this host alone', async () => {
  let now = 1e12;
  const users = new DailyUsers(undefined, '1029', 1, () => now);
  const { giveBack, ...taken } = await users.take('a');
  expect(taken).toEqual({ users: 1, waitMs: 0 });
  expect(await giveBack?.()).toBe(0);
  expect(await users.take('b')).toMatchObject({ users: 1, waitMs: 0 });
  now += DAY_MS - 1;
  expect(await users.take('a')).toEqual({ users: 1, waitMs: 1 });
  expect(await users.take('b')).toEqual({ users: 1, waitMs: 0, giveBack: undefined });
  now += DAY_MS;
  expect(await users.take('a')).toMatchObject({ users: 1, waitMs: 0 });
});

it('counts customers only for a channel of Cloud API with such a limit', () => {
  const limits = (api: object, contacts = 'number-plan'): boolean => {
    const given = { type: 'whatsapp', phoneNumber: '+919876543210', api, contacts: { from: contacts } };
    const settings = whatsAppChannel.schema.parse(given);
    return limitsUsers({ name: 'w', type: 'whatsapp', phoneNumber: undefined, settings, problem: () => new Error() });
  };
  expect(limits(API)).toBe(false);
  expect(limits({ ...API, limits: { usersPerDay: 1 } })).toBe(true);
  expect(limits({ driver: 'none' })).toBe(false);
});

it('limits the different customers in any 24 hours, and allows each of them more than once', () => {
  const attempts = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: DAY_MS / 4 })));
  fc.assert(
    fc.property(attempts, (tried) => {
      const users = new LocalUsers(3);
      const sent: [customer: string, at: number][] = [];
      let now = 1e12;
      for (const [customer, gap] of tried) {
        now += gap;
        const taken = users.take(String(customer), now);
        if (taken.waitMs === 0) sent.push([String(customer), now]);
        const recent = new Set(sent.filter(([, at]) => at > now - DAY_MS).map(([one]) => one));
        expect(recent.size).toBeLessThanOrEqual(3);
        expect(taken.users).toBe(recent.size);
        if (taken.waitMs > 0) expect(recent.has(String(customer))).toBe(false);
      }
    }),
  );
});

it('returns when the first customer no longer counts', () => {
  const users = new LocalUsers(1);
  users.take('a', 1e12);
  expect(users.take('b', 1e12 + 1000)).toEqual({ users: 1, waitMs: DAY_MS - 1000 });
  expect(users.take('a', 1e12 + 1000)).toEqual({ users: 1, waitMs: 0 });
  expect(users.take('b', 1e12 + 1000 + DAY_MS)).toEqual({ users: 1, waitMs: 0, giveBack: expect.any(Function) });
});

it('gives a customer back unless another message was counted since, even in the same millisecond', () => {
  const users = new LocalUsers(2);
  expect(users.take('a', 1e12).giveBack?.()).toBe(0);
  const first = users.take('b', 1e12);
  expect(users.take('b', 1e12).giveBack).toBeUndefined();
  expect(first.giveBack?.()).toBe(1);
});
