import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from '../../src/telemetry/index.js';
import { LogSink, linesLost } from '../../src/telemetry/log-sink.js';
import { folder, removeFolders } from '../support/files.js';

const LINE = `${'y'.repeat(3_999)}\n`;
const STALLED_MS = 20;
const BROKEN_MS = 250;

beforeEach(() => {
  // A fake clock does not move while Atomics.wait waits.
  jest.useFakeTimers({ doNotFake: ['performance'] });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});
afterAll(removeFolders);

/** A sink that writes to a pipe, and the reader of the pipe, which can go away and come back. */
class Pipe {
  readonly #path = join(folder(), 'log');
  readonly #buffer = Buffer.alloc(1 << 20);
  #reader: number;
  readonly writer: number;
  readonly sink: LogSink;

  constructor() {
    execFileSync('mkfifo', [this.#path]);
    this.#reader = this.#open(constants.O_RDONLY);
    this.writer = this.#open(constants.O_WRONLY);
    this.sink = new LogSink(this.writer);
  }

  #open(mode: number): number {
    return openSync(this.#path, mode | constants.O_NONBLOCK);
  }

  /** Everything that is in the pipe. */
  read(): string {
    let text = '';
    try {
      for (;;) text += this.#buffer.toString('latin1', 0, readSync(this.#reader, this.#buffer));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EAGAIN' });
    }
    return text;
  }

  /** Reads whenever the sink retries, until it has no more to write. */
  readOn(): string {
    let text = this.read();
    for (let part = LINE; part !== ''; text += part) {
      jest.advanceTimersByTime(STALLED_MS);
      part = this.read();
    }
    return text;
  }

  /** The pipe keeps its content, but cannot be written until the reader is back. */
  loseReader(): void {
    closeSync(this.#reader);
  }

  restoreReader(): void {
    this.#reader = this.#open(constants.O_RDONLY);
  }

  close(): void {
    closeSync(this.#reader);
    closeSync(this.writer);
  }
}

let pipe: Pipe;
let lost: typeof linesLost;
beforeEach(() => {
  pipe = new Pipe();
  lost = { ...linesLost };
});
afterEach(() => pipe.close());

/** Writes lines until the pipe takes no more. */
function fill(line = LINE): void {
  while (jest.getTimerCount() === 0) pipe.sink.write(line);
}

/** The lines lost since the test began. */
const newlyLost = (): Record<string, number> => ({
  failed: linesLost.failed - lost.failed,
  write: linesLost.write - lost.write,
  full: linesLost.full - lost.full,
});

describe('a reader that keeps up', () => {
  it('receives three megabytes that are written in one turn of the event loop', () => {
    let text = '';
    for (let line = 0; line < 800; line++) {
      pipe.sink.write(LINE);
      if (line > 20 && line % 10 === 0) text += pipe.read();
    }
    text += pipe.readOn();
    expect(text === LINE.repeat(800)).toBe(true);
    expect(newlyLost()).toEqual({ failed: 0, write: 0, full: 0 });
  });

  it('receives a line that is larger than the pipe', () => {
    const long = `${'abcdefghij'.repeat(30_000)}\n`;
    pipe.sink.write(long);
    pipe.sink.write(LINE);
    expect(pipe.readOn() === long + LINE).toBe(true);
  });
});

describe('a reader that stalls', () => {
  it('receives the queued lines, and a count of the lost ones, when it reads on', () => {
    for (let line = 0; line < 800; line++) pipe.sink.write(LINE);
    const { full, ...others } = newlyLost();
    expect(full).toBeGreaterThan(500);
    expect(full).toBeLessThan(550);
    expect(others).toEqual({ failed: 0, write: 0 });
    const text = pipe.readOn();
    expect(text === `${LINE.repeat(800 - (full ?? 0))}${full} log lines were lost: their reader is too slow\n`).toBe(
      true,
    );
    pipe.sink.write(LINE);
    expect(pipe.read()).toBe(LINE);
  });

  it('may leave exactly one megabyte in the queue', () => {
    const rest = 'z'.repeat((1 << 20) - LINE.length);
    fill();
    pipe.sink.write(rest);
    expect(newlyLost()).toMatchObject({ full: 0 });
    pipe.sink.write('z');
    expect(newlyLost()).toMatchObject({ full: 1 });
    expect(pipe.readOn().endsWith(`${rest}1 log line was lost: their reader is too slow\n`)).toBe(true);
  });
});

describe('a descriptor that fails', () => {
  it('loses the lines until it works again, and reports how many', () => {
    pipe.loseReader();
    pipe.sink.write('one\n');
    expect(newlyLost()).toEqual({ failed: 0, write: 1, full: 0 });
    pipe.restoreReader();
    pipe.sink.write('two\n');
    expect(newlyLost()).toMatchObject({ write: 2 });
    jest.advanceTimersByTime(BROKEN_MS - 1);
    expect(pipe.read()).toBe('');
    jest.advanceTimersByTime(1);
    pipe.sink.write('three\n');
    expect(pipe.read()).toBe('2 log lines were lost: EPIPE\nthree\n');
    expect(newlyLost()).toMatchObject({ write: 2 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('starts the report on a line of its own after a line that was cut', () => {
    pipe.sink.write(`${'a'.repeat(100_000)}\n`);
    pipe.sink.write('b\n');
    pipe.loseReader();
    jest.advanceTimersByTime(STALLED_MS);
    pipe.restoreReader();
    jest.advanceTimersByTime(BROKEN_MS);
    expect(newlyLost()).toMatchObject({ write: 2 });
    expect(pipe.readOn()).toMatch(/^a+\n2 log lines were lost: EPIPE\n$/);
  });

  it('counts the lines of a report that is lost itself', () => {
    // Whole pages leave no room for the report.
    fill(`${'y'.repeat(4095)}\n`);
    pipe.loseReader();
    jest.advanceTimersByTime(STALLED_MS);
    expect(newlyLost()).toMatchObject({ write: 1 });
    pipe.restoreReader();
    jest.advanceTimersByTime(BROKEN_MS);
    pipe.loseReader();
    pipe.sink.write('next\n');
    jest.advanceTimersByTime(STALLED_MS);
    expect(newlyLost()).toMatchObject({ write: 2 });
    pipe.restoreReader();
    pipe.read();
    jest.advanceTimersByTime(BROKEN_MS);
    expect(pipe.readOn()).toBe('2 log lines were lost: EPIPE\n');
  });
});

describe('when the process exits', () => {
  const stall = (): void => {
    fill();
    pipe.sink.write('last\n');
  };

  it('the queue is written while the reader reads', () => {
    stall();
    let text = '';
    jest.spyOn(Atomics, 'wait').mockImplementation(() => {
      text += pipe.read();
      return 'timed-out';
    });
    pipe.sink.end();
    expect((text + pipe.read()).endsWith('last\n')).toBe(true);
  });

  it('a reader that stalls holds it up for half a second', () => {
    stall();
    let now = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const waits: number[] = [];
    jest.spyOn(Atomics, 'wait').mockImplementation((...[, , , ms = 0]: readonly unknown[]) => {
      waits.push(Number(ms));
      now += Number(ms);
      return 'timed-out';
    });
    pipe.sink.end();
    expect(waits.length).toBeGreaterThan(1);
    expect(now - 1000).toBeGreaterThanOrEqual(500);
    expect(now - 1000).toBeLessThan(520);
  });

  it('a descriptor that fails does not hold it up', () => {
    const wait = jest.spyOn(Atomics, 'wait');
    pipe.loseReader();
    pipe.sink.write('one\n');
    pipe.sink.end();
    expect(wait).not.toHaveBeenCalled();
    pipe.restoreReader();
  });
});

it('loggers without a stream share stderr, and write the rest when the process exits', () => {
  const { fd } = process.stderr;
  const onExit = jest.spyOn(process, 'on');
  try {
    Object.assign(process.stderr, { fd: pipe.writer });
    createLogger({ level: 'info', format: 'text' }).info('one');
    createLogger({ level: 'info', format: 'text' }).info('two');
  } finally {
    Object.assign(process.stderr, { fd });
  }
  expect(pipe.read()).toMatch(/^\S+ INFO {2}one\n\S+ INFO {2}two\n$/);
  const exits = onExit.mock.calls.filter(([event]) => String(event) === 'exit');
  expect(exits).toHaveLength(1);
});
