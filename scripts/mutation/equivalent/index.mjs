/**
 * Mutants that no test can detect. A file of this folder lists those of an area: source -> `{ code, from, to, why }`. In a
 * line of this `code`, `from` becomes `to`; without `from` or `to`, anything becomes anything.
 */
import { existsSync } from 'node:fs';

/** The entries of an area, each with its `file`. */
export async function equivalentOf(area) {
  const place = new URL(`${area}.mjs`, import.meta.url);
  if (!existsSync(place)) return [];
  const { EQUIVALENT } = await import(place.href);
  return Object.entries(EQUIVALENT).flatMap(([file, entries]) => entries.map((entry) => ({ file, ...entry })));
}

export const describes = (entry, { file, code, from, to }) =>
  entry.file === file && entry.code === code && (entry.from ?? from) === from && (entry.to ?? to) === to;
