import { createHash, randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FileChangedError, FileUnusableError } from '../errors.js';

/** A text file, and the digest that tells one version of it from another. */
export interface TextFile {
  readonly text: string;
  /** The SHA-256 hash of the file's bytes, in hex. */
  readonly digest: string;
}

const digestOf = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** A byte order mark stays in the text, so that it is written back. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws FileUnusableError if the file cannot be read, or is not UTF-8 */
export function readText(path: string): TextFile {
  const bytes = attempt(path, 'read', () => readFileSync(path));
  try {
    return { text: utf8.decode(bytes), digest: digestOf(bytes) };
  } catch {
    throw new FileUnusableError(`${path} is not UTF-8 text`);
  }
}

/**
 * Replaces the text of a file, whole or not at all: a reader sees either the old text or the new one. Keeps the mode of
 * the file, and the symbolic link that leads to it.
 * @param digest of the version that `text` was made from
 * @returns the digest of the new version
 * @throws FileChangedError if the file is no longer that version, FileUnusableError if it cannot be written
 */
export function replaceText(path: string, text: string, digest: string): string {
  if (readText(path).digest !== digest) throw new FileChangedError(path);
  attempt(path, 'written', () => {
    const target = realpathSync(path);
    // A rename would also replace a read-only file.
    accessSync(target, constants.W_OK);
    const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
    try {
      writeFileSync(temporary, text, { flag: 'wx', flush: true });
      chmodSync(temporary, statSync(target).mode);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
  return digestOf(text);
}

function attempt<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new FileUnusableError(`${path} cannot be ${what}: ${(error as Error).message}`, { cause: error });
  }
}
