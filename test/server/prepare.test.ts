import { afterAll, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.js';
import { PluginStartError } from '../../src/host/index.js';
import { ListenError } from '../../src/server/errors.js';
import { prepare, problemsOf } from '../../src/server/prepare.js';
import { file, folder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

const config = () => {
  const path = file(
    'config.yaml',
    'application: { name: A }\nplugins: []\nlisteners:\n  http:\n    port: 5\n    token: 0123456789abcdef\n',
  );
  return { path, loaded: loadConfig(path) };
};

it('a port that is not available is a problem of its listener in the config', () => {
  const { path, loaded } = config();
  const error = new ListenError(new Error('no'), { host: 'h', port: 5 }, 'listeners.http');
  expect(problemsOf(error, loaded)).toEqual([
    expect.objectContaining({
      file: path,
      line: 5,
      message: expect.stringMatching(/^listeners\.http cannot be used: cannot listen on h:5: no/),
    }),
  ]);
});

it('any other error is a problem of the config as a whole, without secrets', () => {
  const { path, loaded } = config();
  const error = new Error('refused: https://me:hunter22@db.example/');
  const [problem, ...more] = problemsOf(error, loaded);
  expect(problem).toMatchObject({ file: path, line: 1, column: 1 });
  expect(problem?.message).toContain('refused');
  expect(problem?.message).not.toContain('hunter22');
  expect(more).toEqual([]);
  expect(problemsOf(error, undefined)).toEqual([{ ...problem, file: '' }]);
});

it('an error that a plugin throws as it loads is a problem of its code', async () => {
  const home = folder();
  const entry = file('index.js', '\nthrow new Error("no luck");\n', home);
  const loaded = loadConfig(file('config.yaml', 'application: { name: A }\nplugins: [{ use: . }]\n', home));
  const error = await prepare(loaded, { typescript: true }).catch((thrown: unknown) => thrown);
  expect(problemsOf(error, loaded)).toEqual([{ file: entry, line: 2, column: 7, message: 'failed to load: no luck' }]);
});

it('an error that a plugin throws as it starts is a problem of its entry in the config, unless its code is known', () => {
  const text = 'application: { name: A }\nplugins:\n  - use: ./one\n  - use: ./two\n';
  const loaded = loadConfig(file('config.yaml', text));
  const cause = new Error('no database');
  cause.stack = 'Error: no database';
  const failed = (use: string) =>
    problemsOf(new PluginStartError('ESP_HOST_PLUGIN_FAILED', use, 'plugin two: no database', { cause }), loaded);
  const message = expect.stringMatching(/^plugins\[1\]\.use cannot be used: plugin two: no database$/);
  expect(failed('./two')).toEqual([expect.objectContaining({ line: 4, column: 10, message })]);
  expect(failed('./elsewhere')).toEqual([expect.objectContaining({ line: 1, column: 1 })]);
  cause.stack = 'Error: no database\n    at start (/home/me/two.ts:3:4)';
  expect(failed('./two')).toMatchObject([{ file: '/home/me/two.ts', line: 3, column: 4 }]);
});
