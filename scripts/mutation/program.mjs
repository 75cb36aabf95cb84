/** Builds the program with the mutants of some sources, for tests that start it as a process. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { mutate } from './mutants/mutate.mjs';
import { firstIdOf, ROOT } from './sources.mjs';

/** As in scripts/build.mjs. */
const ENTRIES = ['cli/main', 'index', 'client', 'wire', 'server/index', 'testing/index', 'state/database'];

/** Builds it next to the real program; `child.mjs` redirects a process to it. */
export async function buildProgram(sources) {
  const mutants = {
    name: 'mutants',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = path.slice(ROOT.length);
        if (!sources.includes(source)) return undefined;
        return { contents: mutate(readFileSync(path, 'utf8'), { first: firstIdOf(source) }).text, loader: 'ts' };
      });
    },
  };
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES.map((entry) => `src/${entry}.ts`),
    outbase: 'src',
    outdir: 'dist/mutated/src',
    bundle: true,
    splitting: true,
    chunkNames: 'shared/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: ['esp-host', 'esp-host/*', '#mock-platform', 'esbuild'],
    plugins: [mutants],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

const folder = join(tmpdir(), `esp-host-mutation-${process.pid}`);

/** Tells programs that a test starts the active mutant, and where to write the mutants they reach. */
export function tellPrograms(active) {
  process.env.NODE_OPTIONS = `--import=${new URL('child.mjs', import.meta.url).href}`;
  process.env.ESP_HOST_MUTANT = String(active);
  process.env.ESP_HOST_MUTANTS_REACHED = folder;
}

/** The mutants that programs have reached since the last call. */
export function reachedByPrograms() {
  let names = [];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const complete = names.filter((name) => !name.endsWith('.part'));
  const reached = complete.flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  rmSync(folder, { recursive: true, force: true });
  return reached;
}
