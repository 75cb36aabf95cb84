import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { placeOf } from '../../../mock-platform/journal/place.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const thrown = (...frames: string[]): Error => {
  const error = new Error('x');
  error.stack = ['Error: x', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
};

describe('the place of an exception', () => {
  it.each([
    [`GetBalance.handle (file://${ROOT}plugins/billing/get.ts:12:5)`, 'plugins/billing/get.ts:12:5'],
    [`file://${ROOT}plugins/billing/get.ts?3:12:5`, 'plugins/billing/get.ts:12:5'],
    [`async GetBalance.handle (${ROOT}plugins/billing/get.js:1:2)`, 'plugins/billing/get.js:1:2'],
    [`async ${ROOT}plugins/my plugin (new)/get.js:1:2`, 'plugins/my plugin (new)/get.js:1:2'],
    ['new Balance (/elsewhere/get.js:1:2)', '/elsewhere/get.js:1:2'],
  ])('is in %s', (frame, place) => {
    expect(placeOf(thrown(frame))).toBe(place);
  });

  it('is not in Node.js, in a package or in esp-host', () => {
    const frames = [
      'JSON.parse (<anonymous>)',
      'node:internal/process/task_queues:95:5',
      'processTicksAndRejections (node:internal/process/task_queues:95:5)',
      `request (file://${ROOT}node_modules/got/index.js:3:1)`,
      `Dispatcher.dispatch (file://${ROOT}dist/src/host/dispatcher.js:3:1)`,
      `Dispatcher.dispatch (${ROOT}src/host/dispatcher.ts:3:1)`,
      `Journal.log (${ROOT}mock-platform/journal/journal.ts:3:1)`,
      'file://%zz/get.js:1:2',
      'eval (eval at <anonymous>)',
    ];
    expect(placeOf(thrown(...frames))).toBeUndefined();
    expect(placeOf(thrown(...frames, '/elsewhere/get.js:1:2', '/elsewhere/other.js:1:2'))).toBe(
      '/elsewhere/get.js:1:2',
    );
  });

  it('is unknown without a stack', () => {
    const error = thrown();
    delete error.stack;
    expect([placeOf(error), placeOf('text'), placeOf(undefined)]).toEqual([undefined, undefined, undefined]);
    const broken = thrown();
    Object.defineProperty(broken, 'stack', {
      get() {
        throw new Error('no stack');
      },
    });
    expect(placeOf(broken)).toBeUndefined();
  });

  it('is found in the first 50 lines, in time', () => {
    const far = Array.from({ length: 60 }, () => 'node:internal:1:1');
    expect(placeOf(thrown(...far, '/elsewhere/get.js:1:2'))).toBeUndefined();
    expect(placeOf(thrown(`${'('.repeat(1_000_000)}/get.js:1:2`))).toBeUndefined();
  });
});
