import type { LoadedConfig } from '../config/index.js';
import type { LabelledGauge } from '../telemetry/index.js';
import { type Prepared, type PrepareOptions, prepareFrom } from './prepare.js';
import type { Server } from './server.js';
import type { WatchedFiles } from './watched-files.js';

export interface ReloaderOptions extends PrepareOptions {
  readonly server: Server;
  /** Those that the configuration in use was read from. */
  readonly files: WatchedFiles;
  /** Reads the configuration. @throws ConfigError */
  load(): LoadedConfig;
  /** How often the files are looked at; default 1000. */
  readonly pollMs?: number;
  /** How long the files must have been left alone; default 200: a certificate and its key are two files. */
  readonly settleMs?: number;
  /** In place of the server's `reload`. @param sinceMs how long ago the change was seen, or asked for */
  readonly switchTo?: (prepared: Prepared, sinceMs: () => number) => Promise<void>;
  /** Told, in place of the log, why a configuration was refused; `loaded` is undefined where it could not be read. */
  readonly refused?: (error: unknown, loaded: LoadedConfig | undefined) => void;
}

/** Keeps a server at what its files say: reloads when it is told to, and when one of them has changed. */
export class Reloader {
  readonly #good: LabelledGauge;
  #settling: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #asked = false;
  /** When that was which is reloaded for, as `performance.now` counts. */
  #since: number | undefined;

  constructor(private readonly options: ReloaderOptions) {
    const help = 'Whether the configuration of the files is the one in use (1), or was refused (0)';
    this.#good = options.server.metrics.gauge('esp_config_last_reload_successful', help);
    this.#good.set(1);
    for (const outcome of ['applied', 'refused'] as const) this.#count(outcome);
  }

  /** From now on reloads when one of the files has changed since it was read. */
  watch(): void {
    this.options.files.watch(this.options.pollMs ?? 1000, () => this.#settle());
  }

  stop(): void {
    this.options.files.close();
    clearTimeout(this.#settling);
  }

  /** Reads the configuration and goes over to it; one that is refused leaves the old one, and lines that say why. */
  reload(): Promise<void> {
    this.#asked = true;
    this.#underWay ??= this.#untilDone().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  #settle(): void {
    this.#since ??= performance.now();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.reload(), this.options.settleMs ?? 200);
  }

  /** Whoever asks while it reads may have changed what was read already. */
  async #untilDone(): Promise<void> {
    while (this.#asked) {
      this.#asked = false;
      await this.#reload();
    }
  }

  async #reload(): Promise<void> {
    const { server } = this.options;
    const switchTo = this.options.switchTo ?? ((prepared) => server.reload(prepared));
    const since = this.#since ?? performance.now();
    this.#since = undefined;
    // What has changed until now is read now.
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
      if (this.options.refused === undefined) this.#logRefusal(error as Error);
      else this.options.refused(error, loaded);
    }
  }

  #logRefusal({ message }: Error): void {
    for (const line of message.split('\n')) {
      this.options.server.logger.error(`reload refused, the configuration of before stays: ${line}`);
    }
  }

  #count(outcome: 'applied' | 'refused') {
    return this.options.server.metrics.counter('esp_config_reloads_total', 'Reloads by outcome', { outcome });
  }
}
