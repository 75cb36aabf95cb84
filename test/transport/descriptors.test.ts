import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Descriptors } from '../../src/transport/index.js';

describe('descriptors', () => {
  it.each([
    ['a quarter of the limit', 101, 10, 26, 65],
    ['1024 of a large limit', 100_000, 10, 1024, 98_966],
    ['all but one, if more are open than allowed', 40, 100, 10, 1],
  ])('are reserved for other purposes than connections: %s', (_name, limit, open, reserved, connections) => {
    expect(new Descriptors(limit, open)).toMatchObject({ limit, reserved, connections });
  });

  it('have the limit of the system', () => {
    const line = readFileSync('/proc/self/limits', 'utf8')
      .split('\n')
      .find((text) => text.startsWith('Max open files'));
    const [, soft] = line?.split(/ {2,}/) ?? [];
    expect(new Descriptors().limit).toBe(Number(soft));
  });

  it('are given to as many connections as there are, and again when they come back', () => {
    const descriptors = new Descriptors(16, 10);
    const taken = [1, 2, 3].map(() => descriptors.take());
    expect(taken).toEqual([true, true, false]);
    descriptors.release();
    expect([descriptors.take(), descriptors.take()]).toEqual([true, false]);
  });
});
