import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { BatchedLookup } from '../../../../plugins/messaging/contacts/batched-lookup.js';
import type { ContactAnswers } from '../../../../plugins/messaging/contacts/contact-lookup.js';
import type { RateLimiter } from '../../../../plugins/messaging/limits/rate-limiter.js';
import { Metrics } from '../../../../src/telemetry/index.js';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(() => void jest.useRealTimers());

const soon = () => new Promise((resolve) => setImmediate(resolve));
const answerOf = (number: string) => ({ number, unreliable: false, version: undefined, knownSince: 1 });

/** Batches in front of calls that the test ends. */
function start({ size = 10, waitMs = 50, atOnce = 8, queued = 500 } = {}, limiter?: RateLimiter) {
  const calls: (readonly string[])[] = [];
  const ends: PromiseWithResolvers<ContactAnswers>[] = [];
  const inner = {
    lookUpAll(numbers: readonly string[]) {
      calls.push(numbers);
      const end = Promise.withResolvers<ContactAnswers>();
      ends.push(end);
      return end.promise;
    },
  };
  const metrics = new Metrics();
  const rejected = metrics.counter('turned_away', 'turned away');
  const settings = { batch: { size, waitMs }, calls: { atOnce, queued } };
  const batches = new BatchedLookup(inner, 'w', settings, limiter, rejected);
  const end = (call: number) => {
    ends[call]?.resolve(new Map(calls[call]?.map((number) => [number, answerOf(number)])));
    return soon();
  };
  return { batches, calls, end, ends, metrics };
}

it('a call starts as soon as it is full, or its first number has waited', async () => {
  const { batches, calls } = start({ size: 2 });
  void batches.lookUp('a');
  jest.advanceTimersByTime(49);
  void batches.lookUp('b');
  expect(calls).toEqual([['a', 'b']]);
  void batches.lookUp('c');
  jest.advanceTimersByTime(49);
  expect(calls).toHaveLength(1);
  jest.advanceTimersByTime(1);
  expect(calls).toEqual([['a', 'b'], ['c']]);
});

it('a call starts when no more numbers may wait, even if it is not full', () => {
  const { batches, calls } = start({ queued: 2 });
  void batches.lookUp('a');
  void batches.lookUp('b');
  expect(calls).toEqual([['a', 'b']]);
});

it('numbers that come during a call wait for more, and for the end of the call', async () => {
  const { batches, calls, end } = start({ size: 2, atOnce: 1 });
  void batches.lookUp('a');
  void batches.lookUp('b');
  void batches.lookUp('c');
  await end(0);
  expect(calls).toHaveLength(1);
  jest.advanceTimersByTime(50);
  expect(calls).toEqual([['a', 'b'], ['c']]);
  void batches.lookUp('d');
  jest.advanceTimersByTime(50);
  void batches.lookUp('e');
  void batches.lookUp('f');
  expect(calls).toHaveLength(2);
  await end(1);
  expect(calls.slice(2)).toEqual([['d', 'e']]);
  await end(2);
  expect(calls.slice(3)).toEqual([['f']]);
});

it('no number waits with waitMs 0', async () => {
  const { batches, calls, end } = start({ waitMs: 0, atOnce: 2 });
  for (const number of ['a', 'b', 'c', 'd']) void batches.lookUp(number);
  expect(calls).toEqual([['a'], ['b']]);
  await end(1);
  expect(calls).toEqual([['a'], ['b'], ['c', 'd']]);
});

it('numbers are turned away and counted if too many wait', async () => {
  const { batches, metrics } = start({ waitMs: 0, atOnce: 1, queued: 1 });
  void batches.lookUp('a');
  void batches.lookUp('b');
  expect(() => batches.lookUp('c')).toThrow(
    expect.objectContaining({
      why: 'overloaded',
      cause: expect.objectContaining({ code: 'ESP_MESSAGING_NOT_CALLED', message: 'the queue of 1 numbers is full' }),
    }),
  );
  expect(await metrics.text()).toContain('turned_away 1');
});

it('each number gets its own answer or error', async () => {
  const { batches, ends } = start({ size: 3 });
  const answers = Promise.allSettled(['a', 'b', 'c'].map((number) => batches.lookUp(number)));
  const wrong = new Error('wrong');
  ends[0]?.resolve(
    new Map<string, ReturnType<typeof answerOf> | Error>([
      ['a', answerOf('a')],
      ['b', wrong],
    ]),
  );
  expect(await answers).toEqual([
    { status: 'fulfilled', value: answerOf('a') },
    { status: 'rejected', reason: wrong },
    { status: 'rejected', reason: expect.objectContaining({ why: 'the number is not in the answer' }) },
  ]);
});

it('a call that fails fails for each of its numbers, and the next ones follow', async () => {
  const { batches, calls, ends } = start({ size: 2, atOnce: 1 });
  const answers = Promise.allSettled(['a', 'b'].map((number) => batches.lookUp(number)));
  const [third, fourth] = [batches.lookUp('c'), batches.lookUp('d')];
  void Promise.all([third, fourth]);
  const failed = new Error('failed');
  ends[0]?.reject(failed);
  expect(await answers).toEqual(Array(2).fill({ status: 'rejected', reason: failed }));
  await soon();
  expect(calls).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

it('numbers that come while a call waits for its turn join it', async () => {
  const turns: PromiseWithResolvers<number>[] = [];
  const limiter = {
    turn() {
      const turn = Promise.withResolvers<number>();
      turns.push(turn);
      return turn.promise;
    },
  };
  const { batches, calls, end } = start({ waitMs: 0 }, limiter);
  void batches.lookUp('a');
  void batches.lookUp('b');
  expect([calls, turns.length]).toEqual([[], 1]);
  turns[0]?.resolve(0);
  await soon();
  expect(calls).toEqual([['a', 'b']]);
  void batches.lookUp('c');
  expect(turns).toHaveLength(2);
  turns[1]?.resolve(0);
  await soon();
  expect(calls).toEqual([['a', 'b'], ['c']]);
  await end(0);
});
