import { expect, it } from '@jest/globals';
import { inOrder } from '../../../src/cli/compare.js';

async function* upTo(count: number, failure?: Error): AsyncGenerator<number> {
  for (let number = 1; number <= count; number++) yield number;
  if (failure !== undefined) throw failure;
}

it('yields the results in order, with limited concurrency', async () => {
  const waiting: (() => void)[] = [];
  let atWork = 0;
  let most = 0;
  const work = async (number: number): Promise<number> => {
    most = Math.max(most, ++atWork);
    // The later one is done first.
    await new Promise<void>((resolve) => waiting.unshift(resolve));
    atWork--;
    return number * 10;
  };
  const results: number[] = [];
  const done = (async () => {
    for await (const result of inOrder(upTo(7), 3, work)) results.push(result);
  })();
  while (results.length < 7) {
    await new Promise(setImmediate);
    waiting.shift()?.();
  }
  await done;
  expect(results).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(most).toBe(3);
});

it('yields pending results before it fails with the items', async () => {
  const results: number[] = [];
  const work = async () => {
    for await (const result of inOrder(upTo(2, new Error('line 3')), 5, async (number) => number)) results.push(result);
  };
  await expect(work()).rejects.toThrow('line 3');
  expect(results).toEqual([1, 2]);
});

it('fails if the work fails', async () => {
  const work = async () => {
    for await (const _ of inOrder(upTo(9), 2, () => Promise.reject(new Error('down'))));
  };
  await expect(work()).rejects.toThrow('down');
});
