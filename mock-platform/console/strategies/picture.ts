import type { Graph, GraphStep } from './graph.js';
import { type Layered, type Link, layered, mean, type Node, passing } from './layers.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A step as a box with its top left corner. */
export interface Box extends Point {
  readonly step: GraphStep;
}

/** A link as a line with an arrowhead. */
export interface Line {
  readonly link: Link;
  /** For the attribute `d` of an SVG path. */
  readonly path: string;
  readonly label: Point;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

export const BOX = { width: 208, height: 50 } as const;
const GAP = { x: 36, y: 62, passing: 90 } as const;
const MARGIN = 12;
/** The space at the side for each link that leads back up. */
const BACK = 34;
const ROUNDS = 8;

/** Lays out a graph from top to bottom. */
export function pictureOf(graph: Graph): Picture {
  const layout = layered(graph);
  const centres = centresOf(layout);
  const left = Math.min(0, ...layout.layers.flat().map((node) => (centres.get(node.id) ?? 0) - widthOf(node) / 2));
  const right = Math.max(0, ...layout.layers.flat().map((node) => (centres.get(node.id) ?? 0) + widthOf(node) / 2));
  const depth = new Map(layout.layers.flat().map(({ id, layer }) => [id, layer]));
  const place = (id: string): Point => ({
    x: MARGIN + (centres.get(id) ?? 0) - left,
    y: MARGIN + (depth.get(id) ?? 0) * (BOX.height + GAP.y),
  });
  const backs = layout.links.filter(({ back }) => back).length;
  return {
    width: right - left + 2 * MARGIN + backs * BACK,
    height: Math.max(1, layout.layers.length) * (BOX.height + GAP.y) - GAP.y + 2 * MARGIN,
    boxes: graph.steps.map((step) => {
      const { x, y } = place(step.id);
      return { step, x: x - BOX.width / 2, y };
    }),
    lines: linesOf(layout, place, depth, right - left + MARGIN),
  };
}

const widthOf = ({ step }: Node): number => (step ? BOX.width : GAP.passing);

/** The centre of each box: aligned with its neighbours, as far as the others in its layer allow. */
function centresOf({ layers, below }: Layered): ReadonlyMap<string, number> {
  const neighbours = new Map<string, string[]>();
  for (const [from, all] of below) {
    for (const to of all) {
      neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
      neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
    }
  }
  const centres = new Map<string, number>();
  for (const layer of layers) spread(layer, () => 0, centres);
  for (let round = 0; round < ROUNDS; round++) {
    for (const layer of round % 2 === 0 ? layers : layers.toReversed()) {
      const wanted = (id: string): number =>
        mean((neighbours.get(id) ?? []).map((one) => centres.get(one) ?? 0)) ?? centres.get(id) ?? 0;
      spread(layer, wanted, centres);
    }
  }
  return centres;
}

/** Places a layer's boxes at their wanted positions, in order and without overlap. */
function spread(layer: readonly Node[], wanted: (id: string) => number, centres: Map<string, number>): void {
  const wishes = layer.map(({ id }) => wanted(id));
  const places: number[] = [];
  for (const [index, node] of layer.entries()) {
    const before = layer[index - 1];
    const room = before === undefined ? 0 : (widthOf(before) + widthOf(node)) / 2 + GAP.x;
    const least = before === undefined ? Number.NEGATIVE_INFINITY : (places[index - 1] ?? 0) + room;
    places.push(Math.max(wishes[index] ?? 0, least));
  }
  const shift = mean(places.map((place, index) => (wishes[index] ?? 0) - place)) ?? 0;
  for (const [index, { id }] of layer.entries()) centres.set(id, (places[index] ?? 0) + shift);
}

function linesOf(
  { links }: Layered,
  place: (id: string) => Point,
  depth: ReadonlyMap<string, number>,
  side: number,
): readonly Line[] {
  let backs = 0;
  const ends = { out: counts(links.map(({ from }) => from)), in: counts(links.map(({ to }) => to)) };
  return links.map((link) => {
    const [from, to] = [place(link.from), place(link.to)];
    if (link.back) return backLine(link, from, to, side + BACK * ++backs);
    const way = [{ x: from.x, y: from.y + BOX.height }];
    for (let layer = (depth.get(link.from) ?? 0) + 1; layer < (depth.get(link.to) ?? 0); layer++) {
      const { x, y } = place(passing(link, layer));
      way.push({ x, y }, { x, y: y + BOX.height });
    }
    way.push(to);
    return { link, path: curve(way), label: labelPoint(way, ends.out.get(link.from) ?? 0, ends.in.get(link.to) ?? 0) };
  });
}

const counts = (ids: readonly string[]): ReadonlyMap<string, number> =>
  ids.reduce((map, id) => map.set(id, (map.get(id) ?? 0) + 1), new Map<string, number>());

/** A curve down through the points, vertical at each. */
function curve([start = { x: 0, y: 0 }, ...rest]: readonly Point[]): string {
  let last = start;
  const parts = rest.map((point) => {
    const middle = (last.y + point.y) / 2;
    const part = `C${last.x},${middle} ${point.x},${middle} ${point.x},${point.y}`;
    last = point;
    return part;
  });
  return `M${start.x},${start.y} ${parts.join(' ')}`;
}

/** In the first gap, near the end that fewer links share. */
function labelPoint([start, end]: readonly Point[], out: number, into: number): Point {
  const [from, to] = [start ?? { x: 0, y: 0 }, end ?? { x: 0, y: 0 }];
  const part = out > 1 && into <= out ? 0.7 : into > 1 ? 0.3 : 0.5;
  // The position on the S-curve, whose handles are in the middle.
  const smooth = part * part * (3 - 2 * part);
  return { x: from.x + (to.x - from.x) * smooth, y: from.y + (to.y - from.y) * part };
}

function backLine(link: Link, from: Point, to: Point, x: number): Line {
  const [startX, startY] = [from.x + BOX.width / 2, from.y + BOX.height / 2];
  const [endX, endY] = [to.x + BOX.width / 2, to.y + BOX.height / 2];
  const path = `M${startX},${startY} C${x + BACK},${startY} ${x + BACK},${endY} ${endX},${endY}`;
  return { link, path, label: { x, y: (startY + endY) / 2 } };
}
