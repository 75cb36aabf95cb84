import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadHttpStubs, loadStrategy, loadStubs } from 'esp-host/mock';
import { parse, stringify } from 'yaml';
import { loadYaml } from '#server';
import { platformSchema } from '../../mock-platform/configuration/index.js';
import { parseConfig } from '../../src/config/index.js';
import { messageFromJson } from '../../src/esp/index.js';
import { file, folder, ROOT } from '../support/files.js';
import { fits } from '../support/json-schema.js';
import type { Block } from './page.js';

/** YAML and JSON blocks, each loaded as the file that it is a part of. */

type Tree = Record<string, unknown>;

interface Fragment {
  readonly text: string;
  readonly tree: unknown;
  /** The blocks above it on the page. */
  readonly above: readonly Block[];
}

interface Kind {
  readonly name: string;
  readonly is: (fragment: Fragment) => boolean;
  /** @throws Error if it is invalid */
  readonly check: (fragment: Fragment) => void;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

const keysOf = (tree: unknown): string[] => (isTree(tree) ? Object.keys(tree) : []);

const among =
  (...names: readonly string[]) =>
  ({ tree }: Fragment): boolean =>
    keysOf(tree).length > 0 && keysOf(tree).every((key) => names.includes(key));

const all = (tree: unknown, is: (one: unknown) => boolean): boolean =>
  Array.isArray(tree) && tree.length > 0 && tree.every(is);

const has =
  (...names: readonly string[]) =>
  (tree: unknown): boolean =>
    keysOf(tree).some((key) => names.includes(key));

const KINDS: readonly Kind[] = [
  {
    name: 'config.yaml',
    is: among('application', 'channels', 'plugins', 'listeners', 'state', 'limits', 'logging'),
    check: checkConfig,
  },
  {
    name: 'platform.yaml',
    is: among('interactionServer', 'applications', 'console', 'strategies', 'upstreams'),
    check: checkPlatform,
  },
  {
    name: 'a file of HTTP stubs',
    is: ({ tree, text }) => has('stubs')(tree) && /\bpath: /.test(text),
    check: ({ text }) => void loadHttpStubs(file('stubs.http.yaml', text)),
  },
  {
    name: 'a file of stubs',
    is: ({ tree }) => has('stubs')(tree),
    check: ({ text }) => void loadStubs(file('stubs.yaml', text)),
  },
  {
    name: 'a stub, or several',
    is: ({ tree }) => has('answer', 'answers')(tree) || all(tree, has('answer', 'answers')),
    check: ({ tree }) => void loadStubs(file('stubs.yaml', stringify({ stubs: [tree].flat() }))),
  },
  {
    name: 'a strategy',
    is: ({ tree }) => has('steps')(tree),
    check: ({ text }) => void loadStrategy(file('strategy.yaml', text)),
  },
  {
    name: 'the tests of the strategy above',
    is: among('tests'),
    check: ({ text, above }) => void loadStrategy(file('strategy.yaml', strategyIn(above) + text)),
  },
  { name: 'steps of a workflow', is: ({ tree }) => all(tree, has('run')), check: () => undefined },
];

function checkConfig({ tree }: Fragment): void {
  const whole = { application: { name: 'DMS' }, ...(tree as Tree) };
  const text = stringify(whole);
  const named = [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => [name, 'a-value-of-the-environment']);
  parseConfig(text, 'config.yaml', Object.fromEntries(named));
  if (!fits(JSON.parse(readFileSync(join(ROOT, 'config.schema.json'), 'utf8')), whole)) {
    throw new Error('it does not fit config.schema.json');
  }
}

function checkPlatform({ tree }: Fragment): void {
  const home = folder();
  cpSync(join(ROOT, 'stubs'), join(home, 'stubs'), { recursive: true });
  // The page shows this file too.
  file('billing.http.yaml', 'stubs: []\n', join(home, 'stubs'));
  const shipped = parse(readFileSync(join(ROOT, 'platform.yaml'), 'utf8')) as Tree;
  loadYaml(file('platform.yaml', stringify({ ...shipped, ...(tree as Tree) }), home), platformSchema);
}

function strategyIn(blocks: readonly Block[]): string {
  const strategy = blocks.findLast(({ kind, text }) => kind === 'yaml' && has('steps')(parse(text)));
  return strategy?.text ?? '';
}

/** @returns errors */
export function checkYaml({ text }: Pick<Block, 'text'>, above: readonly Block[]): string[] {
  return told(() => {
    const fragment = { text, tree: parse(text), above };
    const kind = KINDS.find(({ is }) => is(fragment));
    if (kind === undefined) throw new Error(`it is none of: ${KINDS.map(({ name }) => name).join(', ')}`);
    try {
      kind.check(fragment);
    } catch (error) {
      throw new Error(`as ${kind.name}: ${(error as Error).message}`);
    }
  });
}

/** @returns errors */
export function checkJson({ text }: Pick<Block, 'text'>): string[] {
  return told(() => {
    const tree: unknown = JSON.parse(text);
    if (has('messageId')(tree)) messageFromJson(tree);
  });
}

function told(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** The commands of a YAML block with workflow steps, one per line. */
export function workflowOf({ kind, text }: Block): string | undefined {
  if (kind !== 'yaml') return undefined;
  const tree: unknown = parse(text);
  return all(tree, has('run')) ? (tree as { run: string }[]).map(({ run }) => `${run}\n`).join('') : undefined;
}
