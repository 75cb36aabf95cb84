import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { COMPILER_OPTIONS, JEST_CONFIG } from '../../src/cli/new/project.js';
import { notesOf } from './notes.js';
import type { Block } from './page.js';

/** A TypeScript block and its project. */
export interface Snippet {
  readonly page: string;
  readonly block: Block;
  /** One project per page, or one for pages whose snippets import each other. */
  readonly project: string;
  /** Whether a command of the page runs it, so that it is only compiled. */
  readonly isScript?: boolean;
}

interface Written extends Snippet {
  /** Its file, relative to the home folder. */
  readonly path: string;
}

/** As created by `npx esp-host new`. */
const TSCONFIG = { compilerOptions: { ...COMPILER_OPTIONS, noEmit: true }, include: ['**/*.ts'] };

/** Snippets as the sources of a project that depends on this package. */
export class Snippets {
  readonly #written: Written[];

  constructor(
    readonly home: string,
    readonly environment: NodeJS.ProcessEnv,
    snippets: readonly Snippet[],
  ) {
    this.#written = snippets.map((snippet) => ({ ...snippet, path: pathOf(snippet) }));
    for (const { path, block } of this.#written) this.#write(path, block.text);
    this.#write('package.json', JSON.stringify({ name: 'own', type: 'module' }));
    this.#write('tsconfig.json', JSON.stringify(TSCONFIG));
    this.#write('jest.config.mjs', JEST_CONFIG);
  }

  /** @returns the compiler's errors, each as `page:line: ...` */
  typeErrors(): string[] {
    const { text } = this.#tool('typescript/bin/tsc', '-p', '.', '--pretty', 'false');
    return text
      .split(/\n(?=\S)/)
      .filter((message) => message.trim() !== '')
      .map((message) => {
        const [, path = '', line = '', rest = message] = /^(.*?)\((\d+),\d+\): (.*)$/s.exec(message.trim()) ?? [];
        return `${this.#place(path, Number(line)) ?? path}: ${rest}`;
      });
  }

  /**
   * Runs snippets that are tests, and imports those without a test: a plugin declares its methods, a script runs.
   *
   * @returns failures, each as `page:line: ...`
   */
  failures(): string[] {
    const loaded = this.#written.filter(({ isScript }) => isScript !== true);
    const tests = new Set(loaded.map(({ path }) => testOf(path)));
    for (const { path } of loaded) {
      if (!this.#written.some((one) => one.path === testOf(path))) this.#write(testOf(path), loads(path));
    }
    const { text } = this.#tool('jest/bin/jest.js', ...JEST_WORDS);
    const { testResults } = JSON.parse(readFileSync(join(this.home, 'results.json'), 'utf8')) as JestResults;
    const failed = testResults.filter(({ status }) => status !== 'passed');
    const missing = tests.size - testResults.length;
    return [
      ...failed.map(({ name, message }) => `${this.#place(relative(this.home, name), 1)}: ${message.trim()}`),
      ...(missing === 0 ? [] : [`${missing} snippets were not run:\n${text}`]),
    ];
  }

  #place(path: string, line: number): string | undefined {
    const of = this.#written.find((one) => one.path === path || testOf(one.path) === path);
    return of && `${of.page}:${of.block.line + line - 1}`;
  }

  #write(path: string, text: string): void {
    const target = join(this.home, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }

  #tool(path: string, ...words: string[]): { text: string } {
    const node = ['--experimental-vm-modules', '--no-warnings', join(this.home, 'node_modules', path), ...words];
    const env = { PATH: process.env.PATH, ...this.environment };
    const { stdout, stderr } = spawnSync(process.execPath, node, { cwd: this.home, encoding: 'utf8', env });
    return { text: stdout + stderr };
  }
}

/** A snippet that fails may leave servers open: `--forceExit`. */
const JEST_WORDS = ['--runInBand', '--forceExit', '--testTimeout=30000', '--json', '--outputFile=results.json'];

interface JestResults {
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly message: string }[];
}

const isTest = ({ text }: Block): boolean => text.includes(`from '@jest/globals'`);

function pathOf({ block, project }: Snippet): string {
  const { file = `line-${block.line}${isTest(block) ? '.test' : ''}.ts` } = notesOf(block);
  return `snippets/${project}/${file}`;
}

const testOf = (path: string): string => path.replace(/(\.test)?\.ts$/, '.test.ts');

const loads = (path: string): string => `import { it } from '@jest/globals';

it('loads', async () => {
  await import('./${path.slice(path.lastIndexOf('/') + 1).replace(/ts$/, 'js')}');
});
`;
