import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface WebFile {
  /** Its content type. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** The build output of the console. */
export const CONSOLE_FOLDER = fileURLToPath(
  new URL('dist/mock-platform/console', import.meta.resolve('esp-host/package.json')),
);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.yaml': 'text/plain; charset=utf-8',
  '.service': 'text/plain; charset=utf-8',
  // Of Starlight's search.
  '.pagefind': 'application/octet-stream',
  '.pf_fragment': 'application/octet-stream',
  '.pf_index': 'application/octet-stream',
  '.pf_meta': 'application/octet-stream',
};

/**
 * Reads the file of a website for a URL path. Undefined if it doesn't exist, is outside of `folder`, or is of an
 * unknown type.
 */
export async function webFile(path: string, folder: string): Promise<WebFile | undefined> {
  const root = resolve(folder);
  const requested = decoded(path);
  if (requested === undefined || requested.includes('\0')) return undefined;
  const file = resolve(join(root, requested.endsWith('/') ? `${requested}index.html` : requested));
  const type = TYPES[extname(file)];
  if (type === undefined || !file.startsWith(root + sep)) return undefined;
  try {
    return { type, bytes: await readFile(file) };
  } catch {
    return undefined;
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
