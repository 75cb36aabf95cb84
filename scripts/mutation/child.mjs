/** Preloaded into programs that a test starts: runs the program with mutants, and records those that it reaches. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const { ESP_HOST_MUTANT: active, ESP_HOST_MUTANTS_REACHED: folder } = process.env;
const dist = new URL('../../dist/', import.meta.url).href;
const reached = new Set();
const id = Number(active);

globalThis.$mutant = (one) => {
  if (id === -1) reached.add(one);
  return one === id;
};
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return { ...found, url: found.url.replace(`${dist}src/`, `${dist}mutated/src/`) };
  },
});
process.on('exit', () => {
  if (id !== -1 || reached.size === 0) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${process.pid}`, JSON.stringify([...reached]));
});
