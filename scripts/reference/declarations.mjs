/** The declarations of the build (`.d.ts`): what a module exports, from where, and which other declarations it names. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from '@swc/core';

const modules = new Map();

/** File -> its declarations, imports and exports by name. */
function moduleOf(file) {
  if (!modules.has(file)) modules.set(file, read(file));
  return modules.get(file);
}

function read(file) {
  // The offsets of a syntax tree begin where those of the previous one ended: the first statement shows where.
  const source = Buffer.from(`;${readFileSync(file, 'utf8')}`);
  const [{ span: first }, ...statements] = parseSync(source.toString(), { syntax: 'typescript' }).body;
  const module = { file, declarations: new Map(), imports: new Map(), exports: new Map(), stars: [] };
  let end = first.end;
  for (const statement of statements) {
    const text = source
      .subarray(end - first.start, statement.span.end - first.start)
      .toString()
      .trim();
    end = statement.span.end;
    enter(module, statement, text);
  }
  return module;
}

function enter(module, statement, text) {
  const { type, source, specifiers = [] } = statement;
  const from = source?.value;
  if (type === 'ImportDeclaration') {
    for (const one of specifiers) {
      module.imports.set(one.local.value, { from, name: one.imported?.value ?? one.local.value });
    }
  } else if (type === 'ExportAllDeclaration') {
    module.stars.push(from);
  } else if (type === 'ExportNamedDeclaration') {
    for (const { orig, exported } of specifiers) {
      module.exports.set((exported ?? orig).value, { from, name: orig.value });
    }
  } else {
    const node = type === 'ExportDeclaration' ? statement.declaration : statement;
    for (const name of namesOf(node)) {
      const parts = module.declarations.get(name) ?? [];
      module.declarations.set(name, [...parts, { text, node }]);
      if (type === 'ExportDeclaration') module.exports.set(name, { name });
    }
  }
}

const namesOf = ({ declarations, identifier, id }) =>
  declarations?.map((one) => one.id.value) ??
  [identifier ?? id].filter((one) => one !== undefined).map((one) => one.value);

/** The declaration that a name of a module means: its file, name and parts, or the package that it comes from. */
function resolve(module, { from, name }) {
  if (from === undefined) {
    const imported = module.imports.get(name);
    if (imported !== undefined) return resolve(module, imported);
    const parts = module.declarations.get(name);
    return parts && { key: `${module.file}#${name}`, name, parts, module };
  }
  const file = fileOf(module.file, from);
  return file === undefined ? { package: from } : exported(moduleOf(file), name);
}

function exported(module, name) {
  const own = module.exports.get(name);
  if (own !== undefined) return resolve(module, own);
  for (const from of module.stars) {
    const found = exported(moduleOf(fileOf(module.file, from)), name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Modules of the package under their internal names. */
const INTERNAL = {
  'esp-host': 'dist/src/index.d.ts',
  '#server': 'dist/src/server/index.d.ts',
  '#wire': 'dist/src/wire.d.ts',
};

function fileOf(file, from) {
  const root = file.slice(0, file.lastIndexOf('dist/'));
  const path = from.startsWith('.')
    ? join(dirname(file), from.replace(/\.js$/, '.d.ts'))
    : join(root, INTERNAL[from] ?? '');
  return path.endsWith('.d.ts') && existsSync(path) ? path : undefined;
}

/** Name -> declaration of everything that a module exports. */
export function exportsOf(file) {
  const module = moduleOf(file);
  const names = new Set(module.exports.keys());
  for (const from of module.stars) for (const name of exportsOf(fileOf(file, from)).keys()) names.add(name);
  return new Map([...names].sort().map((name) => [name, exported(module, name)]));
}

const named = new Map();

/** The declarations of the package that a declaration names. */
export function namedBy(declaration) {
  if (!named.has(declaration.key)) named.set(declaration.key, findNamed(declaration));
  return named.get(declaration.key);
}

function findNamed({ module, parts }) {
  const found = parts.flatMap(({ node }) => {
    const own = new Set(parametersOf(node));
    return [...namesIn(node)].filter((name) => !own.has(name));
  });
  return [...new Set(found)]
    .map((name) => resolve(module, { name }))
    .filter((one) => one !== undefined && one.package === undefined);
}

function* nodesIn(value) {
  if (typeof value !== 'object' || value === null) return;
  if (typeof value.type === 'string') yield value;
  for (const child of Object.values(value)) yield* nodesIn(child);
}

const parametersOf = (node) =>
  [...nodesIn(node)].filter(({ type }) => type === 'TsTypeParameter').map(({ name }) => name.value);

/** The names in the places of types, `a` of `a.b`. */
function* namesIn(node) {
  for (const { type, typeName, expression, exprName, superClass } of nodesIn(node)) {
    const name =
      { TsTypeReference: typeName, TsExpressionWithTypeArguments: expression, TsTypeQuery: exprName }[type] ??
      superClass;
    const first = leftmost(name);
    if (first !== undefined) yield first;
  }
}

const leftmost = (name) =>
  name === undefined || name === null
    ? undefined
    : name.type === 'Identifier'
      ? name.value
      : leftmost(name.left ?? name.object);
