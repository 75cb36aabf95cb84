import { constants, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Log lines of this process that nobody can read: `failed` could not be formatted, `full` met a reader that stalls. */
export const linesLost = { failed: 0, write: 0, full: 0 };

/** Most bytes that wait for a reader that stalls; what comes then is lost, and counted. */
const WAITING_BYTES = 1 << 20;

/** How soon a reader that stalls is tried again, and a descriptor that takes nothing, such as a full disk. */
const STALLED_MS = 20;
const BROKEN_MS = 250;

/** How long the end of the process waits for a reader that stalls. */
const EXIT_MS = 500;

/**
 * Writes log lines to a descriptor that doesn't block. It never waits and never throws: lines wait for a reader that
 * stalls, within a bound, and are lost while the descriptor takes none. When it does again, a line says how many were.
 */
export class LogSink {
  /** Makes a line of what the sink has to say itself. */
  format = (message: string): string => `${message}\n`;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Set while it waits for better times. */
  #timer: NodeJS.Timeout | undefined;
  /** Takes no lines at all. */
  #isBroken = false;
  /** Part of a line is written, and its rest is lost. */
  #isCut = false;
  #lost = 0;
  #why = '';
  /** How many lost lines the line stands for that waits first. */
  #told = 0;

  constructor(private readonly fd: number) {}

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (!this.#isBroken && this.#waitingBytes + bytes.length > WAITING_BYTES) this.#flushEarly();
    if (this.#isBroken) {
      this.#lose('write', 1);
    } else if (this.#waitingBytes + bytes.length > WAITING_BYTES) {
      this.#why = 'their reader is too slow';
      this.#lose('full', 1);
    } else {
      this.#wait(bytes);
      if (this.#timer === undefined) this.#flush();
    }
  }

  /** The process ends: what waits is written if the reader takes it soon. */
  end(): void {
    const until = performance.now() + EXIT_MS;
    while (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#retry();
      if (this.#isBroken || performance.now() > until) return;
      if (this.#timer !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }

  /** The reader may have read in the meantime, also while this process had no time for its timer. */
  #flushEarly(): void {
    clearTimeout(this.#timer);
    this.#retry();
  }

  #retry(): void {
    this.#timer = undefined;
    this.#isBroken = false;
    this.#flush();
    if (this.#timer !== undefined || this.#lost === 0) return;
    const text = this.#lost === 1 ? '1 log line was lost' : `${this.#lost} log lines were lost`;
    this.#told = this.#lost;
    this.#lost = 0;
    this.#wait(Buffer.from(`${this.#isCut ? '\n' : ''}${this.format(`${text}: ${this.#why}`)}`));
    this.#flush();
  }

  #wait(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Writes what waits, as far as it goes. */
  #flush(): void {
    try {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        this.#written(first, writeSync(this.fd, first));
      }
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') this.#later(STALLED_MS);
      else this.#break(code);
    }
  }

  #written(first: Buffer, count: number): void {
    this.#waitingBytes -= count;
    this.#isCut = count < first.length;
    if (this.#isCut) {
      this.#waiting[0] = first.subarray(count);
    } else {
      this.#waiting.shift();
      this.#told = 0;
    }
  }

  #break(code: string): void {
    this.#isBroken = true;
    this.#why = code;
    this.#lose('write', this.#waiting.length - (this.#told > 0 ? 1 : 0));
    this.#lost += this.#told;
    this.#told = 0;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#later(BROKEN_MS);
  }

  #lose(reason: 'write' | 'full', count: number): void {
    linesLost[reason] += count;
    this.#lost += count;
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => this.#retry(), ms).unref();
  }
}

let sink: LogSink | undefined;

/** The sink of stderr, which all loggers of the process share. */
export function stderrSink(): LogSink {
  if (sink === undefined) {
    const made = new LogSink(stderrDescriptor());
    process.on('exit', () => made.end());
    sink = made;
  }
  return sink;
}

/** The first use of process.stderr makes a pipe or a socket one that doesn't block; a terminal is opened anew for that. */
function stderrDescriptor(): number {
  const { fd } = process.stderr;
  if (!isatty(fd)) return fd;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd;
  }
}
