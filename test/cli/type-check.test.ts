import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TypeCheck } from '../../src/cli/type-check.js';
import { until } from '../support/eventually.js';
import { file, folder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

let project: string;
let printed: string[];
let wake: () => void;
let check: TypeCheck;

beforeEach(() => {
  project = folder();
  printed = [];
  wake = () => undefined;
  check = new TypeCheck(project, (text) => {
    printed.push(text);
    wake();
  });
  plugin('billing');
});
afterEach(() => check.stop());

/** A plugin of TypeScript with a package.json of its own. */
function plugin(name: string): void {
  mkdirSync(join(project, name));
  file('index.ts', 'export default 1;\n', join(project, name));
}

/** A compiler that says what is in wrong.txt beside its tsconfig.json. */
function compiler(): void {
  file('tsconfig.json', '{}', project);
  mkdirSync(join(project, 'node_modules/typescript'), { recursive: true });
  const to = join(project, 'node_modules/typescript');
  file('package.json', '{ "name": "typescript", "bin": { "tsc": "./tsc.cjs" } }', to);
  const said = `const { existsSync, readFileSync, writeFileSync } = require('node:fs');
    const path = ${JSON.stringify(join(project, 'wrong.txt'))};
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const [half, rest] = [text.slice(0, 9), text.slice(9)];
    process.stdout.write(half + rest.replace('OPTIONS', process.argv.slice(2).join(' ')));
    process.exitCode = text === '' ? 0 : 2;
    writeFileSync(${JSON.stringify(join(project, 'pid.txt'))}, String(process.pid));
    if (text.includes('HANG')) setInterval(() => undefined, 1000);`;
  file('tsc.cjs', said, to);
}

const wrong = (text: string) => file('wrong.txt', text, project);

/** The process of the compiler, when it has written its output. */
async function compilerPid(): Promise<number> {
  const path = join(project, 'pid.txt');
  await until(() => existsSync(path) && readFileSync(path, 'utf8') !== '', 'the compiler has started');
  return Number(readFileSync(path, 'utf8'));
}

/** Waits until the process has ended, and until its listeners know. */
async function gone(pid: number): Promise<void> {
  const isGone = (): boolean => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  };
  await until(isGone, 'the compiler has ended');
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

/** The lines so far, as soon as there are so many. */
async function lines(count: number): Promise<string[]> {
  while (printed.length < count) {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    await promise;
  }
  return printed;
}

describe('the types of plugins', () => {
  it('are reported if wrong, and once if they are correct again', async () => {
    compiler();
    wrong('billing/index.ts(13,127): error TS2322: no\n  more of it\nb.ts(1,2): OPTIONS\n');
    check.check(['./billing']);
    const options = `-p ${join(project, 'tsconfig.json')} --noEmit --pretty false`;
    expect(await lines(1)).toEqual([
      `types:\n  billing/index.ts:13:127: error TS2322: no\n    more of it\n  b.ts:1:2: ${options}\n`,
    ]);
    wrong('');
    check.check(['./billing']);
    expect((await lines(2)).slice(1)).toEqual(['types: no errors\n']);
    wrong('a.ts(1,1): again\n');
    check.check(['./billing']);
    expect((await lines(3)).slice(2)).toEqual(['types:\n  a.ts:1:1: again\n']);
  });

  it('of two plugins with one tsconfig.json are checked once, with the latest code', async () => {
    compiler();
    plugin('other');
    wrong('a.ts(1,1): wrong\n');
    check.check(['./billing']);
    check.check(['./billing', './other', './gone']);
    expect(await lines(1)).toEqual(['types:\n  a.ts:1:1: wrong\n']);
    wrong('');
    check.check(['./other']);
    expect((await lines(2)).slice(1)).toEqual(['types: no errors\n']);
  });

  it('are not reported if they were correct before', async () => {
    compiler();
    check.check(['./billing']);
    await gone(await compilerPid());
    expect(printed).toEqual([]);
  });

  it('are not reported if the compiler was killed, and it is killed at the end', async () => {
    compiler();
    wrong('a.ts(1,1): wrong HANG\n');
    check.check(['./billing']);
    const killed = await compilerPid();
    process.kill(killed);
    await gone(killed);
    file('pid.txt', '', project);
    check.check(['./billing']);
    const stopped = await compilerPid();
    check.stop();
    await gone(stopped);
    expect(printed).toEqual([]);
  });

  it('are not checked without a compiler, with one message', () => {
    file('tsconfig.json', '{}', project);
    check.check(['./billing']);
    check.check(['./billing']);
    expect(printed).toEqual([
      'types are not checked: TypeScript is not installed (npm install --save-dev typescript)\n',
    ]);
  });

  it('are not checked without a tsconfig.json, with one message', () => {
    check.check(['./billing']);
    check.check(['./billing']);
    expect(printed).toEqual([`types are not checked: no tsconfig.json in ${join(project, 'billing')} or above\n`]);
  });

  it('of JavaScript plugins are not checked', () => {
    mkdirSync(join(project, 'plain'));
    file('index.js', '', join(project, 'plain'));
    check.check(['./plain']);
    expect(printed).toEqual([]);
  });
});
