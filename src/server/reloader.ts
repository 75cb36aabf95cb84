import type { LoadedConfig } from '../config/index.js';
import type { LabelledGauge } from '../telemetry/index.js';
import { type Prepared, prepareFrom } from './prepare.js';
import type { PrepareOptions } from './prepare-plugins.js';
import type { Server } from './server.js';
import type { WatchedFiles } from './watched-files.js';

export interface ReloaderOptions extends PrepareOptions {
  readonly server: Server;
  /** The files of the configuration in use. */
  readonly files: WatchedFiles;
  /** Reads the configuration. @throws ConfigError */
  load(): LoadedConfig;
  /** How often the files are checked. @default 1000 */
  readonly pollMs?: number;
  /** How long the files must be unchanged before they are read: a certificate and its key are two files. @default 200 */
  readonly settleMs?: number;
  /** Replaces the server's `reload`. @param sinceMs the time since the change was noticed, or the reload requested */
  readonly switchTo?: (prepared: Prepared, sinceMs: () => number) => Promise<void>;
  /** Replaces the log line about a rejected configuration; `loaded` is undefined if it could not be read. */
  readonly rejected?: (error: unknown, loaded: LoadedConfig | undefined) => void;
}

/** Reloads the configuration of a server, on request and when one of its files has changed. */
export class Reloader {
  readonly #good: LabelledGauge;
  #settling: NodeJS.Timeout | undefined;
  #reloading: Promise<void> | undefined;
  #isRequested = false;
  /** When the change was noticed, from `performance.now()`. */
  #since: number | undefined;

  constructor(private readonly options: ReloaderOptions) {
    const help = 'Whether the configuration of the files is in use (1) or was rejected (0)';
    this.#good = options.server.metrics.gauge('esp_config_last_reload_successful', help);
    this.#good.set(1);
    for (const outcome of ['applied', 'refused'] as const) this.#count(outcome);
  }

  /** Reloads from now on when a file has changed since it was read. */
  watch(): void {
    this.options.files.watch(this.options.pollMs ?? 1000, () => this.#settle());
  }

  stop(): void {
    this.options.files.close();
    clearTimeout(this.#settling);
  }

  /** Reads the configuration and switches to it. If it is rejected, logs why, and the earlier one stays in use. */
  reload(): Promise<void> {
    this.#isRequested = true;
    this.#reloading ??= this.#untilDone().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  #settle(): void {
    this.#since ??= performance.now();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.reload(), this.options.settleMs ?? 200);
  }

  /** A request during a reload starts another one, as files may have changed after they were read. */
  async #untilDone(): Promise<void> {
    while (this.#isRequested) {
      this.#isRequested = false;
      await this.#reload();
    }
  }

  async #reload(): Promise<void> {
    const { server } = this.options;
    const switchTo = this.options.switchTo ?? ((prepared) => server.reload(prepared));
    const since = this.#since ?? performance.now();
    this.#since = undefined;
    // This reload includes all changes so far.
    clearTimeout(this.#settling);
    let loaded: LoadedConfig | undefined;
    try {
      const load = (): LoadedConfig => {
        loaded = undefined;
        loaded = this.options.load();
        return loaded;
      };
      const prepared = await prepareFrom(load, this.options, this.options.files);
      await switchTo(prepared, () => performance.now() - since);
      this.#good.set(1);
      this.#count('applied').inc();
    } catch (error) {
      this.#good.set(0);
      this.#count('refused').inc();
      if (this.options.rejected === undefined) this.#logRejection(error as Error);
      else this.options.rejected(error, loaded);
    }
  }

  #logRejection({ message }: Error): void {
    for (const line of message.split('\n')) {
      this.options.server.logger.error(`reload rejected, the earlier configuration stays in use: ${line}`);
    }
  }

  #count(outcome: 'applied' | 'refused') {
    return this.options.server.metrics.counter('esp_config_reloads_total', 'Reloads by outcome', { outcome });
  }
}
