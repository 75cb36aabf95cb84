import { expect, it } from '@jest/globals';
import { Change } from '../../src/server/change.js';

it('runs the last steps in order, one after the other', async () => {
  const taken: string[] = [];
  const change = new Change();
  change.atLast(async () => {
    await Promise.resolve();
    taken.push('one');
  });
  change.atLast(() => taken.push('two'));
  expect(taken).toEqual([]);
  await change.finish();
  expect(taken).toEqual(['one', 'two']);
});

it('runs no further step after one that fails', async () => {
  const taken: string[] = [];
  const change = new Change();
  change.atLast(() => Promise.reject(new Error('no')));
  change.atLast(() => taken.push('two'));
  await expect(change.finish()).rejects.toThrow('no');
  expect(taken).toEqual([]);
});

it('undoes all steps in reverse order, even if some fail, and returns the errors', async () => {
  const undone: string[] = [];
  const change = new Change();
  change.onUndo(() => undone.push('first'));
  change.onUndo(() => Promise.reject(new Error('later')));
  change.onUndo(() => {
    throw new Error('at once');
  });
  change.onUndo(() => undone.push('last'));
  expect(await change.undo()).toEqual([new Error('at once'), new Error('later')]);
  expect(undone).toEqual(['last', 'first']);
});
