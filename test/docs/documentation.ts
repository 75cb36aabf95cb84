import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/files.js';
import { type Block, blocksOf, OpenFence } from './page.js';

/** The text of a file of this project. */
export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Every page, starting with README.md. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`)
    .toSorted(),
];

/** The blocks of each hand-written page; reference.test.ts checks the generated ones. */
export const blocks: ReadonlyMap<string, readonly Block[]> = new Map(
  pages.filter((page) => !page.startsWith('docs/reference/')).map((page) => [page, read(page)]),
);

/** @throws Error with page and line */
function read(page: string): Block[] {
  try {
    return blocksOf(textOf(page));
  } catch (error) {
    throw error instanceof OpenFence ? new Error(`${page}:${error.line}: ${error.message}`) : error;
  }
}

/** The environment of commands and snippets. */
export const ENVIRONMENT = {
  HTTP_TOKEN: 'a-token-of-the-documentation',
  WHATSAPP_TOKEN: 'a-token-of-a-system-user',
  WHATSAPP_APP_SECRET: 'a-secret-of-an-app',
  VERIFY_TOKEN: 'a-verify-token',
};
