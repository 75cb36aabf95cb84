import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StrategyRun } from '../../../../mock-platform/console/api/types.js';
import type { Graph } from '../../../../mock-platform/console/strategies/graph.js';
import { layered } from '../../../../mock-platform/console/strategies/layers.js';
import { isTaken, resultOf, visitsOf } from '../../../../mock-platform/console/strategies/path.js';
import { BOX, pictureOf } from '../../../../mock-platform/console/strategies/picture.js';

/** `ab ac bd`: arrows from a to b, ... */
function graph(arrows: string, ids = [...new Set(arrows.replaceAll(' ', ''))].join('')): Graph {
  return {
    steps: [...ids].map((id) => ({ id, kind: 'assign', text: '' })),
    arrows: arrows
      .split(' ')
      .filter((pair) => pair.length === 2)
      .map((pair, index) => ({ from: pair.charAt(0), to: pair.charAt(1), branch: `b${index}`, label: `l${index}` })),
  };
}

const layerOf = (made: Graph) =>
  Object.fromEntries(
    layered(made)
      .layers.flat()
      .filter(({ step }) => step)
      .map(({ id, layer }) => [id, layer]),
  );

describe('the layers of a graph', () => {
  it('put each step below all that lead to it', () => {
    expect(layerOf(graph('ab ac bd cd ad'))).toEqual({ a: 0, b: 1, c: 1, d: 2 });
  });

  it('join arrows between the same two steps', () => {
    const { links } = layered(graph('ab ab'));
    expect(links).toEqual([{ from: 'a', to: 'b', branches: ['b0', 'b1'], label: 'l0, l1', back: false }]);
  });

  it('lead a long link past the steps between', () => {
    const [, middle] = layered(graph('ab bc ac')).layers;
    expect(middle?.map(({ step }) => step).sort()).toEqual([false, true]);
  });

  it('know the link that closes a circle', () => {
    const { links } = layered(graph('ab bc cb ca'));
    expect(links.filter(({ back }) => back).map(({ from, to }) => from + to)).toEqual(['cb', 'ca']);
    expect(layered(graph('aa')).links[0]?.back).toBe(true);
  });
});

describe('the picture of a graph', () => {
  it('has boxes that lie within it and not upon each other, whatever leads where', () => {
    const letters = 'abcdefgh';
    const letter = fc.constantFrom(...letters);
    fc.assert(
      fc.property(fc.array(fc.tuple(letter, letter), { maxLength: 20 }), (pairs) => {
        const made = graph(pairs.map((pair) => pair.join('')).join(' '), letters);
        const { boxes, lines, width, height } = pictureOf(made);
        expect(boxes).toHaveLength(letters.length);
        for (const [index, { x, y }] of boxes.entries()) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + BOX.width).toBeLessThanOrEqual(width);
          expect(y + BOX.height).toBeLessThanOrEqual(height);
          for (const other of boxes.slice(index + 1)) {
            const apart = Math.abs(other.x - x) >= BOX.width || Math.abs(other.y - y) >= BOX.height;
            expect(apart).toBe(true);
          }
        }
        for (const { path } of lines) expect(path).toMatch(/^M[-\d.,C ]+$/);
      }),
    );
  });

  it('is empty without steps', () => {
    expect(pictureOf({ steps: [], arrows: [] })).toMatchObject({ boxes: [], lines: [] });
  });
});

describe('the way of a run', () => {
  const run: StrategyRun = {
    strategy: 's',
    file: 'f',
    steps: [
      { id: 'a', kind: 'externalService', next: 'b', durationMs: 1, got: { kind: 'fault', code: 904 } },
      { id: 'b', kind: 'assign', durationMs: 1 },
      { id: 'a', kind: 'externalService', next: 'c', durationMs: 1, got: { kind: 'response' } },
      { id: 'c', kind: 'routeTo', durationMs: 1 },
    ],
    routedTo: 'x',
    endedAt: 'c',
    data: {},
  };

  it('took the links that led from step to step', () => {
    const taken = ['ab', 'ba', 'ac', 'bc', 'ca'].filter((pair) =>
      isTaken(run, { from: pair.charAt(0), to: pair.charAt(1) }),
    );
    expect(taken).toEqual(['ab', 'ba', 'ac']);
    expect(isTaken(undefined, { from: 'a', to: 'b' })).toBe(false);
  });

  it('came through steps, some of them more than once', () => {
    expect(visitsOf(run, 'a')).toEqual({ first: 1, count: 2 });
    expect(visitsOf(run, 'c')).toEqual({ first: 4, count: 1 });
    expect(visitsOf(run, 'd')).toBeUndefined();
    expect(['a', 'b', 'd'].map((id) => resultOf(run, id))).toEqual(['good', 'good', undefined]);
  });

  it('shows a step that came to a fault', () => {
    expect(resultOf({ ...run, steps: run.steps.slice(0, 1) }, 'a')).toBe('fault');
  });
});
