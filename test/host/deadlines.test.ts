import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { type Deadlined, Deadlines, withTimeout } from '../../src/host/deadlines.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** When each item expired, in ms since the test began. */
class Setting {
  readonly expired: [name: number, at: number][] = [];
  readonly deadlines: Deadlines;
  readonly #began = performance.now();

  constructor(deadlineMs: number) {
    this.deadlines = new Deadlines(deadlineMs);
  }

  item(name: number, then: () => void = () => undefined): Deadlined {
    return {
      deadlineAt: 0,
      next: undefined,
      previous: undefined,
      expire: () => {
        this.expired.push([name, performance.now() - this.#began]);
        then();
      },
    };
  }

  add(name: number, then?: () => void): Deadlined {
    const item = this.item(name, then);
    this.deadlines.add(item);
    return item;
  }
}

describe('deadlines', () => {
  it('expire in the order in which they were added, each at its time', () => {
    const setting = new Setting(100);
    setting.add(1);
    jest.advanceTimersByTime(30);
    setting.add(2);
    setting.add(3);
    jest.advanceTimersByTime(69);
    expect(setting.expired).toEqual([]);
    jest.advanceTimersByTime(1000);
    expect(setting.expired).toEqual([
      [1, 100],
      [2, 130],
      [3, 130],
    ]);
  });

  it('share one timer, and have none when the list is empty', () => {
    const setting = new Setting(100);
    expect(jest.getTimerCount()).toBe(0);
    for (let name = 0; name < 1000; name++) setting.add(name);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(100);
    expect(setting.expired).toHaveLength(1000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('do not expire after they were removed', () => {
    const setting = new Setting(100);
    const [one] = [setting.add(1), setting.add(2)];
    setting.deadlines.remove(one);
    jest.advanceTimersByTime(1000);
    expect(setting.expired).toEqual([[2, 100]]);
  });

  it('start again after all were removed', () => {
    const setting = new Setting(100);
    setting.deadlines.remove(setting.add(1));
    jest.advanceTimersByTime(60);
    setting.add(2);
    jest.advanceTimersByTime(1000);
    expect(setting.expired).toEqual([[2, 160]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('can be added while others expire', () => {
    const setting = new Setting(100);
    setting.add(1, () => setting.add(3));
    jest.advanceTimersByTime(50);
    setting.add(2);
    jest.advanceTimersByTime(1000);
    expect(setting.expired).toEqual([
      [1, 100],
      [2, 150],
      [3, 200],
    ]);
  });

  it('can be removed while others expire', () => {
    const setting = new Setting(100);
    setting.add(1, () => setting.deadlines.remove(two));
    const two = setting.add(2);
    setting.add(3);
    jest.advanceTimersByTime(1000);
    expect(setting.expired.map(([name]) => name)).toEqual([1, 3]);
  });

  it('leave no timer when they stop', () => {
    const setting = new Setting(100);
    setting.add(1);
    setting.deadlines.stop();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(1000);
    expect(setting.expired).toEqual([]);
  });

  it('stay stopped if one of them stops them', () => {
    const setting = new Setting(100);
    setting.add(1, () => setting.deadlines.stop());
    jest.advanceTimersByTime(50);
    setting.add(2);
    jest.advanceTimersByTime(50);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keep their order and times through any additions and removals', () => {
    const step = fc.oneof(
      fc.record({ pass: fc.integer({ min: 0, max: 60 }) }),
      fc.constant('add' as const),
      fc.record({ remove: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const setting = new Setting(100);
        const waiting = new Map<number, { item: Deadlined; at: number }>();
        const expected: [number, number][] = [];
        let now = 0;
        const pass = (ms: number): void => {
          jest.advanceTimersByTime(ms);
          now += ms;
          for (const [name, { at }] of waiting) {
            if (at > now) continue;
            expected.push([name, at]);
            waiting.delete(name);
          }
        };
        steps.forEach((one, name) => {
          if (one === 'add') waiting.set(name, { item: setting.add(name), at: now + 100 });
          else if ('pass' in one) pass(one.pass);
          else {
            const [chosen, found] = [...waiting][one.remove % Math.max(1, waiting.size)] ?? [];
            if (chosen === undefined || found === undefined) return;
            setting.deadlines.remove(found.item);
            waiting.delete(chosen);
          }
        });
        pass(1000);
        expect(setting.expired).toEqual(expected);
        expect(jest.getTimerCount()).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

it('a removed item does not refer to others, so that keeping it keeps nothing else', () => {
  const setting = new Setting(100);
  const [first, second, third] = [setting.add(1), setting.add(2), setting.add(3)];
  setting.deadlines.remove(second);
  expect([second.previous, second.next]).toEqual([undefined, undefined]);
  expect([first.next, third.previous]).toEqual([third, first]);
  setting.deadlines.stop();
});

describe('work with a timeout', () => {
  it.each<[string, number | undefined]>([
    ['a timeout', 50],
    ['no timeout', undefined],
  ])('gives its result, and leaves no timer: %s', async (_name, ms) => {
    await expect(withTimeout('at once', ms)).resolves.toBe('at once');
    await expect(withTimeout(Promise.resolve('later'), ms)).resolves.toBe('later');
    await expect(withTimeout(Promise.reject(new Error('no')), ms)).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('fails when the time is over', async () => {
    const work = withTimeout(new Promise(() => undefined), 50);
    jest.advanceTimersByTime(49);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1);
    await expect(work).rejects.toMatchObject({ code: 'ESP_HOST_TIMEOUT', timeoutMs: 50 });
    expect(jest.getTimerCount()).toBe(0);
  });
});
