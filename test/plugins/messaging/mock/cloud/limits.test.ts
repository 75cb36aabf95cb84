import { beforeEach, describe, expect, it } from '@jest/globals';
import { RateLimit } from '../../../../../plugins/messaging/mock/business-api-client.js';
import { PairLimit, UserLimit } from '../../../../../plugins/messaging/mock/cloud/limits.js';
import { Clock, DAY_MS } from '../harness.js';

let clock: Clock;
beforeEach(() => {
  clock = new Clock();
});

/** How many of `tries` calls are allowed. */
const allowed = (take: () => boolean, tries = 100): number =>
  Array.from({ length: tries }, take).filter((isAllowed) => isAllowed).length;

describe('calls in one second', () => {
  it('are those of the last 1,000 ms, without the refused ones', () => {
    const limit = new RateLimit(3, clock.now);
    const take = () => limit.take();
    expect(allowed(take, 2)).toBe(2);
    clock.ms += 400;
    expect(allowed(take)).toBe(1);
    clock.ms += 599;
    expect(allowed(take)).toBe(0);
    clock.ms += 1;
    expect(allowed(take)).toBe(2);
    clock.ms += 400;
    expect(allowed(take)).toBe(1);
  });

  it('are not limited without a number', () => {
    const limit = new RateLimit(undefined, clock.now);
    expect(allowed(() => limit.take())).toBe(100);
  });
});

describe('messages to one customer', () => {
  it('can be 45 at once, and then one every 6 s', () => {
    const limit = new PairLimit(clock.now);
    const take = () => limit.take('+1');
    expect(allowed(take)).toBe(45);
    clock.ms += 5999;
    expect(allowed(take)).toBe(0);
    clock.ms += 1;
    expect(allowed(take)).toBe(1);
    clock.ms += 3 * 6000;
    expect(allowed(take)).toBe(3);
  });

  it('are counted for each customer, and forgotten by clear', () => {
    const limit = new PairLimit(clock.now);
    expect([allowed(() => limit.take('+1')), allowed(() => limit.take('+2'))]).toEqual([45, 45]);
    limit.clear();
    expect(allowed(() => limit.take('+1'))).toBe(45);
  });

  it('do not add up over a long pause', () => {
    const limit = new PairLimit(clock.now);
    limit.take('+1');
    clock.ms += DAY_MS;
    expect(allowed(() => limit.take('+1'))).toBe(45);
  });
});

describe('different customers', () => {
  it('are those of the last 24 hours, whose last message counts', () => {
    const limit = new UserLimit(2, clock.now);
    const take = (customer: string) => limit.take(customer, undefined);
    expect([take('a'), take('b'), take('c')]).toEqual([true, true, false]);
    clock.ms += DAY_MS / 2;
    expect(take('a')).toBe(true);
    clock.ms += DAY_MS / 2 - 1;
    expect(take('c')).toBe(false);
    clock.ms += 1;
    expect([take('c'), take('b'), take('a')]).toEqual([true, false, true]);
  });

  it('do not include those that wrote within 24 hours', () => {
    const limit = new UserLimit(1, clock.now);
    expect(limit.take('a', undefined)).toBe(true);
    expect(limit.take('b', clock.ms - DAY_MS + 1)).toBe(true);
    expect(limit.take('c', clock.ms - DAY_MS)).toBe(false);
    expect(limit.take('a', undefined)).toBe(true);
  });

  it('are not limited without a number, and forgotten by clear', () => {
    const limit = new UserLimit(1, clock.now);
    limit.take('a', undefined);
    limit.clear();
    expect(limit.take('b', undefined)).toBe(true);
    const unlimited = new UserLimit(undefined, clock.now);
    expect(['a', 'b', 'c'].map((one) => unlimited.take(one, undefined))).toEqual([true, true, true]);
  });
});
