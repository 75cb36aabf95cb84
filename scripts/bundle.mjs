import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/**
 * Puts what a folder's entries load, packages included, into a few files in its place: a start reads them in half the
 * time that a thousand modules take. Packages that were made for CommonJS find their `require`.
 * @param external what stays outside, beside `esp-host` itself
 */
export async function bundle(folder, entries, external = []) {
  const made = `${folder}.bundle`;
  await build({
    entryPoints: entries.map((entry) => join(folder, entry)),
    outdir: made,
    outbase: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    sourcemap: true,
    // Node keeps the text: without comments and indentation it is half as long. Names stay, for stack traces.
    minifyWhitespace: true,
    lineLimit: 160,
    legalComments: 'linked',
    external: ['esp-host', 'esp-host/*', ...external],
    plugins: [mockPlatformByName, httpAsItIs],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  });
  replaceCode(folder, made);
}

/** The mock platform lies beside the host, and is found from wherever the code that loads it ends up. */
const mockPlatformByName = {
  name: 'mock-platform-by-name',
  setup({ onResolve }) {
    onResolve({ filter: /\/mock-platform\/index\.js$/ }, () => ({ path: 'esp-host/mock', external: true }));
  },
};

/** An import of node:http asks for all that it exports, and so loads Node's whole fetch; a require does not. */
const httpAsItIs = {
  name: 'http-as-it-is',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, () => ({ path: 'node:http', namespace: 'required' }));
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** Of what the compiler made, the declarations stay. */
function replaceCode(folder, made) {
  for (const name of readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.d.ts'))) {
    mkdirSync(dirname(join(made, name)), { recursive: true });
    renameSync(join(folder, name), join(made, name));
  }
  rmSync(folder, { recursive: true });
  renameSync(made, folder);
}
