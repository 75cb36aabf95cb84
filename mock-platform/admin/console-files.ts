import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ConsoleFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Where the build puts the console. */
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

/** A file of the console by the path of a URL; undefined where there is none, or it would be outside of the folder. */
export async function consoleFile(path: string, folder: string): Promise<ConsoleFile | undefined> {
  const root = resolve(folder);
  const wanted = decoded(path);
  if (wanted === undefined || wanted.includes('\0')) return undefined;
  const file = resolve(join(root, wanted.endsWith('/') ? `${wanted}index.html` : wanted));
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
