import { Writable } from 'node:stream';
import { createLogger, type LogLevel, type RootLogger } from '../../src/telemetry/index.js';
import { Changes } from './eventually.js';

/** A logger whose lines a test can read, and wait for. */
export class LogLines {
  readonly lines: string[] = [];
  readonly logger: RootLogger;
  readonly #changes = new Changes();

  constructor(level: LogLevel = 'info', format: 'text' | 'json' = 'text') {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.lines.push(chunk.toString('utf8').trimEnd());
        this.#changes.announce();
        done();
      },
    });
    this.logger = createLogger({ level, format }, stream);
  }

  /** The line number `index` (from 0) of those that match, as soon as there is one. */
  line(pattern: RegExp, index = 0): Promise<string> {
    const what = () => `line ${index} that matches ${pattern}, in:\n${this.lines.slice(-50).join('\n')}`;
    return this.#changes.first(() => this.matching(pattern)[index], what);
  }

  matching(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line));
  }
}
