import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';
import { type LogLevel, RationedLog, type RootLogger } from '../../src/telemetry/index.js';
import { LogLines } from '../support/log-lines.js';

const SECOND = 1000;

let clock: FakeClock;
let written: LogLines;
let log: RationedLog;

function start(level: LogLevel = 'info'): void {
  clock = new FakeClock();
  written = new LogLines(level);
  log = new RationedLog(written.logger, clock);
}

beforeEach(() => start());

/** Each line's text and fields, without its time. */
const lines = (): string[] => written.lines.map((line) => line.replace(/^\S+ /, ''));

/** Writes lines of one kind and client with these numbers. */
function write(numbers: readonly number[], kind = 'kind', client = '10.0.0.1'): void {
  for (const number of numbers) {
    log.write(
      'warn',
      kind,
      client,
      () => `${kind} no. ${number}`,
      () => ({ client }),
    );
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('lines of one kind and client', () => {
  it('are written at once, and then counted in one line per second', () => {
    write(upTo(1));
    expect(lines()).toEqual(['WARN  kind no. 1 client=10.0.0.1']);
    write(upTo(1000));
    clock.advance(SECOND - 1);
    expect(lines()).toHaveLength(1);
    clock.advance(1);
    write([1001]);
    expect(lines().slice(1)).toEqual(['WARN  kind no. 1000 client=10.0.0.1 times=1000']);
    clock.advance(SECOND);
    expect(lines().slice(2)).toEqual(['WARN  kind no. 1001 client=10.0.0.1']);
  });

  it('are written at once again after a second without any', () => {
    write([1]);
    clock.advance(SECOND);
    write([2]);
    expect(lines()).toHaveLength(2);
    clock.advance(10 * SECOND);
    expect(lines()).toHaveLength(2);
  });

  it('create their texts only if they are written', () => {
    let made = 0;
    const text = (): string => `${++made}`;
    for (const _ of upTo(1000)) log.write('warn', 'kind', '10.0.0.1', text);
    clock.advance(SECOND);
    expect(made).toBe(2);
    for (const _ of upTo(1000)) log.write('debug', 'kind', '10.0.0.1', text);
    clock.advance(SECOND);
    expect(made).toBe(2);
  });

  it('are all written at level debug', () => {
    start('debug');
    write(upTo(5));
    expect(lines()).toHaveLength(5);
  });

  it('are written on close', () => {
    write(upTo(5));
    log.close();
    expect(lines().slice(1)).toEqual(['WARN  kind no. 5 client=10.0.0.1 times=4']);
    clock.advance(10 * SECOND);
    expect(lines()).toHaveLength(2);
  });
});

describe('lines of different kinds or clients', () => {
  it('are rationed separately', () => {
    write([1], 'one', '10.0.0.1');
    write([1], 'two', '10.0.0.1');
    write([1], 'one', '10.0.0.2');
    expect(lines()).toHaveLength(3);
  });

  it('do not flood the log, however many clients there are', () => {
    for (const number of upTo(1000)) write([1], 'kind', `c1-${number}`);
    const first = lines().length;
    // 200 pairs of their own, and one that all others share.
    expect(first).toBe(201);
    for (const number of upTo(1000)) write([2], 'kind', `c2-${number}`);
    expect(lines()).toHaveLength(first);
    clock.advance(SECOND);
    expect(lines().slice(first)).toEqual(['WARN  kind no. 2 client=c2-1000 times=1799']);
    clock.advance(SECOND);
    write([3], 'kind', 'c3-1');
    expect(lines().at(-1)).toBe('WARN  kind no. 3 client=c3-1');
  });

  it('keep one client from silencing another kind', () => {
    for (const number of upTo(1000)) write([1], 'flood', `c1-${number}`);
    write([1], 'other', '10.0.0.1');
    expect(lines().at(-1)).toBe('WARN  other no. 1 client=10.0.0.1');
  });
});

describe('a line that cannot be written', () => {
  const fails = (): never => {
    throw new Error('the disk is full');
  };
  const broken: RootLogger = {
    error: fails,
    warn: fails,
    info: fails,
    debug: fails,
    child: fails,
    configure: fails,
    enabled: (level) => level !== 'debug',
  };

  it('fails nothing, now or later', () => {
    log = new RationedLog(broken, clock);
    write(upTo(5));
    clock.advance(SECOND);
    write(upTo(5));
    log.close();
    log = new RationedLog({ ...broken, enabled: fails }, clock);
    write(upTo(5));
  });

  it('costs no other line', () => {
    log.write('warn', 'bad', '10.0.0.1', fails);
    log.write('warn', 'bad', '10.0.0.1', fails);
    write(upTo(2));
    clock.advance(SECOND);
    expect(lines()).toEqual(['WARN  kind no. 1 client=10.0.0.1', 'WARN  kind no. 2 client=10.0.0.1']);
  });
});
