import { z } from 'zod';

/** The names that a schema knows at a path: an object's keys, for a suggestion to who wrote another one. */
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

/** The values that a discriminator may have in a union at a path. */
export function knownDiscriminators(schema: z.ZodType, path: readonly PropertyKey[], data: unknown): string[] {
  const [part, ...rest] = path;
  if (part === undefined) return [];
  return alternatives(schema, undefined).flatMap((one) => {
    const child = childOf(one, part);
    if (child === undefined) return [];
    if (rest.length > 0) return knownDiscriminators(child, rest, (data as Record<PropertyKey, unknown>)?.[part]);
    return child instanceof z.ZodLiteral ? [...child.values].map(String) : [];
  });
}

/** What a value may be once optional, default and transforms are taken away; of a union, what fits its discriminator. */
function alternatives(schema: z.ZodType, data: unknown): z.ZodType[] {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const name = schema.def.discriminator;
    const value = (data as Record<string, unknown> | undefined)?.[name];
    const options = schema.options as z.ZodType[];
    const fitting = options.filter((option) => {
      const literal = childOf(option, name);
      return literal instanceof z.ZodLiteral && literal.values.has(value as string);
    });
    return fitting.length > 0 ? fitting : options;
  }
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap((one) => alternatives(one, data));
  if (schema instanceof z.ZodPipe) {
    // What is preprocessed is described by what comes behind.
    const described = schema.in instanceof z.ZodTransform ? schema.out : schema.in;
    return alternatives(described as z.ZodType, data);
  }
  const inner = (schema.def as { innerType?: z.ZodType }).innerType;
  return inner === undefined ? [schema] : alternatives(inner, data);
}

function childOf(schema: z.ZodType, part: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<PropertyKey, z.ZodType>)[part];
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  return schema instanceof z.ZodArray ? (schema.element as z.ZodType) : undefined;
}
