/**
 * A small replacement of `@jest/globals`, which loads a file once and runs its tests many times: `describe` and `it` make a
 * suite, and `runSuite` runs some of its tests.
 */
import { ModernFakeTimers } from '@jest/fake-timers';
import { expect } from 'expect';
import { ModuleMocker } from 'jest-mock';

const mocker = new ModuleMocker(globalThis);
const timers = new ModernFakeTimers({ config: { rootDir: '/', fakeTimers: {} }, global: globalThis });
export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: () => mocker.restoreAllMocks(),
  useFakeTimers: (options = {}) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  getTimerCount: () => timers.getTimerCount(),
  advanceTimersByTime: (ms) => timers.advanceTimersByTime(ms),
  advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
  setSystemTime: (now) => timers.setSystemTime(now),
  setTimeout: () => jest,
};
export { expect };

const newSuite = (name, outer) => ({
  name,
  outer,
  parts: [],
  beforeAll: [],
  beforeEach: [],
  afterEach: [],
  afterAll: [],
});
let current = newSuite('', undefined);

/** The suite that `load` declares. */
export async function collect(load) {
  const suite = newSuite('', undefined);
  current = suite;
  await load();
  return suite;
}

export function describe(name, declare) {
  const outer = current;
  current = newSuite(`${outer.name}${name} > `, outer);
  outer.parts.push(current);
  try {
    declare();
  } finally {
    current = outer;
  }
}
export function it(name, run) {
  current.parts.push({ name: `${current.name}${name}`, run });
}
const rowsOf = (table) => [...table].map((row) => (Array.isArray(row) ? row : [row]));
describe.each = (table) => (name, declare) => {
  for (const [index, row] of rowsOf(table).entries()) describe(`${name} #${index}`, () => declare(...row));
};
it.each = (table) => (name, run) => {
  for (const [index, row] of rowsOf(table).entries()) it(`${name} #${index}`, () => run(...row));
};
describe.skip = () => undefined;
it.skip = () => undefined;
describe.skip.each = () => () => undefined;
it.skip.each = () => () => undefined;
export const test = it;
export const beforeAll = (run) => void current.beforeAll.push(run);
export const beforeEach = (run) => void current.beforeEach.push(run);
export const afterEach = (run) => void current.afterEach.unshift(run);
export const afterAll = (run) => void current.afterAll.unshift(run);

/** The tests of a suite and its nested suites, in order. */
export function testsIn(suite) {
  return suite.parts.flatMap((part) => (part.parts === undefined ? [part] : testsIn(part)));
}

/** An uncaught error fails the running test, as with jest. */
let escaped = () => undefined;
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error) => escaped(error));

const { setTimeout, clearTimeout } = globalThis;

async function step(run, ms) {
  const { promise, reject } = Promise.withResolvers();
  escaped = reject;
  const timer = setTimeout(() => reject(new Error(`timed out after ${ms} ms`)), ms);
  try {
    await Promise.race([promise, run()]);
  } finally {
    clearTimeout(timer);
    escaped = () => undefined;
  }
}

/**
 * Runs the `chosen` tests of a suite. Calls `watch(test)` before and `done(test, error)` after each; with `bail`, it stops at
 * the first failure.
 */
export async function runSuite(
  suite,
  { chosen, limitOf, watch = () => undefined, done = () => undefined, bail = true },
) {
  let stop = false;

  async function within(part, befores, afters) {
    if (part.parts === undefined) return runTest(part, befores, afters);
    if (!testsIn(part).some((one) => chosen.has(one))) return;
    const tests = testsIn(part).filter((one) => chosen.has(one));
    const failed = (error) => {
      for (const one of tests.slice(0, bail ? 1 : undefined)) done(one, error);
      stop = bail;
    };
    watch(tests[0], part);
    try {
      for (const run of part.beforeAll) await step(run, hookLimit(tests));
      for (const inner of part.parts) {
        if (!stop) await within(inner, [...befores, ...part.beforeEach], [...part.afterEach, ...afters]);
      }
    } catch (error) {
      failed(error);
    }
    for (const run of part.afterAll) {
      await step(run, hookLimit(tests)).catch((error) => {
        if (!stop) failed(error);
      });
    }
  }

  const hookLimit = (tests) => 5000 + limitOf(tests[0]);

  async function runTest(one, befores, afters) {
    if (!chosen.has(one)) return;
    watch(one);
    let failure;
    const noteFailure = (error) => {
      failure ??= { error };
    };
    const ms = limitOf(one);
    try {
      for (const run of befores) await step(run, hookLimit([one]));
      await step(async () => one.run(), ms);
    } catch (error) {
      noteFailure(error);
    }
    for (const run of afters) await step(run, hookLimit([one])).catch(noteFailure);
    done(one, failure?.error ?? (failure === undefined ? undefined : new Error('threw nothing')));
    if (failure !== undefined && bail) stop = true;
  }

  await within(suite, [], []);
}
