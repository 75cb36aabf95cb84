import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Graph } from '../../../../mock-platform/console/strategies/graph.js';
import { layered } from '../../../../mock-platform/console/strategies/layers.js';
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
  it('put each step below all steps that lead to it', () => {
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

  it('find the link that closes a loop', () => {
    const { links } = layered(graph('ab bc cb ca'));
    expect(links.filter(({ back }) => back).map(({ from, to }) => from + to)).toEqual(['cb', 'ca']);
    expect(layered(graph('aa')).links[0]?.back).toBe(true);
  });
});

describe('the picture of a graph', () => {
  it('has boxes within its bounds that do not overlap, for any arrows', () => {
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

describe('the positions in a picture', () => {
  const drawn = (arrows: string) => {
    const { width, height, boxes, lines } = pictureOf(graph(arrows));
    return {
      size: [width, height],
      boxes: boxes.map(({ step, x, y }) => [step.id, x, y]),
      lines: lines.map(({ link, path, label }) => [
        link.from + link.to,
        path,
        Math.round(label.x),
        Math.round(label.y),
      ]),
    };
  };

  it('puts a step straight below the one before it', () => {
    expect(drawn('ab')).toEqual({
      size: [232, 186],
      boxes: [
        ['a', 12, 12],
        ['b', 12, 124],
      ],
      lines: [['ab', 'M116,62 C116,93 116,93 116,124', 116, 93]],
    });
  });

  it('puts branches side by side below the middle, with labels near the end that is not shared', () => {
    expect(drawn('ab ac')).toEqual({
      size: [476, 186],
      boxes: [
        ['a', 134, 12],
        ['b', 12, 124],
        ['c', 256, 124],
      ],
      lines: [
        ['ab', 'M238,62 C238,93 116,93 116,124', 142, 105],
        ['ac', 'M238,62 C238,93 360,93 360,124', 334, 105],
      ],
    });
    expect(drawn('ac bc').lines).toEqual([
      ['ac', 'M116,62 C116,93 238,93 238,124', 142, 81],
      ['bc', 'M360,62 C360,93 238,93 238,124', 334, 81],
    ]);
  });

  it('routes a long line past the boxes between', () => {
    expect(drawn('ab bc ac').lines[2]).toEqual([
      'ac',
      'M208.5,62 C208.5,93 301,93 301,124 C301,149 301,149 301,174 C301,205 208.5,205 208.5,236',
      281,
      105,
    ]);
  });

  it('routes lines that lead back up along the side, each further out', () => {
    const { size, lines } = drawn('ab bc ca cb');
    expect(size).toEqual([300, 298]);
    expect(lines.slice(2)).toEqual([
      ['ca', 'M220,261 C288,261 288,37 220,37', 254, 149],
      ['cb', 'M220,261 C322,261 322,149 220,149', 288, 205],
    ]);
  });

  it('has its margins without steps', () => {
    expect(drawn('').size).toEqual([24, 74]);
  });
});

describe('the order within a layer', () => {
  it.each([
    ['ad bc', 'abcd', 'ab dc'],
    ['ae bd cf', 'abcdef', 'abc edf'],
    ['ad bd ac bc ae', 'abcde', 'ab ecd'],
    ['cd ce af bd', 'abcdef', 'abc fde'],
    ['ac ad bd', 'abcd', 'ab cd'],
  ])('of %s has few crossing lines', (arrows, ids, order) => {
    const { layers } = layered(graph(arrows, ids));
    expect(layers.map((layer) => layer.map(({ id }) => id).join('')).join(' ')).toBe(order);
  });
});
