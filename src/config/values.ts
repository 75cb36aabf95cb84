import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';

/** A string that logs, JSON and errors show as `[secret]`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The string itself. */
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

/** The current check: the folder that paths are relative to, and the files that values have named so far. */
let place = { directory: process.cwd(), files: new Set<string>() };

/** Runs a synchronous check of values whose paths are relative to `directory`; adds the files they name to `files`. */
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

/** A path relative to the file that names it. The output is absolute. */
export const filePath = () =>
  z
    .string()
    .min(1, 'must be a path')
    .refine((path) => !path.includes('\n'), 'must be the path of a file, not its content')
    .transform(named);

/** The path of a file that the host writes, relative to the file that names it. The output is absolute. */
export const outputPath = () =>
  z
    .string()
    .min(1, 'must be a path')
    .transform((path) => resolve(place.directory, path));

/** The path of a PEM file, relative to the file that names it. The output is the file's text. */
export const pemFile = () =>
  filePath().transform((path, context) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const message = `cannot be read (${(error as NodeJS.ErrnoException).code}): ${path}`;
      context.addIssue(message);
      return z.NEVER;
    }
  });

/** A string, or `{ file: path }` for the content of a file without its trailing line break. */
export const secret = () =>
  z
    .union([z.string(), z.strictObject({ file: z.string() })], { error: 'must be a string, or { file: path }' })
    .transform((value, context) => {
      if (typeof value === 'string') return new Secret(value);
      const file = named(value.file);
      try {
        return new Secret(readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        context.addIssue({ code: 'custom', path: ['file'], message: `cannot be read (${code}): ${file}` });
        return z.NEVER;
      }
    });

/** Whether a URL has neither a user name nor a password, as far as it is one. */
export function hasNoCredentials(url: string): boolean {
  const { username, password } = URL.parse(url) ?? {};
  return !username && !password;
}

/** A phone number in E.164: a plus and 7 to 15 digits. */
export const e164 = () =>
  z
    .string({ error: 'must be a phone number in quotes, such as "+919876543210"' })
    .regex(/^\+[1-9]\d{6,14}$/, 'must be a phone number in E.164, such as "+919876543210"');
