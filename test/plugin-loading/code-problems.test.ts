import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codeProblems } from '../../src/plugin-loading/index.js';

const thrown = (...frames: string[]): Error => {
  const error = new Error('broken');
  error.stack = ['Error: broken', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
};

describe('the place of an error in a plugin', () => {
  it('is each place that does not compile, with the message of the compiler', () => {
    const location = { file: 'plugins/a.ts', line: 3, column: 4 };
    const error = Object.assign(new Error('Build failed'), {
      errors: [
        { text: 'no such name', location },
        { text: 'nowhere', location: null },
      ],
    });
    expect(codeProblems(error, 'message')).toEqual([
      { file: resolve('plugins/a.ts'), line: 3, column: 5, message: 'no such name' },
    ]);
  });

  it('is that of a syntax error', () => {
    const error = new SyntaxError('Unexpected token');
    error.stack = "file:///home/me/plugins/a.js?load=3:7\n  const = 1;\n        ^\n\nSyntaxError: Unexpected token '='";
    expect(codeProblems(error, 'text')).toEqual([
      { file: '/home/me/plugins/a.js', line: 7, column: 9, message: 'text' },
    ]);
    error.stack = '/home/me/plugins/a.cjs:12\nfoo bar\n^\n\nSyntaxError: no';
    expect(codeProblems(error, 'text')).toEqual([
      { file: '/home/me/plugins/a.cjs', line: 12, column: 1, message: 'text' },
    ]);
  });

  it('is the innermost frame of the plugin itself, not of Node, a package or the host', () => {
    const own = `file://${resolve('src/host/host.ts')}:1:2`;
    const error = thrown(
      'node:internal/x:1:2',
      'internal (native)',
      'f (/home/me/node_modules/p/index.js:1:2)',
      `Host.start (${own})`,
      'async Pay.handle (file:///home/me/plugins/pay.ts?bundle=5:30:11)',
      '/home/me/plugins/other.ts:1:2',
    );
    const found = { file: '/home/me/plugins/pay.ts', line: 30, column: 11, message: 'text' };
    expect(codeProblems(error, 'text')).toEqual([found]);
    expect(codeProblems(thrown('/home/me/plugins/other.ts?load=1:4:6'), 'text')).toEqual([
      { file: '/home/me/plugins/other.ts', line: 4, column: 6, message: 'text' },
    ]);
    expect(codeProblems(thrown('new Pay (C:\\me\\pay.ts:4:6)'), 'text')).toEqual([
      { file: 'C:\\me\\pay.ts', line: 4, column: 6, message: 'text' },
    ]);
  });

  it('may be in a folder with brackets in its name', () => {
    const place = { file: '/home/me (old)/a.ts', line: 4, column: 6, message: 'text' };
    expect(codeProblems(thrown('/home/me (old)/a.ts:4:6'), 'text')).toEqual([place]);
    expect(codeProblems(thrown('f (/home/me (old)/a.ts:4:6)'), 'text')).toEqual([place]);
  });

  it('is not read from the message of an error', () => {
    const error = thrown('/home/me/plugins/a.ts:4:6');
    error.stack = `Error: see\nother.js:3\nx = 1\n^\n    or at /home/me/b.ts:1:2\n${error.stack}`;
    expect(codeProblems(error, 'text')).toEqual([
      { file: '/home/me/plugins/a.ts', line: 4, column: 6, message: 'text' },
    ]);
  });

  it('is unknown if the error does not say', () => {
    const bare = new Error('x');
    delete bare.stack;
    expect(codeProblems('a text', 'text')).toEqual([]);
    expect(codeProblems(undefined, 'text')).toEqual([]);
    expect(codeProblems(bare, 'text')).toEqual([]);
    expect(codeProblems(thrown('node:fs:1:2', 'f (plugins/a.ts:1:2)'), 'text')).toEqual([]);
    expect(codeProblems(Object.assign(thrown(), { errors: ['x'] }), 'text')).toEqual([]);
    expect(codeProblems(Object.assign(thrown(), { errors: [null] }), 'text')).toEqual([]);
  });
});
