/** docs/reference/errors.md: the codes of every layer's errors, from the tables in the sources. */
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TABLES = '{src,plugins,mock-platform}/**/errors.ts';
/** Where the base classes of errors come from. */
const ALIAS = { '#wire': './src/esp/index.ts', 'esp-host': './src/esp/index.ts' };

export async function errorsPage() {
  const layers = Object.entries(await tables()).map(([name, table]) => section(name, table));
  return `# Errors

Every error that this package throws carries a stable \`code\`. Compare codes, not messages or class names: messages are for
people and may change in any release. Faults that go to the client of a request are in [faults.md](../faults.md).

${layers.join('\n\n')}
`;
}

/** All exports of `errors.ts` files whose names end in `_ERRORS`. */
async function tables() {
  const files = globSync(TABLES, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).sort();
  const contents = files.map((file) => `export * from ${JSON.stringify(`./${file}`)};`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    alias: ALIAS,
    write: false,
  });
  const all = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.endsWith('_ERRORS')));
}

function section(name, table) {
  const words = name.slice(0, -'_ERRORS'.length).replaceAll('_', ' ');
  const title = ['ESP', 'HTTP', 'CLI'].includes(words) ? words : words.toLowerCase();
  const rows = Object.entries(table).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return `## ${title[0].toUpperCase()}${title.slice(1)}\n\n| code | meaning |\n| --- | --- |\n${rows.join('\n')}`;
}
