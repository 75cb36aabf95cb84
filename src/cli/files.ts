import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError } from './errors.js';

/** The folder of this package, wherever in it the build puts this code. */
export const packageRoot = new URL('.', import.meta.resolve('esp-host/package.json'));

/** Reads the lines of a file, or of stdin (`-`), split at line feeds: JSON may contain U+2028 and the like. @throws CommandError */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  let rest: string[] = [];
  try {
    for await (const chunk of input.setEncoding('utf8') as AsyncIterable<string>) {
      const [first = '', ...more] = chunk.split('\n');
      rest.push(first);
      for (const next of more) {
        yield rest.join('');
        rest = [next];
      }
    }
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
  yield rest.join('');
}

/** @param shown the file in the error @throws CommandError */
export function readText(file: string, shown = file): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${shown}: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws CommandError */
export function readPem(file: string): string {
  const text = readText(file);
  if (!text.includes('-----BEGIN ')) throw new CommandError(`${file} is not a PEM file: it has no -----BEGIN line`);
  return text;
}

export interface WriteOptions {
  readonly createFolder?: boolean;
  /** Fails if the file exists. */
  readonly exclusive?: boolean;
}

/** @throws CommandError */
export function writeText(file: string, text: string, { createFolder, exclusive }: WriteOptions = {}): void {
  try {
    if (createFolder) mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: exclusive ? 'wx' : 'w' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const exists = exclusive && code === 'EEXIST';
    const why = exists ? `${file} already exists: choose another --out` : `cannot write ${file}: ${message}`;
    throw new CommandError(why, { cause: error });
  }
}
