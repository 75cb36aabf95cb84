import { constants, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Lost log lines of this process by reason: `failed` could not be formatted, `write` could not be written, `full` met a
 * reader that stalls.
 */
export const linesLost = { failed: 0, write: 0, full: 0 };

/** Maximum bytes queued for a reader that stalls. Further lines are lost and counted. */
const QUEUE_BYTES = 1 << 20;

/** How soon to retry a reader that stalls, and a descriptor that fails, for instance because the disk is full. */
const STALLED_MS = 20;
const BROKEN_MS = 250;

/** How long the process, when it exits, waits for a reader that stalls. */
const EXIT_MS = 500;
const EXIT_RETRY_MS = 5;

/**
 * Writes log lines to a non-blocking descriptor. Never waits and never throws: lines are queued, within a bound, for a
 * reader that stalls, and are lost while the descriptor fails. Once it works again, a line says how many were lost.
 */
export class LogSink {
  /** Formats a line of the sink's own. */
  format = (message: string): string => `${message}\n`;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** Set while the sink waits to retry. */
  #timer: NodeJS.Timeout | undefined;
  /** Whether the descriptor fails. */
  #isBroken = false;
  /** Whether the last write ended within a line. */
  #isWithinLine = false;
  #lost = 0;
  #why = '';
  /** The number of lost lines that the first line of the queue reports; 0 if it is no such report. */
  #reported = 0;

  constructor(private readonly fd: number) {}

  write(line: string): void {
    const bytes = Buffer.from(line);
    // The reader may have read since the last try, even if this process had no time for its timer.
    if (!this.#isBroken && this.#isFull(bytes)) this.#retryNow();
    if (this.#isBroken) {
      this.#lose('write', 1);
    } else if (this.#isFull(bytes)) {
      this.#why = 'their reader is too slow';
      this.#lose('full', 1);
    } else {
      this.#enqueue(bytes);
      if (this.#timer === undefined) this.#flush();
    }
  }

  /** Writes the queue before the process exits, if the reader takes it soon. */
  end(): void {
    const until = performance.now() + EXIT_MS;
    while (this.#timer !== undefined) {
      this.#retryNow();
      if (this.#isBroken || performance.now() > until) return;
      if (this.#timer !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EXIT_RETRY_MS);
    }
  }

  #isFull(next: Buffer): boolean {
    return this.#queuedBytes + next.length > QUEUE_BYTES;
  }

  #retryNow(): void {
    clearTimeout(this.#timer);
    this.#retry();
  }

  #retry(): void {
    this.#timer = undefined;
    this.#isBroken = false;
    this.#flush();
    if (this.#timer !== undefined || this.#lost === 0) return;
    const text = this.#lost === 1 ? '1 log line was lost' : `${this.#lost} log lines were lost`;
    this.#reported = this.#lost;
    this.#lost = 0;
    this.#enqueue(Buffer.from(`${this.#isWithinLine ? '\n' : ''}${this.format(`${text}: ${this.#why}`)}`));
    this.#flush();
  }

  #enqueue(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  /** Writes as much of the queue as the descriptor takes. */
  #flush(): void {
    try {
      for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
        this.#written(first, writeSync(this.fd, first));
      }
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') this.#retryIn(STALLED_MS);
      else this.#break(code);
    }
  }

  #written(first: Buffer, count: number): void {
    this.#queuedBytes -= count;
    this.#isWithinLine = count < first.length;
    if (this.#isWithinLine) {
      this.#queue[0] = first.subarray(count);
    } else {
      this.#queue.shift();
      this.#reported = 0;
    }
  }

  #break(code: string): void {
    this.#isBroken = true;
    this.#why = code;
    this.#lose('write', this.#queue.length - (this.#reported > 0 ? 1 : 0));
    this.#lost += this.#reported;
    this.#reported = 0;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#retryIn(BROKEN_MS);
  }

  #lose(reason: 'write' | 'full', count: number): void {
    linesLost[reason] += count;
    this.#lost += count;
  }

  #retryIn(ms: number): void {
    this.#timer = setTimeout(() => this.#retry(), ms).unref();
  }
}

let sink: LogSink | undefined;

/** The sink of stderr, shared by all loggers of the process. */
export function stderrSink(): LogSink {
  if (sink === undefined) {
    const created = new LogSink(stderrDescriptor());
    process.on('exit', () => created.end());
    sink = created;
  }
  return sink;
}

/** Node makes stderr non-blocking if it is a pipe or a socket. A terminal is opened again for that. */
function stderrDescriptor(): number {
  const { fd } = process.stderr;
  if (!isatty(fd)) return fd;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd;
  }
}
