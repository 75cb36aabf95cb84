import { expect, it } from '@jest/globals';
import { CachedLookup } from '../../../../plugins/messaging/contacts/cache.js';
import type { ContactAnswer } from '../../../../plugins/messaging/contacts/contact-lookup.js';
import { Metrics } from '../../../../src/telemetry/index.js';
import { Clock } from '../mock/harness.js';

const MINUTE_MS = 60_000;
const ONE = '+4930100001';
const TWO = '+4930100002';

/** A cache in front of a lookup that finds the numbers in `known`, with a clock to turn. */
function start(size = 100, known = new Set([ONE])) {
  const clock = new Clock();
  const asked: string[] = [];
  const inner: { lookUp(number: string): Promise<ContactAnswer> } = {
    async lookUp(number): Promise<ContactAnswer> {
      asked.push(number);
      const found = known.has(number) ? number : undefined;
      return { number: found, unreliable: false, version: '2.41.3', knownSince: clock.now() };
    },
  };
  const counter = new Metrics().counter('lookups', 'lookups');
  const settings = { confirmedMs: 10 * MINUTE_MS, unconfirmedMs: MINUTE_MS, size };
  const count = { hit: counter, joined: counter, rejected: counter };
  const cache = new CachedLookup(inner, 'whatsapp', settings, count, clock.now);
  return { clock, asked, cache, inner };
}

it('answers cached numbers synchronously', async () => {
  const { cache } = start();
  const first = cache.lookUp(ONE);
  expect(first).toBeInstanceOf(Promise);
  const answer = await first;
  expect(cache.lookUp(ONE)).toBe(answer);
});

it('has separate lifetimes for confirmed and unconfirmed numbers', async () => {
  const { cache, clock, asked } = start();
  const ask = async () => [await cache.lookUp(ONE), await cache.lookUp(TWO)];
  await ask();
  clock.ms += MINUTE_MS - 1;
  await ask();
  expect(asked).toEqual([ONE, TWO]);
  clock.ms += 1;
  await ask();
  expect(asked).toEqual([ONE, TWO, TWO]);
  clock.ms += 9 * MINUTE_MS;
  await ask();
  expect(asked).toEqual([ONE, TWO, TWO, ONE, TWO]);
});

it('measures the lifetime from the answer, even of another host', async () => {
  const { cache, clock, inner, asked } = start();
  const found = await inner.lookUp(ONE);
  clock.ms += 10 * MINUTE_MS - 1;
  inner.lookUp = async () => found;
  await cache.lookUp(ONE);
  expect(cache.lookUp(ONE)).toBe(found);
  clock.ms += 1;
  expect(cache.lookUp(ONE)).toBeInstanceOf(Promise);
  expect(asked).toEqual([ONE]);
});

it('evicts the least recently used number when it is full', async () => {
  const { cache, asked } = start(2, new Set(['+1', '+2', '+3']));
  for (const number of ['+1', '+2', '+1', '+3', '+1', '+2']) await cache.lookUp(number);
  expect(asked).toEqual(['+1', '+2', '+3', '+2']);
});

it('looks a dropped number up again, even while a lookup is in progress', async () => {
  const { cache, asked, inner } = start();
  await cache.lookUp(ONE);
  cache.drop(ONE);
  const { lookUp } = inner;
  const slow = Promise.withResolvers<void>();
  inner.lookUp = async (number) => {
    await slow.promise;
    return { ...(await lookUp(number)), version: 'old' };
  };
  const before = cache.lookUp(ONE);
  cache.drop(ONE);
  inner.lookUp = lookUp;
  const after = cache.lookUp(ONE);
  slow.resolve();
  expect(await before).toMatchObject({ version: 'old' });
  expect(await after).toMatchObject({ version: '2.41.3' });
  expect(cache.lookUp(ONE)).toBe(await after);
  expect(asked).toEqual([ONE, ONE, ONE]);
});

it('looks up again after a failure, synchronous or not', async () => {
  const { cache, inner, asked } = start();
  const { lookUp } = inner;
  inner.lookUp = () => {
    throw new Error('at once');
  };
  expect(() => cache.lookUp(ONE)).toThrow('at once');
  inner.lookUp = () => Promise.reject(new Error('later'));
  await expect(Promise.all([cache.lookUp(ONE), cache.lookUp(ONE)])).rejects.toThrow('later');
  inner.lookUp = lookUp;
  await cache.lookUp(ONE);
  expect(asked).toEqual([ONE]);
});

it('limits the requests that wait for lookups of others', async () => {
  const { cache } = start();
  const first = cache.lookUp(ONE);
  for (let joined = 0; joined < 10_000; joined++) expect(cache.lookUp(ONE)).toBe(first);
  expect(() => cache.lookUp(ONE)).toThrow('whatsapp: overloaded');
  const other = cache.lookUp(TWO);
  expect(() => cache.lookUp(TWO)).toThrow('whatsapp: overloaded');
  await Promise.all([first, other]);
  expect(await cache.lookUp(ONE)).toMatchObject({ number: ONE });
});
