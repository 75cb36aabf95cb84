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

  it('of a path that has one in a handler leave that place, too', () => {
    const lanes = new Lanes();
    lanes.use(receivers('/a', '/b', '/c'));
    add(lanes, '/a', 1);
    add(lanes, '/b', 100);
    expect(begun(lanes, 100)).toHaveLength(63);
    add(lanes, '/a', 1);
    expect(lanes.begin()).toBeUndefined();
    add(lanes, '/c', 1);
    expect(begun(lanes, 1)).toEqual(['/c']);
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

  it('are counted: those that wait, are about to be stored, and are parked', () => {
    const lanes = new Lanes();
    lanes.use(receivers('/a'));
    expect([lanes.waiting, lanes.parked, lanes.stored('/a'), lanes.oldest(5000)]).toEqual([0, 0, 0, 5000]);
    add(lanes, '/a', 2, 'k', 3000);
    add(lanes, '/b', 1, null, 2000);
    add(lanes, '/b', 1, null, 2500);
    lanes.reserve('/a', 3);
    lanes.park('/a', 2);
    lanes.park('/b', 1);
    expect([lanes.waiting, lanes.parked, lanes.oldest(5000)]).toEqual([7, 3, 2000]);
    expect([lanes.stored('/a'), lanes.stored('/b')]).toEqual([7, 3]);
    lanes.reserve('/a', -3);
    lanes.park('/a', -2);
    const first = lanes.begin();
    if (first === undefined) throw new Error('nothing has begun');
    lanes.ended(first.lane);
    expect([lanes.waiting, lanes.parked, lanes.stored('/a'), lanes.oldest(5000)]).toEqual([3, 1, 1, 2000]);
  });

  it('wait for the first of their key, which may begin again', () => {
    const lanes = new Lanes();
    lanes.use(receivers('/a'));
    const [one, two] = add(lanes, '/a', 2, 'k');
    const [other] = add(lanes, '/a', 1, 'l');
    const [first, second] = [lanes.begin(), lanes.begin()];
    expect([first?.entry.seq, second?.entry.seq, lanes.begin()]).toEqual([one, other, undefined]);
    if (first === undefined || second === undefined) throw new Error('nothing has begun');
    lanes.left(first.lane);
    lanes.again(first.lane);
    expect([lanes.begin()?.entry.seq, lanes.begin()]).toEqual([one, undefined]);
    lanes.left(first.lane);
    lanes.ended(first.lane);
    expect([lanes.begin()?.entry.seq, lanes.begin()]).toEqual([two, undefined]);
    lanes.ended(second.lane);
    const [again] = add(lanes, '/a', 1, 'l');
    expect(lanes.begin()?.entry.seq).toBe(again);
  });

  it('that end give back the characters of their data', () => {
    const lanes = new Lanes();
    lanes.use(receivers('/a'));
    const event = { path: '/a', key: 'k', receivedAt: 0, attempts: 2 };
    lanes.add({ ...event, seq: 1 }, { seq: 1, id: 'e1', data: '"12345"' });
    lanes.add({ ...event, seq: 2 });
    lanes.add({ ...event, seq: 3 }, { seq: 3, id: 'e3', data: '1' });
    const begun = lanes.begin();
    expect(begun).toMatchObject({
      entry: { seq: 1, receivedAt: 0, attempts: 2, unstored: 0, kept: { data: '"12345"' } },
      webhook: { path: '/a' },
      lane: { key: 'k' },
    });
    if (begun === undefined) throw new Error('nothing has begun');
    expect([lanes.ended(begun.lane, 2), lanes.ended(begun.lane), lanes.waiting]).toEqual([7, 1, 0]);
  });
});
