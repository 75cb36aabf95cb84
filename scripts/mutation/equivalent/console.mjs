const FALLBACK = 'the value always exists; the fallback is only for the types';

export const EQUIVALENT = {
  'mock-platform/console/journal/entry-list.ts': [
    {
      code: 'return all.length > most ? all.slice(0, most) : all;',
      from: 'all.length > most',
      to: 'all.length >= most',
      why: 'a slice of the whole is the same list',
    },
  ],
  'mock-platform/console/journal/hex.ts': [
    { code: 'if ((this.fields[middle]?.start ?? 0) <= offset) low = middle + 1;', from: '0', why: FALLBACK },
    { code: 'const { start = 0, end = 0 } = this.fields[index] ?? {};', from: '0', why: FALLBACK },
    {
      code: 'const { start = 0, end = 0 } = this.fields[index] ?? {};',
      from: 'this.fields[index] ?? {}',
      why: FALLBACK,
    },
    { code: 'const { start = 0, end = 0 } = this.fields[field] ?? {};', from: '0', why: FALLBACK },
  ],
  'mock-platform/console/strategies/layers.ts': [
    { code: 'const depthOf = (id: string): number => depths.get(id) ?? 0;', from: '0', why: FALLBACK },
    { code: 'const wanted = (depths.get(from) ?? 0) + 1;', from: '0', why: FALLBACK },
    { code: 'if (wanted <= (depths.get(to) ?? 0)) continue;', from: '0', why: FALLBACK },
    { code: 'layer.sort((a, b) => (keys.get(a.id) ?? 0) - (keys.get(b.id) ?? 0));', from: '0', why: FALLBACK },
    {
      code: 'for (let round = 0, moved = true; moved && round <= steps.length; round++) {',
      from: '0',
      to: '1',
      why: 'one round fewer than the steps can need is still enough without circles',
    },
  ],
  'mock-platform/console/strategies/picture.ts': [
    {
      code: 'const left = Math.min(0, ...layout.layers.flat().map((node) => (centres.get(node.id) ?? 0) - widthOf(node) / 2));',
      from: '0',
      why: FALLBACK,
    },
    {
      code: 'const right = Math.max(0, ...layout.layers.flat().map((node) => (centres.get(node.id) ?? 0) + widthOf(node) / 2));',
      from: '0',
      why: FALLBACK,
    },
    { code: 'x: MARGIN + (centres.get(id) ?? 0) - left,', from: '0', why: FALLBACK },
    { code: 'y: MARGIN + (depth.get(id) ?? 0) * (BOX.height + GAP.y),', from: '0', why: FALLBACK },
    {
      code: 'const least = before === undefined ? Number.NEGATIVE_INFINITY : (places[index - 1] ?? 0) + room;',
      from: '0',
      why: FALLBACK,
    },
    { code: 'places.push(Math.max(wishes[index] ?? 0, least));', from: '0', why: FALLBACK },
    {
      code: 'const shift = mean(places.map((place, index) => (wishes[index] ?? 0) - place)) ?? 0;',
      from: '0',
      why: FALLBACK,
    },
    {
      code: 'for (const [index, { id }] of layer.entries()) centres.set(id, (places[index] ?? 0) + shift);',
      from: '0',
      why: FALLBACK,
    },
    {
      code: 'for (let layer = (depth.get(link.from) ?? 0) + 1; layer < (depth.get(link.to) ?? 0); layer++) {',
      from: '0',
      why: FALLBACK,
    },
    {
      code: 'return { link, path: curve(way), label: labelPoint(way, ends.out.get(link.from) ?? 0, ends.in.get(link.to) ?? 0) };',
      from: '0',
      why: FALLBACK,
    },
    {
      code: 'const [from, to] = [start ?? { x: 0, y: 0 }, end ?? { x: 0, y: 0 }];',
      from: '{ x: 0, y: 0 }',
      why: FALLBACK,
    },
    { code: 'const [from, to] = [start ?? { x: 0, y: 0 }, end ?? { x: 0, y: 0 }];', from: '0', why: FALLBACK },
    {
      code: 'function curve([start = { x: 0, y: 0 }, ...rest]: readonly Point[]): string {',
      from: '{ x: 0, y: 0 }',
      why: FALLBACK,
    },
    { code: 'function curve([start = { x: 0, y: 0 }, ...rest]: readonly Point[]): string {', from: '0', why: FALLBACK },
  ],
  'mock-platform/console/strategies/run.ts': [
    { code: 'const first = run?.steps.findIndex((step) => step.id === id) ?? -1;', from: '-1', why: FALLBACK },
  ],
};
