import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ConsoleFile {
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
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Reads the console file for a URL path. Undefined if it doesn't exist, or is outside of `folder`. */
export async function consoleFile(path: string, folder: string): Promise<ConsoleFile | undefined> {
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
