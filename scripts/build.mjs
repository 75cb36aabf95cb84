/**
 * Builds dist/src (the host), dist/mock-platform (with its console) and plugins/<name>/dist. tsc writes the types; esbuild
 * bundles each with its packages, so that a start reads a dozen files instead of a thousand. `esp-host` stays external to
 * the mock platform and to plugins: they use the host that runs them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build as buildConsole } from 'vite';
import { licensesOf } from './licenses.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

function compile(...options) {
  try {
    execFileSync(process.execPath, [tsc, ...options], { cwd: root, stdio: 'inherit' });
  } catch {
    process.exit(1);
  }
}

/**
 * Importing node:http as an ES module loads all its exports, including WebSocket and thus undici: 13 MB and 45 ms for
 * nothing.
 */
const leanHttp = {
  name: 'lean-http',
  setup(build) {
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === 'require-call' ? undefined : { path: path.replace(/^node:/, ''), namespace: 'lean-http' },
    );
    build.onLoad({ filter: /.*/, namespace: 'lean-http' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}')`,
    }));
  },
};

/** What a plugin imports only in the mock platform. */
const LAZY = ['./mock/index.js', './invitations-panel.js'];

/** Bundles entries of `from` to `to`, and their common code to `to`/shared. @returns the files in the bundles */
async function bundle(from, entries, to) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => `${from}/${entry}.ts`),
    outbase: from,
    outdir: to,
    bundle: true,
    // Only if entries share code: splitting breaks the named exports of CommonJS packages that are imported dynamically.
    splitting: entries.length > 1,
    chunkNames: 'shared/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // A plugin's mock and its page are bundles of their own: what production loads has nothing of them.
    external: ['esp-host', 'esp-host/*', '#mock-platform', '#server', '#wire', 'esbuild', ...LAZY],
    plugins: [leanHttp],
    // CommonJS packages require built-in modules.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    // Code takes memory, and whitespace is half of it. Names stay readable in logs.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 200,
    legalComments: 'linked',
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  });
  // Unused imports are in no output.
  return Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
}

/** The files in the console's bundle. */
const consoleFiles = ({ output }) =>
  output.flatMap(({ moduleIds = [] }) => moduleIds.map((id) => relative(root, id.replace(/^\0|\?.*$/g, ''))));

function writeLicenses(folder, files) {
  writeFileSync(`${root}${folder}/THIRD-PARTY-LICENSES.txt`, licensesOf(root, files));
}

for (const folder of ['src', 'mock-platform']) rmSync(`${root}dist/${folder}`, { recursive: true, force: true });
compile('-p', 'tsconfig.build.json');
const entries = ['cli/main', 'index', 'client', 'wire', 'server/index', 'testing/index', 'state/database'];
writeLicenses('dist/src', await bundle('src', entries, 'dist/src'));
const mockFiles = await bundle('mock-platform', ['commands', 'index'], 'dist/mock-platform');
for (const project of globSync('plugins/*/tsconfig.json', { cwd: root })) {
  const folder = dirname(project);
  rmSync(`${root}${folder}/dist`, { recursive: true, force: true });
  compile('-p', project, '--noEmit');
  const entries = ['index', 'mock/index', 'invitations-panel'].filter((entry) =>
    existsSync(`${root}${folder}/${entry}.ts`),
  );
  const files = [];
  for (const entry of entries) files.push(...(await bundle(folder, [entry], `${folder}/dist`)));
  writeLicenses(`${folder}/dist`, files);
}
const page = await buildConsole({ configFile: `${root}mock-platform/console/vite.config.mjs`, logLevel: 'warn' });
writeLicenses('dist/mock-platform', [...mockFiles, ...consoleFiles(page)]);
