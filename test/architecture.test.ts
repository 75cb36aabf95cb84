import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseSync } from '@swc/core';

/** Arrows point down only: who may import whom. Types count as well as values. */

/** Any of Node's own modules, and any npm package but this one. */
const OUTSIDE = ['node:*', 'npm:*'];

/** What the mock platform may import of the host. */
const HOST = ['esp-host', 'esp-host/client', '#server', 'esp-host/testing', '#wire', ...OUTSIDE];

/** Folders and files of the mock platform. */
const mock = (...names: readonly string[]): string[] => names.map((name) => `mock-platform/${name}`);

/** What a running platform consists of. */
const PARTS = [
  ...[
    'export',
    'recording',
    'charts',
    'journal',
    'filter',
    'faults',
    'stubs',
    'relay',
    'interaction-server',
    'upstreams',
  ],
  ...['hot-reload', 'strategies', 'configuration', 'matching.ts', 'limits.ts', 'errors.ts'],
];

/**
 * Each part and what it may import beside its own files. `*` is one folder, and each such folder a part of its own.
 * `import(X)`: only with a dynamic import.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/esp': [],
  'src/wire': ['src/esp', 'node:buffer', 'iconv-lite'],
  'src/transport': ['src/wire', 'src/esp', ...OUTSIDE],
  'src/client': ['src/transport', 'src/wire', 'src/esp', ...OUTSIDE],
  'src/config': ['src/esp', ...OUTSIDE],
  'src/telemetry': ['src/config', 'src/esp', ...OUTSIDE],
  'src/redis': ['src/config', 'src/telemetry', 'src/esp', ...OUTSIDE],
  'src/state': ['src/redis', 'src/telemetry', 'src/esp', ...OUTSIDE],
  'src/host': ['src/config', 'src/state', 'src/telemetry', 'src/wire', 'src/esp', ...OUTSIDE],
  'src/plugin-loading': ['src/host', 'src/config', 'src/telemetry', 'src/esp', ...OUTSIDE],
  'src/adapters/*': [
    'src/host',
    'src/transport',
    'src/config',
    'src/state',
    'src/telemetry',
    'src/wire',
    'src/esp',
    ...OUTSIDE,
  ],
  'src/server': [
    'src/adapters/*',
    'src/plugin-loading',
    'src/host',
    'src/transport',
    'src/config',
    'src/redis',
    'src/state',
    'src/telemetry',
    'src/wire',
    'src/esp',
    ...OUTSIDE,
  ],
  'src/testing': [
    'src/server',
    'src/adapters/*',
    'src/host',
    'src/client',
    'src/transport',
    'src/config',
    'src/state',
    'src/telemetry',
    'src/wire',
    'src/esp',
    ...OUTSIDE,
  ],
  'src/doctor': [
    'src/server',
    'src/host',
    'src/client',
    'src/config',
    'src/redis',
    'src/state',
    'src/telemetry',
    'src/esp',
    ...OUTSIDE,
  ],
  'src/conform': ['src/client', 'src/wire', 'src/esp', ...OUTSIDE],
  'src/cli': ['src/*', 'src/adapters/*', 'import(#mock-platform)', ...OUTSIDE],
  /** The public entries. */
  'src/index.ts': ['src/esp', 'src/config', 'src/redis', 'src/state', 'src/host', 'src/telemetry', ...OUTSIDE],
  'src/client.ts': ['src/client', 'src/esp'],
  'src/wire.ts': ['src/client', 'src/transport', 'src/wire', 'src/esp'],
  'plugins/*': ['esp-host', ...OUTSIDE],
  /** The mock platform, bottom up: what is between the sockets first, then what is built from it. */
  'mock-platform/errors.ts': ['#wire'],
  'mock-platform/limits.ts': [],
  'mock-platform/matching.ts': [...mock('errors.ts'), ...HOST],
  /** Runs in a browser too. */
  'mock-platform/filter': [],
  'mock-platform/configuration': [...HOST],
  'mock-platform/strategies': [...mock('stubs', 'faults', 'configuration', 'errors.ts'), ...HOST],
  'mock-platform/hot-reload': [...HOST],
  'mock-platform/upstreams': [...mock('matching.ts', 'errors.ts'), ...HOST],
  'mock-platform/interaction-server': [...mock('configuration', 'limits.ts'), ...HOST],
  'mock-platform/relay': [...mock('configuration', 'limits.ts'), ...HOST],
  'mock-platform/stubs': [...mock('upstreams', 'matching.ts', 'errors.ts'), ...HOST],
  'mock-platform/faults': [...mock('relay', 'matching.ts', 'upstreams', 'errors.ts'), ...HOST],
  'mock-platform/journal': [
    ...mock('interaction-server', 'relay', 'stubs', 'configuration', 'filter', 'limits.ts', 'matching.ts'),
    ...HOST,
  ],
  'mock-platform/charts': [...mock('journal'), ...HOST],
  'mock-platform/recording': [...mock('journal', 'relay', 'configuration', 'limits.ts', 'errors.ts'), ...HOST],
  'mock-platform/export': [...mock('recording', 'journal', 'strategies', 'stubs', 'limits.ts', 'errors.ts'), ...HOST],
  'mock-platform/runtime': [...mock(...PARTS), ...HOST],
  'mock-platform/admin': [...mock('runtime', ...PARTS), ...HOST],
  'mock-platform/platform': [...mock('admin', 'runtime', ...PARTS), ...HOST],
  'mock-platform/index.ts': [...mock('platform', 'admin', 'runtime', ...PARTS), '#server'],
  'mock-platform/commands.ts': mock('index.ts', 'admin', 'export', 'platform', 'recording', 'runtime', 'strategies'),
  /** Runs in a browser: nothing from Node, and of the platform only the filter and the types of the admin API. */
  'mock-platform/console': [
    'preact',
    'yaml',
    ...['autocomplete', 'commands', 'lang-yaml', 'language', 'lint', 'state', 'view'].map(
      (name) => `@codemirror/${name}`,
    ),
    '@lezer/highlight',
    'mock-platform/filter',
    'type(mock-platform/admin)',
  ],
};

interface Import {
  readonly specifier: string;
  readonly dynamic: boolean;
  /** `import type` and the like: nothing is loaded. */
  readonly typeOnly: boolean;
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Path in the project -> text. */
type Sources = ReadonlyMap<string, string>;

function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value && typeof value.type === 'string') yield value as Node;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

/** The text of a string literal, or of a template without anything in it. */
function literal(node: unknown): string | undefined {
  const { type, value, quasis } = (node ?? {}) as { type?: string; value?: string; quasis?: { raw: string }[] };
  if (type === 'StringLiteral') return value;
  return type === 'TemplateLiteral' && quasis?.length === 1 ? quasis[0]?.raw : undefined;
}

/** The import that a node of the syntax tree is; one whose specifier is computed (a plugin's) is none. */
function importAt(node: Node): Import | undefined {
  const made = (specifier: string | undefined, dynamic: boolean, typeOnly: boolean): Import | undefined =>
    specifier === undefined ? undefined : { specifier, dynamic, typeOnly };
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return made(literal(node.source), false, node.typeOnly === true);
    case 'TsImportType':
      return made(literal(node.argument), false, true);
    case 'TsExternalModuleReference':
      return made(literal(node.expression), false, false);
    case 'CallExpression': {
      const callee = node.callee as Node;
      const [first] = node.arguments as { expression: unknown }[];
      if (callee.type === 'Import') return made(literal(first?.expression), true, false);
      return callee.type === 'Identifier' && callee.value === 'require'
        ? made(literal(first?.expression), false, false)
        : undefined;
    }
    default:
      return undefined;
  }
}

function importsOf(file: string, text: string): Import[] {
  const tree = parseSync(text, { syntax: 'typescript', decorators: true, tsx: file.endsWith('x') });
  return [...nodesOf(tree.body)].map(importAt).filter((found) => found !== undefined);
}

/** `src/adapters/esp/listener.ts` -> `src/adapters/esp`; a path outside of every part is one of its own. */
function partOf(path: string): string {
  const [top = '', second = '', third = ''] = path.split('/');
  return top === 'src' && second === 'adapters' ? `${top}/${second}/${third}` : `${top}/${second}`;
}

/** The row of the table that a part stands in. */
const rowOf = (part: string): string => part.replace(/^(src\/adapters|plugins)\/[^/]+$/, '$1/*');

/** Relative specifiers as paths of the project. */
const target = (file: string, specifier: string): string =>
  /^\.{1,2}(\/|$)/.test(specifier) ? posix.join(posix.dirname(file), specifier) : specifier;

function isAllowed(file: string, { specifier, dynamic, typeOnly }: Import): boolean {
  const part = partOf(file);
  const allowed = MAY_IMPORT[rowOf(part)] ?? [];
  if (dynamic && allowed.includes(`import(${specifier})`)) return true;
  const path = target(file, specifier);
  if (path === specifier) return isAllowedOutside(specifier, allowed);
  const wanted = partOf(path).replace(/\.js$/, '.ts');
  if (wanted === part) return true;
  if (!isEntry(path, wanted)) return false;
  if (typeOnly && allowed.includes(`type(${rowOf(wanted)})`)) return true;
  return allowed.includes(rowOf(wanted)) || (allowed.includes('src/*') && wanted.startsWith('src/'));
}

/** Whether a path is that of a part's index.ts, or that of a plugin's mock, or the part is that very file. */
const isEntry = (path: string, part: string): boolean =>
  path === `${part}/index.js` ||
  path === part.replace(/\.ts$/, '.js') ||
  (part.startsWith('plugins/') && path === `${part}/mock/index.js`);

function isAllowedOutside(specifier: string, allowed: readonly string[]): boolean {
  if (allowed.includes(specifier)) return true;
  if (isBuiltin(specifier)) return specifier.startsWith('node:') && allowed.includes('node:*');
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name === 'esp-host' || name.startsWith('#')) return false;
  return allowed.includes(name) || allowed.includes('npm:*');
}

/** Every import that the table does not allow: file, specifier, and what its part may import. */
function violations(sources: Sources): string[] {
  return [...sources].flatMap(([file, text]) => {
    const allowed = MAY_IMPORT[rowOf(partOf(file))];
    if (allowed === undefined) return [`${file}: '${partOf(file)}' has no row in the table`];
    return importsOf(file, text)
      .filter((found) => !isAllowed(file, found))
      .map(({ specifier }) => {
        const may = allowed.length === 0 ? 'nothing' : allowed.join(', ');
        return `${file}: may not import '${specifier}' (${partOf(file)} may import ${may})`;
      });
  });
}

/** What a file loads of the others. */
function loadsOf(sources: Sources, file: string): string[] {
  return importsOf(file, sources.get(file) ?? '')
    .filter(({ typeOnly }) => !typeOnly)
    .map(({ specifier }) => target(file, specifier).replace(/\.js(x?)$/, '.ts$1'))
    .filter((path) => sources.has(path));
}

/** Every chain of files that load each other in a ring, as `a.ts -> b.ts -> a.ts`. */
function cycles(sources: Sources): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, chain: readonly string[]): void => {
    if (chain.includes(file)) {
      found.push([...chain.slice(chain.indexOf(file)), file].join(' -> '));
    } else if (!done.has(file)) {
      for (const next of loadsOf(sources, file)) visit(next, [...chain, file]);
      done.add(file);
    }
  };
  for (const file of sources.keys()) visit(file, []);
  return found;
}

/** One file a row, which imports those of the rows that it may import. */
function tableAsSources(table: Readonly<Record<string, readonly string[]>>): Sources {
  const fileOf = (row: string): string => (row.endsWith('.ts') ? row : `${row.replace('*', 'any')}/index.ts`);
  const importOf = (from: string, to: string): string => {
    const path = posix.relative(posix.dirname(fileOf(from)), fileOf(to)).replace(/\.ts$/, '.js');
    return `import '${path.startsWith('.') ? path : `./${path}`}';`;
  };
  return new Map(
    Object.entries(table).map(([row, allowed]) => {
      const rows = Object.keys(table).filter((one) => allowed.includes(one));
      return [fileOf(row), rows.map((one) => importOf(row, one)).join('\n')];
    }),
  );
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Whoever needs no method that comes along takes `plugins` away. */
const isHere = (folder: string): boolean => existsSync(`${ROOT}${folder}`);

function read(folder: string): Sources {
  const files = readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll(sep, '/')}`)
    .filter((file) => /\.[mc]?tsx?$/.test(file) && !/\/(dist|node_modules)\/|\.test\.ts$/.test(file));
  return new Map(files.map((file) => [file, readFileSync(`${ROOT}${file}`, 'utf8')]));
}

describe('this project', () => {
  it.each(['src', 'plugins', 'mock-platform'].filter(isHere))('%s imports what it may', (folder) => {
    expect(violations(read(folder))).toEqual([]);
  });

  it('has source files of every kind', () => {
    const sources = read('src');
    expect([...sources.keys()]).toEqual(
      expect.arrayContaining(['src/index.ts', 'src/esp/fault.ts', 'src/cli/main.ts']),
    );
    expect(importsOf('src/cli/mock.ts', sources.get('src/cli/mock.ts') ?? '')).toContainEqual({
      specifier: '#mock-platform',
      dynamic: true,
      typeOnly: false,
    });
  });

  it.each(['src', 'mock-platform'])('%s has no import cycle', (folder) => expect(cycles(read(folder))).toEqual([]));
});

/** Words of the channels and applications that plugins bring. */
const DOMAIN = /whatsapp|contact|\bdms\b/i;

/** Every line of mock-platform with a domain word, as `file:line: text`. */
function domainWords(folder: string): string[] {
  const files = readdirSync(`${ROOT}${folder}`, { recursive: true, withFileTypes: true });
  return files
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll(sep, '/').slice(ROOT.length))
    .flatMap((path) => {
      const lines = [path, ...readFileSync(`${ROOT}${path}`, 'utf8').split('\n')];
      return lines.flatMap((line, index) => (DOMAIN.test(line) ? [`${path}:${index}: ${line.trim()}`] : []));
    });
}

describe('the mock platform', () => {
  it('has no domain words of plugins', () => {
    expect(domainWords('mock-platform')).toEqual([]);
  });

  it.each(['a WhatsApp number', 'the contacts of', 'as DMS does', '(dms)'])('would not have "%s"', (text) => {
    expect(text).toMatch(DOMAIN);
  });
});

describe('the definition of an import', () => {
  const specifiers = (text: string): string[] => importsOf('a.ts', text).map(({ specifier }) => specifier);

  it.each([
    [`import a from 'x';`],
    [`import * as a from "x";`],
    [`import { a,\n  b as c } from 'x'`],
    [`import 'x';`],
    [`import type { A } from 'x';`],
    [`import { type A } from 'x';`],
    [`export * from 'x';`],
    [`export { a } from 'x';`],
    [`export type { A } from 'x';`],
    [`const a = await import('x');`],
    ['const a = await import(`x`);'],
    [`let a: import('x').A;`],
    [`let a: typeof import('x');`],
    [`import a = require('x');`],
    [`const a = require('x');`],
    [`@a(() => import('x')) class B { constructor(@c() private readonly d: string) {} }`],
  ])('%j', (text) => expect(specifiers(text)).toEqual(['x']));

  it.each([
    [`// import a from 'x';`],
    [`/* import('x') */`],
    [`const a = "import a from 'x'";`],
    ["const a = `import a from 'x'`;"],
    [`const a = /import 'x'/;`],
    [`const a = await import(b);`],
    [`export const a = 'x';`],
    [`a.require('x');`],
  ])('is not: %j', (text) => expect(specifiers(text)).toEqual([]));
});

describe('the table', () => {
  const check = (file: string, text: string): string[] => violations(new Map([[file, text]]));

  it.each([
    ['src/esp/a.ts', `import './b.js'; import '../esp/c.js';`],
    ['src/wire/a.ts', `import '../esp/index.js'; import 'node:buffer'; import 'iconv-lite';`],
    ['src/client/a.ts', `import '../wire/index.js'; import 'node:net'; import '@scope/package/sub';`],
    ['src/adapters/esp/a.ts', `import '../../host/index.js'; import './b.js';`],
    ['src/server/a.ts', `import '../adapters/esp/index.js';`],
    ['src/cli/a.ts', `import '../host/index.js'; import '../index.js'; import('#mock-platform');`],
    ['src/index.ts', `export * from './esp/index.js'; import 'reflect-metadata';`],
    ['src/wire.ts', `export * from './wire/index.js';`],
    ['plugins/messaging/a/b.ts', `import 'esp-host'; import '../c.js'; import 'libphonenumber-js/max';`],
    ['mock-platform/console/a/b.tsx', `import '../c/d.js'; import 'preact/hooks'; import 'yaml';`],
    ['mock-platform/console/a/b.ts', `import type { A } from '../../admin/index.js';`],
    [
      'mock-platform/faults/a.ts',
      `import './b.js'; import '../relay/index.js'; import '../matching.js'; import 'zod';`,
    ],
    ['mock-platform/admin/routes/a.ts', `import '../b.js'; import '../../runtime/index.js'; import 'esp-host/client';`],
    ['mock-platform/index.ts', `export * from './platform/index.js';`],
  ])('allows %s: %s', (file, text) => expect(check(file, text)).toEqual([]));

  it.each([
    ['src/esp/a.ts', 'node:buffer'],
    ['src/esp/a.ts', 'zod'],
    ['src/esp/a.ts', '../wire/index.js'],
    ['src/wire/a.ts', 'node:net'],
    ['src/wire/a.ts', 'iconv-lite-umd'],
    ['src/wire/a.ts', '../transport/index.js'],
    ['src/wire/a.ts', '../wire.js'],
    ['src/transport/a.ts', '../client/index.js'],
    ['src/client/a.ts', '../host/index.js'],
    ['src/client/a.ts', 'esp-host'],
    ['src/config/a.ts', '../wire/index.js'],
    ['src/telemetry/a.ts', '../host/index.js'],
    ['src/host/a.ts', '../transport/index.js'],
    ['src/host/a.ts', '../plugin-loading/index.js'],
    ['src/plugin-loading/a.ts', '../server/index.js'],
    ['src/host/a.ts', '../adapters/esp/index.js'],
    ['src/host/a.ts', '../index.js'],
    ['src/adapters/http/a.ts', '../esp/index.js'],
    ['src/adapters/esp/a.ts', '../../client/index.js'],
    ['src/adapters/esp/a.ts', '../../host/dispatcher.js'],
    ['src/server/a.ts', '../cli/main.js'],
    ['src/testing/a.ts', '../cli/main.js'],
    ['src/server/a.ts', '../../mock-platform/index.js'],
    ['src/server/a.ts', '../../plugins/messaging/index.js'],
    ['src/cli/a.ts', '#mock-platform'],
    ['src/cli/a.ts', '../../mock-platform/index.js'],
    ['src/cli/a.ts', '../../plugins/messaging/index.js'],
    ['src/cli/a.ts', 'fs'],
    ['src/index.ts', './wire/index.js'],
    ['src/index.ts', './client/index.js'],
    ['src/wire.ts', './host/index.js'],
    ['plugins/messaging/a.ts', '../../src/esp/index.js'],
    ['plugins/messaging/a.ts', '../../mock-platform/index.js'],
    ['plugins/messaging/a.ts', '../billing/index.js'],
    ['plugins/messaging/a.ts', 'esp-host/client'],
    ['mock-platform/stubs/a.ts', '../../src/esp/index.js'],
    ['mock-platform/stubs/a.ts', '../../plugins/messaging/index.js'],
    ['mock-platform/stubs/a.ts', 'esp-host/mock'],
    ['mock-platform/stubs/a.ts', '../console/b.js'],
    ['mock-platform/stubs/a.ts', '../journal/index.js'],
    ['mock-platform/journal/a.ts', '../stubs/stub-set.js'],
    ['mock-platform/strategies/a.ts', '../platform/index.js'],
    ['mock-platform/runtime/a.ts', '../admin/index.js'],
    ['mock-platform/matching.ts', './limits.js'],
    ['mock-platform/console/a.tsx', 'node:fs'],
    ['mock-platform/console/a.tsx', 'esp-host'],
    ['mock-platform/console/a.tsx', '../whatsapp/index.js'],
  ])('forbids %s to import %s', (file, specifier) => {
    const [violation, ...more] = check(file, `import type { A } from '${specifier}';`);
    expect(violation).toContain(`${file}: may not import '${specifier}' (`);
    expect(more).toEqual([]);
  });

  it('forbids the console to load modules that it may only import types from', () => {
    expect(check('mock-platform/console/a.ts', `import { type A } from '../admin/index.js';`)).toHaveLength(1);
    expect(check('mock-platform/console/a.ts', `import type { A } from '../admin/schemas.js';`)).toHaveLength(1);
  });

  it('forbids a dynamic import of mock-platform outside cli', () => {
    expect(check('src/server/a.ts', `await import('../../mock-platform/index.js');`)).toHaveLength(1);
  });

  it.each([['src/news/a.ts'], ['mock-platform/news/a.ts'], ['mock-platform/news.ts']])(
    'has a row for every folder: %s has none',
    (file) => {
      const part = file.replace(/\/a\.ts$/, '');
      expect(check(file, '')).toEqual([`${file}: '${part}' has no row in the table`]);
    },
  );

  it('has no cycle of folders', () => expect(cycles(tableAsSources(MAY_IMPORT))).toEqual([]));

  it('fails with a cycle of folders', () => {
    const circle = { 'mock-platform/a': ['mock-platform/b.ts', 'zod'], 'mock-platform/b.ts': ['mock-platform/a'] };
    expect(cycles(tableAsSources(circle))).toEqual([
      'mock-platform/a/index.ts -> mock-platform/b.ts -> mock-platform/a/index.ts',
    ]);
  });
});

describe('a cycle', () => {
  const ring = (last: string): Sources =>
    new Map([
      ['src/a/a.ts', `import { b } from '../b/b.js';`],
      ['src/b/b.ts', `export * from './c.js';`],
      ['src/b/c.ts', last],
    ]);

  it.each([[`import '../a/a.js';`], [`import { type A } from '../a/a.js';`], [`await import('../a/a.js');`]])(
    'is found: %s',
    (last) => {
      expect(cycles(ring(last))).toEqual(['src/a/a.ts -> src/b/b.ts -> src/b/c.ts -> src/a/a.ts']);
    },
  );

  it('of one file is found', () => {
    expect(cycles(new Map([['src/a.ts', `import './a.js';`]]))).toEqual(['src/a.ts -> src/a.ts']);
  });

  it.each([[`import type { A } from '../a/a.js';`], [`let a: import('../a/a.js').A;`], [`import 'node:fs';`]])(
    'is none: %s',
    (last) => expect(cycles(ring(last))).toEqual([]),
  );
});
