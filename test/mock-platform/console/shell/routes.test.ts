import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRoute, routeHash, VIEWS } from '../../../../mock-platform/console/shell/routes.js';

describe('a route', () => {
  it.each([
    ['', { view: 'journal', parts: [], query: {} }],
    ['#/journal/17/frame', { view: 'journal', parts: ['17', 'frame'], query: {} }],
    ['#/journal?filter=outcome%3Afault+x', { view: 'journal', parts: [], query: { filter: 'outcome:fault x' } }],
    ['#/strategies/strategies%2Fa.yaml', { view: 'strategies', parts: ['strategies/a.yaml'], query: {} }],
    ['#/mock/billing', { view: 'mock', parts: ['billing'], query: {} }],
    ['#/nothing/here', { view: 'journal', parts: [], query: {} }],
    ['#/send/%E0%A4%A', { view: 'send', parts: ['%E0%A4%A'], query: {} }],
  ])('%j', (hash, route) => expect(parseRoute(hash)).toEqual(route));

  it('leaves an empty query out', () => {
    expect(routeHash('journal', [], { filter: '' })).toBe('#/journal');
  });

  it('is read as it was written', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(fc.constantFrom(...VIEWS), fc.array(text, { maxLength: 3 }), text, ({ id }, parts, filter) => {
        expect(parseRoute(routeHash(id, parts, { filter }))).toEqual({ view: id, parts, query: { filter } });
      }),
    );
  });
});
