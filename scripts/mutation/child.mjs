/** Preloaded into programs that a test starts: runs the program with mutants, and records those that it reaches. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { threadId } from 'node:worker_threads';

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

let written = 0;
function record() {
  if (reached.size === written) return;
  const place = `${folder}/${process.pid}-${threadId}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${place}.part`, JSON.stringify([...reached]));
    renameSync(`${place}.part`, place);
    written = reached.size;
  } catch {
    // The folder is removed after each test: this is written once more.
  }
}
if (id === -1) {
  // Tests kill some programs.
  setInterval(record, 100).unref();
  process.on('exit', record);
}
