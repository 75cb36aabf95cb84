import { afterAll, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.js';
import { ListenError } from '../../src/server/errors.js';
import { problemsOf } from '../../src/server/prepare.js';
import { file, removeFolders } from '../support/files.js';

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
