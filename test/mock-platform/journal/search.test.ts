import { describe, expect, it } from '@jest/globals';
import { Searches } from '../../../mock-platform/journal/search.js';

/** Takes longer than a slice. */
const slow = (): void => {
  const until = performance.now() + 6;
  while (performance.now() < until);
};

describe('searches', () => {
  it('find what matches, in its order', async () => {
    const searches = new Searches();
    expect(await searches.search([5, 4, 3, 2], (one) => one % 2 === 0)).toEqual([4, 2]);
    expect(await searches.search([], () => true)).toEqual([]);
  });

  it('let others run between their slices, and take turns', async () => {
    const searches = new Searches();
    const did: string[] = [];
    const work = (name: string) => () => {
      did.push(name);
      slow();
      return true;
    };
    setImmediate(() => did.push('other'));
    const both = [searches.search([1, 2], work('a')), searches.search([1, 2], work('b'))];
    await Promise.all(both);
    expect(did.filter((one) => one !== 'other')).toEqual(['a', 'b', 'a', 'b']);
    expect(did.indexOf('other')).toBeLessThan(2);
  });

  it('end when nobody wants them any more', async () => {
    const searches = new Searches();
    const gone = new AbortController();
    const work = (): boolean => {
      gone.abort(new Error('gone'));
      slow();
      return true;
    };
    await expect(searches.search([1, 2, 3], work, gone.signal)).rejects.toThrow('gone');
  });
});
