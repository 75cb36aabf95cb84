import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadPlugin, ModuleCache } from '../../src/plugin-loading/index.js';
import { file, folder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

/** Modules of which each fails to load with this error. */
class Failing extends ModuleCache {
  constructor(private readonly error: unknown) {
    super();
  }
  override import(): Promise<unknown> {
    return Promise.reject(this.error);
  }
}

const stacked = <T extends Error>(error: T, stack: string | undefined): T =>
  Object.defineProperty(error, 'stack', { value: stack });

describe('a plugin that does not load', () => {
  const root = folder();
  const entry = file('index.js', '', root);
  /** Why, behind the file. */
  const why = async (error: unknown): Promise<string> => {
    const modules = new Failing(error);
    const problem: Error = await loadPlugin(root, root, false, modules).then(
      () => new Error('it loads'),
      (thrown) => thrown,
    );
    expect(problem).toMatchObject({ code: 'ESP_PLUGIN_LOAD_FAILED', entry, cause: error });
    expect(modules.watchedPaths).toContain(root);
    return problem.message.replace(`${entry} failed to load: `, '');
  };

  it.each<[string, Error, string]>([
    [
      'a syntax error',
      stacked(
        new SyntaxError('Unexpected token'),
        'file:///p/a.js:17\nx y\n  ^\n\nSyntaxError: Unexpected token\n    at',
      ),
      'Unexpected token (file:///p/a.js:17)',
    ],
    [
      'a syntax error without a place',
      stacked(new SyntaxError('no module:7'), 'SyntaxError: no module:7\n    at link (node:internal:3)'),
      'no module:7',
    ],
    ['a syntax error without a stack', stacked(new SyntaxError('no export'), undefined), 'no export'],
    ['another error', stacked(new Error('no luck'), 'file:///p/a.js:7\nError: no luck'), 'no luck'],
  ])('is reported with the reason, and the place of a syntax error: %s', async (_name, error, expected) => {
    expect(await why(error)).toBe(expected);
  });

  it('is reported without the secrets in its error', async () => {
    expect(await why(new Error('https://dms:geheim@example.com/ is away'))).not.toContain('geheim');
  });
});

it.each(['plugin.ts', 'plugin.mts', 'plugin.cts'])('%s is rejected where JavaScript is required', async (name) => {
  const root = folder();
  const entry = file(name, 'export default 1;', root);
  await expect(loadPlugin(`./${name}`, root, false)).rejects.toMatchObject({
    code: 'ESP_PLUGIN_NOT_BUILT',
    message: `${entry} is TypeScript, but serve loads JavaScript: build it first`,
  });
});

it('a module that does not export a plugin is rejected', async () => {
  const root = folder();
  const entry = file('index.js', 'export default { name: "a" };', root);
  await expect(loadPlugin(root, root, false)).rejects.toMatchObject({
    code: 'ESP_PLUGIN_NO_DEFINITION',
    entry,
    message: `${entry} has no 'export default definePlugin({ ... })'`,
  });
});

describe('the paths that decide which code a plugin has', () => {
  const searched = async (use: string, directory: string) => {
    const modules = new ModuleCache();
    await loadPlugin(use, directory, true, modules).catch(() => undefined);
    return modules.watchedPaths;
  };

  it('are the folder, its package.json, and its folders of sources and built files', async () => {
    const path = join(folder(), 'p');
    expect(await searched('./p', join(path, '..'))).toEqual([
      path,
      ...['package.json', 'src', 'dist'].map((name) => join(path, name)),
    ]);
  });

  it('are these of the package in each node_modules upwards', async () => {
    const paths = ['/a/b', '/a', '/'].flatMap((above) => {
      const path = join(above, 'node_modules/no-such-package');
      return [path, ...['package.json', 'src', 'dist'].map((name) => join(path, name))];
    });
    expect(await searched('no-such-package', '/a/b')).toEqual(paths);
  });
});
