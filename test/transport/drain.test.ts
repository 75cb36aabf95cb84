import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { scheduleDrain } from '../../src/transport/index.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** The steps that run, and when, in ms. */
function drain(drainMs: number) {
  const steps: [step: string, at: number][] = [];
  const began = performance.now();
  const note = (step: string) => (): void => {
    steps.push([step, Math.round(performance.now() - began)]);
  };
  const cancel = scheduleDrain(drainMs, {
    endWhenIdle: note('endWhenIdle'),
    stopReading: note('stopReading'),
    turnAway: note('turnAway'),
    destroy: note('destroy'),
  });
  return { steps, cancel };
}

it.each([
  [400, 200, 300, 360, 400],
  [10_000, 5000, 7500, 9900, 10_000],
])('a drain of %i ms runs its steps at %i, %i, %i and %i ms', async (drainMs, half, threeQuarters, last, end) => {
  const { steps } = drain(drainMs);
  await jest.advanceTimersByTimeAsync(drainMs + 10);
  expect(steps.map(([step]) => step)).toEqual(['endWhenIdle', 'stopReading', 'turnAway', 'destroy']);
  for (const [index, expected] of [half, threeQuarters, last, end].entries()) {
    expect(Math.abs((steps[index]?.[1] ?? 0) - expected)).toBeLessThanOrEqual(5);
  }
});

it('a cancelled drain runs no further step', async () => {
  const { steps, cancel } = drain(400);
  await jest.advanceTimersByTimeAsync(250);
  cancel();
  await jest.advanceTimersByTimeAsync(1000);
  expect(steps.map(([step]) => step)).toEqual(['endWhenIdle']);
});
