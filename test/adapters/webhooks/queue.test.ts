import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Queue } from '../../../src/adapters/webhooks/queue.js';

it('gives its items in order, however often it is filled and emptied', () => {
  const runs = fc.array(fc.record({ pushed: fc.nat(3000), shifted: fc.nat(3000) }), { maxLength: 8 });
  fc.assert(
    fc.property(runs, (steps) => {
      const queue = new Queue<number>();
      let next = 0;
      let first = 0;
      for (const { pushed, shifted } of steps) {
        for (let left = pushed; left > 0; left--) queue.push(next++);
        for (let left = shifted; left > 0; left--) {
          const want = first < next ? first++ : undefined;
          if (queue.shift() !== want) throw new Error(`shift() should give ${want}`);
        }
        expect([queue.length, queue.first]).toEqual([next - first, first < next ? first : undefined]);
        expect(queue.firstWhile((item) => item < first + 2)).toHaveLength(Math.min(2, next - first));
      }
    }),
    { numRuns: 50 },
  );
});
