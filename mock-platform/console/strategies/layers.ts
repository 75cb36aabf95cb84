import type { Graph } from './graph.js';

/** All arrows from one box to another, drawn as one. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly branches: readonly string[];
  readonly label: string;
  /** Leads back to a box above: a loop. */
  readonly back: boolean;
}

/** A box, or, without a step, a point where a long link crosses a layer. */
export interface Node {
  readonly id: string;
  readonly layer: number;
  readonly step: boolean;
}

/** Boxes in layers. Each link leads one layer down; a long one passes through points of its own. */
export interface Layered {
  readonly layers: readonly (readonly Node[])[];
  readonly links: readonly Link[];
  /** From each node to the nodes below that it leads to. */
  readonly below: ReadonlyMap<string, readonly string[]>;
}

/** Sweeps down and up that order each layer by its neighbours. */
const SWEEPS = 4;

/** The id of the point where a link crosses a layer. */
export const passing = ({ from, to }: Pick<Link, 'from' | 'to'>, layer: number): string => `${from} ${to} ${layer}`;

export function layered(graph: Graph): Layered {
  const links = linksOf(graph);
  const depths = depthsOf(graph, links);
  const depthOf = (id: string): number => depths.get(id) ?? 0;
  const nodes: Node[] = graph.steps.map(({ id }) => ({ id, layer: depthOf(id), step: true }));
  const below = new Map<string, string[]>();
  for (const link of links.filter(({ back }) => !back)) {
    const [first, last] = [depthOf(link.from), depthOf(link.to)];
    const way = [link.from];
    for (let layer = first + 1; layer < last; layer++) {
      way.push(passing(link, layer));
      nodes.push({ id: passing(link, layer), layer, step: false });
    }
    for (const [at, id] of way.entries()) below.set(id, [...(below.get(id) ?? []), way[at + 1] ?? link.to]);
  }
  const count = Math.max(0, ...nodes.map(({ layer }) => layer + 1));
  const layers = Array.from({ length: count }, (_, layer) => nodes.filter((node) => node.layer === layer));
  return { layers: ordered(layers, below), links, below };
}

function linksOf({ steps, arrows }: Graph): readonly Link[] {
  const pairs = new Map<string, Link>();
  const back = backPairs(
    steps.map(({ id }) => id),
    arrows,
  );
  for (const { from, to, branch, label } of arrows) {
    const name = `${from} ${to}`;
    const known = pairs.get(name);
    const labels = [known?.label ?? '', label].filter((text) => text !== '');
    const branches = [...(known?.branches ?? []), branch];
    pairs.set(name, { from, to, branches, label: labels.join(', '), back: back.has(name) });
  }
  return [...pairs.values()];
}

/** The links that close a loop, as `from to`. */
function backPairs(ids: readonly string[], arrows: Graph['arrows']): ReadonlySet<string> {
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (id: string, above: ReadonlySet<string>): void => {
    if (done.has(id)) return;
    const here = new Set([...above, id]);
    for (const { from, to } of arrows) {
      if (from !== id) continue;
      if (here.has(to)) found.add(`${from} ${to}`);
      else visit(to, here);
    }
    done.add(id);
  };
  for (const id of ids) visit(id, new Set());
  return found;
}

/** The depth of each box: the longest path to it. */
function depthsOf({ steps }: Graph, links: readonly Link[]): ReadonlyMap<string, number> {
  const depths = new Map(steps.map(({ id }) => [id, 0]));
  const forward = links.filter(({ back }) => !back);
  for (let round = 0, moved = true; moved && round <= steps.length; round++) {
    moved = false;
    for (const { from, to } of forward) {
      const wanted = (depths.get(from) ?? 0) + 1;
      if (wanted <= (depths.get(to) ?? 0)) continue;
      depths.set(to, wanted);
      moved = true;
    }
  }
  return depths;
}

/** Sorts each layer by the mean position of its neighbours, so that few links cross. */
function ordered(layers: readonly Node[][], below: ReadonlyMap<string, readonly string[]>): readonly Node[][] {
  const above = new Map<string, string[]>();
  for (const [from, all] of below) for (const to of all) above.set(to, [...(above.get(to) ?? []), from]);
  const result = layers.map((layer) => [...layer]);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    const way = result.map((_, index) => (down ? index : result.length - 1 - index));
    for (const index of way) {
      const neighbour = result[down ? index - 1 : index + 1] ?? [];
      const places = new Map(neighbour.map(({ id }, place) => [id, place]));
      sortLayer(result[index] ?? [], (id) =>
        ((down ? above : below).get(id) ?? []).flatMap((one) => places.get(one) ?? []),
      );
    }
  }
  return result;
}

function sortLayer(layer: Node[], placesOf: (id: string) => readonly number[]): void {
  const keys = new Map(layer.map(({ id }, place) => [id, mean(placesOf(id)) ?? place]));
  layer.sort((a, b) => (keys.get(a.id) ?? 0) - (keys.get(b.id) ?? 0));
}

export const mean = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
