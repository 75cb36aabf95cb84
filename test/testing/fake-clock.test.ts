import { expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';

it('runs timers in order, at their times', () => {
  const clock = new FakeClock();
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, clock.now()]);
  clock.setTimeout(note('late'), 30);
  clock.setTimeout(() => {
    note('early')();
    clock.setTimeout(note('nested'), 5);
  }, 10);
  clock.clearTimeout(clock.setTimeout(note('never'), 10));
  clock.advance(29);
  expect(seen).toEqual([
    ['early', 10],
    ['nested', 15],
  ]);
  clock.advance(1);
  expect(seen[2]).toEqual(['late', 30]);
  expect(clock.now()).toBe(30);
});
