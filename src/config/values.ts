import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';

/** A text that never shows: not in a log, not as JSON, not in an error. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for the one place that needs it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Where a check stands: the folder that paths are relative to, and the files that values named so far. */
let place = { directory: process.cwd(), files: new Set<string>() };

/**
 * Runs a synchronous check of values whose paths are relative to `directory`: that of the file that names them.
 * `files` takes the path of every file that a value names.
 */
export function inDirectory<T>(directory: string, files: Set<string>, check: () => T): T {
  const before = place;
  place = { directory, files };
  try {
    return check();
  } finally {
    place = before;
  }
}

/** The absolute path of a file that a value names. */
function named(path: string): string {
  const absolute = resolve(place.directory, path);
  place.files.add(absolute);
  return absolute;
}

/** A path, relative to the file that names it; comes out absolute. */
export const filePath = () =>
  z
    .string()
    .min(1, 'must be a path')
    .refine((path) => !path.includes('\n'), 'must be the path of a file, not what is in it')
    .transform(named);

/** The path of a PEM file, relative to the file that names it; comes out as its text. */
export const pemFile = () =>
  filePath().transform((path, context) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const message = `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'an error'}): ${path}`;
      context.issues.push({ code: 'custom', input: path, message });
      return z.NEVER;
    }
  });

/** A text, or `{ file: path }` for one that is kept in a file (a trailing line break is no part of it). */
export const secret = () =>
  z
    .union([z.string(), z.strictObject({ file: z.string() })], { error: 'must be a text, or { file: path }' })
    .transform((value, context) => {
      if (typeof value === 'string') return new Secret(value);
      const file = named(value.file);
      try {
        return new Secret(readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'an error';
        context.issues.push({
          code: 'custom',
          input: '',
          path: ['file'],
          message: `cannot be read (${code}): ${file}`,
        });
        return z.NEVER;
      }
    });

/** A phone number as the world writes it: a plus, the country code, the number, digits alone; 7 to 15 digits. */
export const e164 = () =>
  z
    .string({ error: 'must be a phone number in quotes, such as "+919876543210"' })
    .regex(/^\+[1-9]\d{6,14}$/, 'must be a phone number in E.164, such as "+919876543210"');
