import { describe, expect, it } from '@jest/globals';
import { Lanes } from '../../../src/adapters/webhooks/lanes.js';
import type { ReadyWebhook } from '../../../src/host/index.js';

const webhook = (path: string) => ({ path }) as ReadyWebhook;
const receivers = (...paths: string[]) => new Map(paths.map((path) => [path, webhook(path)]));

let seqs = 0;
/** Adds events. @returns their numbers */
const add = (lanes: Lanes, path: string, count: number, key: string | null = null, receivedAt = 1000): number[] =>
  Array.from({ length: count }, () => {
    const seq = ++seqs;
    lanes.add({ path, key, seq, receivedAt, attempts: 0 });
    return seq;
  });
/** Begins up to `most` events. @returns their paths */
function begun(lanes: Lanes, most: number): string[] {
  const paths: string[] = [];
  for (let one = lanes.begin(); one !== undefined; one = paths.length < most ? lanes.begin() : undefined) {
    paths.push(one.webhook.path);
  }
  return paths;
}

describe('the events of several paths', () => {
  it('take turns', () => {
    const lanes = new Lanes();
    lanes.use(receivers('/a', '/b', '/c'));
    add(lanes, '/a', 3);
    add(lanes, '/b', 2);
    add(lanes, '/c', 1);
    expect(begun(lanes, 6)).toEqual(['/a', '/b', '/c', '/a', '/b', '/a']);
    expect(lanes.begin()).toBeUndefined();
  });

  it('leave one place for each path that has nothing in a handler', () => {
    const lanes = new Lanes();
    lanes.use(receivers('/a', '/b', '/c'));
    add(lanes, '/a', 100);
    expect(begun(lanes, 100)).toHaveLength(62);
    add(lanes, '/b', 2);
    add(lanes, '/c', 2);
    expect(begun(lanes, 100)).toEqual(['/b', '/c']);
    expect(lanes.waiting).toBe(104);
  });

  it('use the place that becomes free, each path in its turn', () => {
    const lanes = new Lanes();
    lanes.use(receivers('/a', '/b'));
    add(lanes, '/a', 70);
    add(lanes, '/b', 70);
    const first = lanes.begin();
    expect(begun(lanes, 100)).toHaveLength(63);
    if (first === undefined) throw new Error('nothing has begun');
    lanes.left(first.lane);
    expect(lanes.ended(first.lane)).toBe(0);
    expect(begun(lanes, 100)).toEqual(['/a']);
    expect(lanes.waiting).toBe(139);
  });

  it('wait without a receiver, and are taken when they are old, up to a number', () => {
    const lanes = new Lanes();
    lanes.use(receivers('/a'));
    add(lanes, '/a', 1);
    const [one, two, three] = add(lanes, '/b', 3, 'k', 1000);
    add(lanes, '/b', 1, 'k', 3000);
    const [other] = add(lanes, '/b', 1, 'l', 1999);
    add(lanes, '/b', 1, 'm', 2000);
    expect(lanes.takeUnreceived(1000, 10)).toEqual([]);
    expect(lanes.takeUnreceived(2000, 2).map(({ seqs: taken }) => taken)).toEqual([[one, two]]);
    const taken = lanes.takeUnreceived(2000, 10);
    expect(taken.map(({ seqs: some }) => some)).toEqual([[other]]);
    for (const { lane, seqs: some } of taken) lanes.ended(lane, some.length);
    expect([lanes.stored('/b'), lanes.oldest(5000), three]).toEqual([5, 1000, three]);
    lanes.use(receivers('/b'));
    // The lane that was taken first waits for `ended` or `again`.
    expect(begun(lanes, 10)).toEqual(['/b']);
  });
});
