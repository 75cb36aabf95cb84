import { z } from 'zod';

/** The keys that a schema allows at a path, to suggest one in place of an unknown key. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[], data: unknown): string[] {
  const [part, ...rest] = path;
  const keys = new Set<string>();
  for (const one of alternatives(schema, data)) {
    if (part === undefined) {
      if (one instanceof z.ZodObject) for (const key of Object.keys(one.shape)) keys.add(key);
    } else {
      const child = childOf(one, part);
      const value = (data as Record<PropertyKey, unknown> | undefined)?.[part];
      if (child !== undefined) for (const key of knownKeys(child, rest, value)) keys.add(key);
    }
  }
  return [...keys];
}

/** The values that the discriminator of a union at a path may have. */
export function knownDiscriminators(schema: z.ZodType, path: readonly PropertyKey[], data: unknown): string[] {
  const [part, ...rest] = path;
  if (part === undefined) return [];
  return alternatives(schema, undefined).flatMap((one) => {
    const child = childOf(one, part);
    if (child === undefined) return [];
    if (rest.length > 0) return knownDiscriminators(child, rest, (data as Record<PropertyKey, unknown>)?.[part]);
    return choicesOf(child).map(String);
  });
}

/** The schemas behind optionals, defaults, transforms and intersections; of a discriminated union, those that match `data`. */
function alternatives(schema: z.ZodType, data: unknown): z.ZodType[] {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const name = schema.def.discriminator;
    const value = (data as Record<string, unknown> | undefined)?.[name];
    const options = schema.options as z.ZodType[];
    const fitting = options.filter((option) => choicesOf(childOf(option, name)).includes(value));
    return fitting.length > 0 ? fitting : options;
  }
  if (schema instanceof z.ZodPipe) {
    // z.preprocess() puts a transform before the schema that describes the value.
    const described = schema.in instanceof z.ZodTransform ? schema.out : schema.in;
    return alternatives(described as z.ZodType, data);
  }
  if (schema instanceof z.ZodIntersection) {
    return [schema.def.left, schema.def.right].flatMap((side) => alternatives(side as z.ZodType, data));
  }
  if (schema instanceof z.ZodLazy) return alternatives(schema.unwrap() as z.ZodType, data);
  const inner = (schema.def as { innerType?: z.ZodType }).innerType;
  return inner === undefined ? [schema] : alternatives(inner, data);
}

/** The values that a discriminator may have. */
function choicesOf(schema: z.ZodType | undefined): readonly unknown[] {
  if (schema instanceof z.ZodLiteral) return [...schema.values];
  return schema instanceof z.ZodEnum ? schema.options : [];
}

function childOf(schema: z.ZodType, part: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<PropertyKey, z.ZodType>)[part];
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  return schema instanceof z.ZodArray ? (schema.element as z.ZodType) : undefined;
}

/** Longer words get no suggestion: a comparison takes time proportional to the product of both lengths. */
const LONGEST = 100;

/** The candidate most similar to `word`, if it is similar enough to be what the user meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const most = Math.max(1, Math.floor(word.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > most) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= most && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** Insertions, deletions, substitutions and transpositions that turn `a` into `b` (optimal string alignment distance). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + same,
        swapped ? at(i - 2, j - 2) + 1 : Infinity,
      );
    }
  }
  return at(a.length, b.length);
}
