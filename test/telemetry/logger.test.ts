import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../../src/config/index.js';
import { createLogger, type LogLevel, linesLost } from '../../src/telemetry/index.js';
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
    [{ big: 5n, run: (): void => undefined }, 'big=5n run="[Function: run]"'],
    [{ level: 'warn', message: 'other', timestamp: 'now' }, 'field_level=warn field_message=other field_timestamp=now'],
    [{ stack: 5 }, 'field_stack=5'],
  ])('shows fields: %p', (fields, expected) => {
    expect(text('it', fields)).toBe(`it ${expected}`.trimEnd());
  });

  it('accepts values without JSON', () =>
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
          expect(text(message, fields)).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u);
        },
      ),
    );
  });

  it('ends with the stack, indented', () => {
    expect(text('failed', { stack: 'Error: x\nforged\n    at y', code: 900 })).toBe(
      'failed code=900\n    Error: x\n    forged\n        at y',
    );
  });
});

describe('a long line', () => {
  const long = 'x'.repeat(1_000_000);

  it.each(['text', 'json'] as const)('is cut in each of its parts, and says by how much, as %s', (format) => {
    const log = new LogLines('info', format);
    const stack = Array.from({ length: 10_000 }, (_, index) => `at ${index}`).join('\n');
    log.logger.info(`a ${long}`, { name: long, list: Array.from({ length: 1000 }, () => 'y'), [long]: 1, stack });
    const line = log.lines.join('\n');
    expect(line.length).toBeLessThan(32_000);
    expect(line).toContain('... (992002 more characters)');
    expect(line).toContain('... (998000 more characters)');
    expect(line).toContain('... (802 more)');
    expect(line).toContain(`... (${stack.length - 8_000} more characters)`);
  });

  it.each(['text', 'json'] as const)('is short also where each sign is escaped, as %s', (format) => {
    const log = new LogLines('info', format);
    const nasty = '\u202e'.repeat(1_000_000);
    log.logger.info(nasty, { a: nasty, b: nasty, c: { [nasty]: nasty }, stack: nasty });
    expect(log.lines.join('\n').length).toBeLessThan(32_000);
  });

  it('is short also where many short fields are escaped', () => {
    const fields = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, '\u202e'.repeat(250)]));
    expect(text('it', fields).length).toBeLessThan(32_000);
  });

  it('has bounded fields, even if each of them is short', () => {
    const fields = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`k${index}`, 'x'.repeat(300)]));
    expect(text('it', fields).length).toBeLessThan(25_000);
  });

  it('says how many entries of an object it omits', () => {
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index]));
    expect(json('it', { wide }).wide).toMatchObject({ '...': '101 more' });
  });

  it('has bounded fields, however many and however wide they are', () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, `${index}`]));
    const deep = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`);
    for (const fields of [wide, { wide }, { sparse: new Array(4_000_000_000), bytes: Buffer.alloc(1e7), deep }]) {
      expect(text('it', fields).length).toBeLessThan(32_000);
    }
  });

  it('shows no part of a secret at the cut even if masking has shortened the text before it', () => {
    const masked = `Bearer ${'h1'.repeat(300)}`;
    // Where the margin behind the cut ends inside the secret, too little of it is left to recognise.
    for (let before = 2_230; before < 2_250; before++) {
      const line = text('it', {
        a: `${masked} ${'x'.repeat(before - masked.length)} Bearer ${'q7'.repeat(60)}`.padEnd(9_000),
      });
      expect(line).toContain('Bearer ***');
      expect(line).not.toMatch(/q7/);
    }
  });

  it('shows no part of a secret at the cut', () => {
    for (let before = 1_900; before < 2_010; before += 3) {
      const secret = 'h1'.repeat(60);
      const line = text('it', { a: `${'x'.repeat(before)} Bearer ${secret}`, b: `${'x'.repeat(before)}+16315551002` });
      expect(line).not.toMatch(/h1|1631/);
    }
  });
});

describe('an unreadable field', () => {
  const throwing = (): never => {
    throw new Error('not to be read');
  };
  const proxy = new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing, ownKeys: throwing });
  const again = { toJSON: (): unknown => again };
  const overflowing = { toJSON: (): unknown => overflowing.toJSON() };

  it.each<[string, unknown, string]>([
    ['a proxy', proxy, '"[unreadable]"'],
    ['a revoked proxy', revoked(), '"[unreadable]"'],
    [
      'a getter',
      {
        get a() {
          return throwing();
        },
      },
      '"[unreadable]"',
    ],
    ['a toJSON that throws', { toJSON: throwing }, '"[unreadable]"'],
    ['a toJSON that gives itself', again, '"[...]"'],
    ['a toJSON that never ends', overflowing, '"[unreadable]"'],
    ['an array that contains itself', [revoked()], '["[unreadable]"]'],
    ['bytes', new Uint8Array(5), '"[5 bytes]"'],
    ['a map', new Map([['a', 'b']]), '{}'],
    ['a symbol', Symbol('s'), '"Symbol(s)"'],
    ['an own __proto__', JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
  ])('costs no more than its value: %s', (_name, value, expected) => {
    expect(text('it', { field: value, other: 1 })).toBe(`it field=${expected} other=1`);
  });

  it('costs the line if it is a field of the line itself, and is counted', () => {
    const log = new LogLines();
    const before = linesLost.failed;
    log.logger.info('it', Object.defineProperty({}, 'a', { get: throwing, enumerable: true }));
    log.logger.child({ a: 1 }).info('it', proxy);
    expect(linesLost.failed).toBe(before + 2);
    log.logger.info('next');
    expect(log.lines).toEqual([expect.stringMatching(/next$/)]);
  });

  it('does not replace what every line has', () => {
    const fields = JSON.parse('{"__proto__":{"level":"x"},"constructor":1,"level":"debug","timestamp":"now"}');
    expect(text('it', fields)).toBe('it __proto__={"level":"x"} constructor=1 field_level=debug field_timestamp=now');
    expect(json('it', { message: 'other' })).toMatchObject({ message: 'it', field_message: 'other' });
    expect(json('it', fields)).toMatchObject({
      level: 'info',
      constructor: 1,
      timestamp: expect.stringMatching(/^20/),
    });
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

it('masks a field whose name is that of a secret', () => {
  expect(text('it', { password: 'hunter2', user: 'ann' })).toBe('it password="***" user=ann');
});

it.each(['text', 'json'] as const)(
  'no sign of a line steers a terminal, and lone surrogates break no JSON, as %s',
  (format) => {
    const signs = '\u001b[2J\u009b2J\u007f\u202e\u2066\u2069\u200f\u061c\u2028\ud800 \udc00 \u{1f600}';
    const log = new LogLines('info', format);
    log.logger.info(signs, { [signs]: signs, nested: [{ [signs]: signs }], stack: `Error: ${signs}\n at ${signs}\r` });
    const line = log.lines.join('\n');
    expect(line.replaceAll('\n    ', '')).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028]/u);
    expect(line.match(/\u{1f600}/gu)?.length).toBeGreaterThanOrEqual(6);
    if (format === 'json') expect(JSON.parse(line)).toMatchObject({ message: signs, [signs]: signs });
  },
);

it('a stream that fails or throws loses its lines, and they are counted', () => {
  const before = linesLost.write;
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('full')) });
  createLogger({ level: 'info', format: 'text' }, stream).info('lost');
  const thrower = Object.assign(new Writable(), {
    write: (): never => {
      throw new Error('no');
    },
  });
  const logger = createLogger({ level: 'info', format: 'text' }, thrower);
  logger.info('lost');
  logger.info('lost');
  expect(linesLost.write).toBe(before + 2);
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

  it('shows errors as their texts, and accepts values without JSON', () => {
    expect(
      json('it', { error: new Error('refused', { cause: 'no luck' }), circle: new Circle(), big: 5n }),
    ).toMatchObject({
      error: 'refused; cause: no luck',
      circle: { self: { self: '[...]' } },
    });
  });
});

describe('a child', () => {
  it('adds its fields to each line; those of the line take precedence', () => {
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

  it('does not change the given fields', () => {
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
