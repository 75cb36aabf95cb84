/** docs/reference/api.md: the names and signatures that the package exports, from the declarations of the build. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The documented entries of the package, and their declarations. */
export const ENTRIES = {
  'esp-host': 'dist/src/index.d.ts',
  'esp-host/client': 'dist/src/client.d.ts',
  'esp-host/testing': 'dist/src/testing/index.d.ts',
  'esp-host/mock': 'dist/mock-platform/index.d.ts',
};

export function apiPage() {
  const sections = Object.entries(ENTRIES).map(([entry, file]) => section(entry, exportsOf(join(root, file))));
  return `# API

What the package exports, with its types. The comments in the declarations of the package describe each export: your editor
shows them. A change of this page is a change of the public API.

${sections.join('\n\n')}
`;
}

/** The exports of an entry that have no docstring. */
export const undocumented = (entry) =>
  [...exportsOf(join(root, ENTRIES[entry]))]
    .filter(([, { text }]) => text?.startsWith('/**') === false)
    .map(([name]) => name);

function section(entry, exported) {
  const sorted = [...exported].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const own = sorted.filter(([, { text }]) => text !== undefined);
  const others = sorted.filter(([, { text }]) => text === undefined);
  const foreign = others.map(([name, { module }]) => `\`${name}\` (of \`${module}\`)`);
  return [
    `## ${entry}`,
    ...(foreign.length === 0 ? [] : [`It also exports ${foreign.join(', ')}.`]),
    ...own.map(([name, { text }]) => `### ${name}\n\n\`\`\`typescript\n${signature(text)}\n\`\`\``),
  ].join('\n\n');
}

/** Without comments, private members and what every declaration has. */
function signature(text) {
  return text
    .replaceAll(/^ *\/\*\*.*?\*\/\n/gms, '')
    .replaceAll(/^ +(#private|private .*);\n/gm, '')
    .replaceAll(/^(export )?(declare )?/gm, '')
    .replaceAll(/^( +)\1/gm, '$1')
    .trimEnd();
}

const parsed = new Map();

/** Name -> its declaration with its docstring, or the foreign module that it comes from. */
function exportsOf(file) {
  if (!parsed.has(file)) parsed.set(file, read(file));
  return parsed.get(file);
}

function read(file) {
  const declarations = declarationsOf(readFileSync(file, 'utf8'));
  const exported = new Map();
  for (const { name, text } of declarations) {
    if (name === undefined) {
      for (const [as, found] of reexported(file, text)) exported.set(as, found);
    } else if (/^export /m.test(text)) {
      const known = exported.get(name);
      exported.set(name, { text: known === undefined ? text : `${known.text}\n${text}` });
    }
  }
  for (const one of exported.values()) if (one.text !== undefined && !one.complete) complete(one, declarations);
  return exported;
}

/** Appends the types of the same file that a declaration needs and that have no export of their own. */
function complete(one, declarations) {
  const internal = declarations.filter(({ name, text }) => name !== undefined && !/^export /m.test(text));
  for (let more = true; more; ) {
    const next = internal.find(
      ({ name, text }) => new RegExp(`\\b${name}\\b`).test(one.text) && !one.text.includes(text),
    );
    more = next !== undefined;
    if (next !== undefined) one.text += `\n${next.text}`;
  }
  one.complete = true;
}

/** `export * from`, `export { a, type b as c } from`. */
function reexported(file, text) {
  const from = /from '([^']+)'/.exec(text)?.[1];
  if (!/^export (type )?[{*]/m.test(text) || from === undefined) return [];
  const names = /^export (?:type )?\{([^}]*)\}/m.exec(text)?.[1];
  const target = join(dirname(file), from.replace(/\.js$/, '.d.ts'));
  if (!from.startsWith('.') || !existsSync(target)) {
    return namesIn(names ?? '').map(([, as]) => [as, { module: from }]);
  }
  const exported = exportsOf(target);
  if (names === undefined) return [...exported];
  return namesIn(names).map(([name, as]) => [as, exported.get(name) ?? missing(file, name, from)]);
}

function missing(file, name, from) {
  throw new Error(`${file} exports ${name} from ${from}, which does not have it`);
}

/** `a, type b as c` as pairs of the inner and the outer name. */
const namesIn = (list) =>
  list
    .split(',')
    .map((one) => one.trim().replace(/^type /, ''))
    .filter((one) => one !== '')
    .map((one) => {
      const [name, as = name] = one.split(' as ');
      return [name, as];
    });

/** The top-level declarations of a file, each with the docstring in front of it. */
function declarationsOf(source) {
  const found = [];
  let lines = [];
  let comment = false;
  let depth = 0;
  for (const line of source.split('\n')) {
    if (lines.length === 0 && line.trim() === '') continue;
    lines.push(line);
    comment ||= /^ *\/\*\*/.test(line);
    if (comment) {
      comment = !line.includes('*/');
      continue;
    }
    depth += count(line, /[{([]/g) - count(line, /[})\]]/g);
    if (depth > 0 || !/[;}]$/.test(line)) continue;
    const text = lines.join('\n');
    const [, name] =
      /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|let|function|enum|namespace) (\w+)/m.exec(
        text,
      ) ?? [];
    found.push({ name: /^(import|export (type )?[{*])/m.test(text) ? undefined : name, text });
    lines = [];
  }
  return found;
}

const count = (text, pattern) => text.match(pattern)?.length ?? 0;
