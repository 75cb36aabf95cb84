import { expect, it } from '@jest/globals';
import { CachedLookup, type CacheSettings } from '../../../../plugins/messaging/contacts/cache.js';
import type { ContactAnswer, ContactLookup } from '../../../../plugins/messaging/contacts/contact-lookup.js';
import { ConnectionFailedError } from '../../../../src/esp/index.js';
import { Metrics } from '../../../../src/telemetry/index.js';
import { Clock } from '../mock/harness.js';

const MINUTE_MS = 60_000;
const ONE = '+4930100001';
const TWO = '+4930100002';

/** A cache in front of a lookup that finds the numbers in `known`, with a clock to turn. */
function start(size = 100, known = new Set([ONE]), more: Partial<CacheSettings> = {}) {
  const clock = new Clock();
  const asked: string[] = [];
  const inner: ContactLookup = {
    async lookUp(number): Promise<ContactAnswer> {
      asked.push(number);
      const found = known.has(number) ? number : undefined;
      return { number: found, unreliable: false, version: '2.41.3', knownSince: clock.now() };
    },
  };
  const metrics = new Metrics();
  const counter = (result: string) => metrics.counter('lookups', 'lookups', { result });
  const settings = { ...{ confirmedMs: 10 * MINUTE_MS, unconfirmedMs: MINUTE_MS, size }, ...more };
  const count = { hit: counter('hit'), joined: counter('joined'), rejected: counter('rejected') };
  const cache = new CachedLookup(inner, 'whatsapp', settings, count, clock.now);
  const counted = async () =>
    [...(await metrics.text()).matchAll(/result="(.*)"} (.*)/g)].map(([, of, n]) => `${of} ${n}`);
  return { clock, asked, cache, counted, inner };
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
  const found = { number: ONE, unreliable: false, version: undefined, knownSince: clock.now() };
  clock.ms += 10 * MINUTE_MS - 1;
  inner.lookUp = async () => found;
  await cache.lookUp(ONE);
  expect(cache.lookUp(ONE)).toBe(found);
  clock.ms += 1;
  expect(cache.lookUp(ONE)).toBeInstanceOf(Promise);
  expect(asked).toEqual([]);
});

it('counts what it answers, what joins, and what it turns away', async () => {
  const { cache, counted } = start();
  expect(await counted()).toEqual(['hit 0', 'joined 0', 'rejected 0']);
  const first = cache.lookUp(ONE);
  for (let joined = 0; joined < 10_000; joined++) void cache.lookUp(ONE);
  expect(() => cache.lookUp(ONE)).toThrow(
    expect.objectContaining({
      cause: expect.objectContaining({ message: '10000 requests wait for lookups of others' }),
    }),
  );
  await first;
  await cache.lookUp(ONE);
  await cache.lookUp(ONE);
  expect(await counted()).toEqual(['hit 2', 'joined 10000', 'rejected 1']);
});

it.each<[string, Partial<CacheSettings>, number]>([
  ['without a size', { size: 0 }, 3],
  ['without a lifetime', { confirmedMs: 0 }, 3],
  ['with a lifetime of one of its answers', { unconfirmedMs: 0 }, 2],
])('%s, asks for a confirmed number as often as it is dropped or not kept', async (_what, settings, times) => {
  const { asked, cache } = start(100, undefined, settings);
  await cache.lookUp(ONE);
  cache.drop(ONE);
  await cache.lookUp(ONE);
  await cache.lookUp(ONE);
  expect(asked).toHaveLength(times);
});

it('does not keep an answer that may change', async () => {
  const { cache, inner } = start();
  inner.lookUp = async () => ({ number: ONE, unreliable: false, version: undefined, knownSince: undefined });
  await cache.lookUp(ONE);
  expect(cache.lookUp(ONE)).toBeInstanceOf(Promise);
});

it('passes on at once that the API counts as down, and asks again', async () => {
  const { asked, cache, inner } = start();
  const { lookUp } = inner;
  const down = new ConnectionFailedError('whatsapp', 'http://whatsapp.example');
  inner.lookUp = () => down;
  expect(cache.lookUp(ONE)).toBe(down);
  inner.lookUp = lookUp;
  expect(await cache.lookUp(ONE)).toMatchObject({ number: ONE });
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
    const found = await lookUp(number);
    return found instanceof Error ? Promise.reject(found) : { ...found, version: 'old' };
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
  cache.drop(ONE);
  const again = cache.lookUp(ONE);
  for (let joined = 0; joined < 10_000; joined++) expect(cache.lookUp(ONE)).toBe(again);
  expect(() => cache.lookUp(ONE)).toThrow('whatsapp: overloaded');
});
