import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../../src/config/index.js';
import type { LogLevel } from '../../src/telemetry/index.js';
import { LogLines } from '../support/log-lines.js';

const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** The one line that was written, without its time. */
function text(message: string, fields?: Record<string, unknown>): string {
  const log = new LogLines();
  log.logger.info(message, fields);
  expect(log.lines).toHaveLength(1);
  return (log.lines[0] ?? '').replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO {2}/, '');
}

function json(message: string, fields?: Record<string, unknown>): Record<string, unknown> {
  const log = new LogLines('info', 'json');
  log.logger.info(message, fields);
  expect(log.lines).toHaveLength(1);
  return JSON.parse(log.lines[0] ?? '');
}

class Circle {
  readonly self = this;
}

describe('a line of text', () => {
  it('has time, level, message and fields', () => {
    const log = new LogLines('debug');
    for (const level of LEVELS) log.logger[level](`a ${level}`, { count: 1 });
    expect(log.lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ''))).toEqual([
      'ERROR a error count=1',
      'WARN  a warn count=1',
      'INFO  a info count=1',
      'DEBUG a debug count=1',
    ]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ client: '127.0.0.1:5000' }, 'client=127.0.0.1:5000'],
    [{ text: 'two words' }, 'text="two words"'],
    [{ text: '' }, 'text=""'],
    [{ text: 'a="b"' }, String.raw`text="a=\"b\""`],
    [{ text: 'a\nb\u001b[31m\u009b' }, String.raw`text="a\nb\u001b[31m\u009b"`],
    [{ a: 1, b: true, c: null, d: undefined }, 'a=1 b=true c=null'],
    [{ list: ['a', { b: 1 }] }, 'list=["a",{"b":1}]'],
    [{ error: new Error('refused', { cause: new Error('no luck') }) }, 'error="refused; cause: no luck"'],
    [{ big: 5n, run: (): void => undefined }, 'big=5n run=[Function: run]'],
    [{ level: 'warn', message: 'other', timestamp: 'now' }, ''],
  ])('shows fields: %p', (fields, expected) => {
    expect(text('it', fields)).toBe(`it ${expected}`.trimEnd());
  });

  it('takes what has no JSON', () =>
    expect(text('it', { circle: new Circle(), big: 5n })).toMatch(/^it circle=\{.*\[\.\.\.\].* big=\S*5n/));

  it('stays one line, whatever the message says', () => {
    expect(text('a\r\n2026-01-01 ERROR forged\t\u001b[2J\u0085\u2028')).toBe(
      String.raw`a\r\n2026-01-01 ERROR forged\t\u001b[2J\u0085\u2028`,
    );
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.dictionary(fc.constantFrom('a', 'b'), fc.anything()),
        (message, fields) => {
          expect(text(message, fields)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        },
      ),
    );
  });

  it('has the stack behind it, set in', () => {
    expect(text('failed', { stack: 'Error: x\nforged\n    at y', code: 900 })).toBe(
      'failed code=900\n    Error: x\n    forged\n        at y',
    );
  });
});

describe('a line of JSON', () => {
  it('has time, level, message and fields', () => {
    const line = json('it\n', { count: 1, list: ['a'], gone: undefined, stack: 'Error: x\n  at y' });
    expect(line).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      level: 'info',
      message: 'it\n',
      count: 1,
      list: ['a'],
      stack: 'Error: x\n  at y',
    });
  });

  it('shows errors as their texts, and takes what has no JSON', () => {
    expect(
      json('it', { error: new Error('refused', { cause: 'no luck' }), circle: new Circle(), big: 5n }),
    ).toMatchObject({
      error: 'refused; cause: no luck',
      circle: { self: { self: '[...]' } },
    });
  });
});

describe('a child', () => {
  it('adds its fields to each line, and those of the line win', () => {
    const log = new LogLines('info', 'json');
    const child = log.logger.child({ plugin: 'a', method: 'b' });
    const grandchild = child.child({ method: 'c' });
    grandchild.info('one', { referenceId: 7 });
    grandchild.info('two', { plugin: 'd' });
    child.info('three');
    log.logger.info('four');
    expect(log.lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: 'one', plugin: 'a', method: 'c', referenceId: 7 },
      { message: 'two', plugin: 'd', method: 'c' },
      { message: 'three', plugin: 'a', method: 'b' },
      { message: 'four' },
    ]);
    expect(JSON.parse(log.lines[3] ?? '')).not.toHaveProperty('plugin');
  });

  it('leaves the fields that it was given as they are', () => {
    const fields = { error: new Error('x') };
    text('it', fields);
    expect(fields.error).toBeInstanceOf(Error);
  });
});

describe('the level', () => {
  it.each(LEVELS.map((level, index) => [level, LEVELS.slice(0, index + 1)] as const))(
    '%s lets through %j',
    (level, through) => {
      const log = new LogLines(level);
      const child = log.logger.child({ a: 1 });
      expect(LEVELS.filter((one) => log.logger.enabled(one))).toEqual(through);
      expect(LEVELS.filter((one) => child.enabled(one))).toEqual(through);
      for (const one of LEVELS) child[one](one);
      expect(log.lines).toHaveLength(through.length);
    },
  );
});

it.each([
  ['text', text],
  ['JSON', (...args: Parameters<typeof json>) => JSON.stringify(json(...args))],
] as const)('a secret never shows in %s', (_name, written) => {
  const password = new Secret('hunter2');
  const line = written(`login with ${password}`, {
    password,
    nested: { list: [password], map: new Map([['a', password]]) },
    big: [5n, password],
    circle: Object.assign(new Circle(), { password }),
    error: new Error(`refused ${password}`, { cause: password }),
  });
  expect(line).not.toContain('hunter2');
  expect(line).toContain('login with [secret]');
});
