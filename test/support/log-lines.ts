import { Writable } from 'node:stream';
import { createLogger, type LogLevel, type RootLogger } from '../../src/telemetry/index.js';

/** A logger whose lines a test can read, and wait for. */
export class LogLines {
  readonly lines: string[] = [];
  readonly logger: RootLogger;
  #waiting: (() => void)[] = [];

  constructor(level: LogLevel = 'info', format: 'text' | 'json' = 'text') {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.lines.push(chunk.toString('utf8').trimEnd());
        for (const wake of this.#waiting.splice(0)) wake();
        done();
      },
    });
    this.logger = createLogger({ level, format }, stream);
  }

  /** The line number `index` (from 0) of those that match, as soon as there is one. */
  async line(pattern: RegExp, index = 0): Promise<string> {
    for (;;) {
      const found = this.matching(pattern)[index];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  matching(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line));
  }
}
