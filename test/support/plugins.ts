import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { file } from './files.js';

/** A plugin as production loads it: JavaScript, that `esp-host` is imported into. Gives the place of its folder. */
export function builtPlugin(text: string, into: string, name = 'plugin'): string {
  mkdirSync(join(into, name), { recursive: true });
  file('index.js', text, join(into, name));
  return `./${name}`;
}
