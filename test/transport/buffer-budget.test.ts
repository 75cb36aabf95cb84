import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressGroup, BufferBudget, type BufferShare } from '../../src/transport/index.js';

/** A connection that tells what it held when the budget closed it. */
function connection(budget: BufferBudget, address: string): { share: BufferShare; closed: number[] } {
  const closed: number[] = [];
  return { share: budget.share(address, (held) => closed.push(held)), closed };
}

describe('stalled bytes', () => {
  it('can fill half of the budget; beyond that, the address that holds the most loses its largest connection', () => {
    const budget = new BufferBudget(200);
    const [small, large, other] = [connection(budget, 'a'), connection(budget, 'a'), connection(budget, 'b')];
    small.share.stall(25);
    large.share.stall(35);
    other.share.stall(40);
    expect([small, large, other].map(({ closed }) => closed)).toEqual([[], [], []]);
    other.share.stall(41);
    expect([small, large, other].map(({ closed }) => closed)).toEqual([[], [35], []]);
    expect(budget.stalled).toBe(66);
  });

  it('belong to a connection: once it ends or is closed, it holds nothing', () => {
    const budget = new BufferBudget(200);
    const [one, two] = [connection(budget, 'a'), connection(budget, 'b')];
    one.share.stall(101);
    expect([one.closed, budget.stalled]).toEqual([[101], 0]);
    one.share.stall(90);
    two.share.stall(60);
    expect([two.closed, budget.stalled]).toEqual([[], 60]);
    two.share.end();
    two.share.end();
    two.share.stall(7);
    expect([budget.stalled, budget.waiting]).toEqual([0, 0]);
  });
});

describe('pending requests', () => {
  it('fill the other half, of which an address may fill as much with large ones as is still free', () => {
    const budget = new BufferBudget(200_000);
    const [one, same, other] = [connection(budget, 'a'), connection(budget, 'a'), connection(budget, 'b')];
    expect([one.share.fits(100_000), one.share.fits(100_001)]).toEqual([true, false]);
    one.share.wait(40_000);
    expect([same.share.fits(20_000), same.share.fits(20_001)]).toEqual([true, false]);
    expect([other.share.fits(60_000), other.share.fits(60_001)]).toEqual([true, false]);
    one.share.end();
    expect([budget.waiting, other.share.fits(100_000)]).toEqual([0, true]);
    expect([one, same, other].flatMap(({ closed }) => closed)).toEqual([]);
  });

  it('and are small may have all of it', () => {
    const budget = new BufferBudget(100_000);
    const { share } = connection(budget, 'a');
    for (let request = 0; request < 4; request++) {
      expect(share.fits(12_000)).toBe(true);
      share.wait(12_000);
    }
    expect([share.fits(2000), share.fits(2001)]).toEqual([true, false]);
  });
});

it('for any connections, the budget is kept, and is empty when they have closed', () => {
  const step = fc.record({
    connection: fc.nat(5),
    stall: fc.nat(80),
    wait: fc.nat(60),
    ends: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const budget = new BufferBudget(200);
      const all = Array.from({ length: 6 }, (_, index) => connection(budget, `address ${index % 3}`));
      for (const { connection: index, stall, wait, ends } of steps) {
        const { share } = all[index] as (typeof all)[0];
        share.stall(stall);
        if (share.fits(wait)) share.wait(wait);
        if (ends) {
          share.end();
          all[index] = connection(budget, `address ${index % 3}`);
        }
        expect(budget.stalled).toBeLessThanOrEqual(100);
        expect(budget.waiting).toBeLessThanOrEqual(100);
      }
      for (const { share } of all) share.end();
      expect([budget.stalled, budget.waiting]).toEqual([0, 0]);
    }),
  );
});

it('a budget of nothing has no room for a byte', () => {
  const budget = new BufferBudget(0);
  const { share, closed } = connection(budget, 'a');
  share.stall(1);
  expect([closed, share.fits(1), share.fits(0)]).toEqual([[1], false, true]);
});

it.each([
  ['2001:db8::ffff:192.0.2.1', '2001:db8:0:0'],
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['unknown', 'unknown'],
])('the address %s counts as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
