import type { LoadedConfig } from '../config/index.js';
import type { LabelledGauge } from '../telemetry/index.js';
import { type PrepareOptions, prepare } from './prepare.js';
import type { Server } from './server.js';
import { WatchedFiles } from './watched-files.js';

export interface ReloaderOptions extends PrepareOptions {
  readonly server: Server;
  /** Reads the configuration. @throws ConfigError */
  load(): LoadedConfig;
  /** How often the files are looked at; default 1000. */
  readonly pollMs?: number;
}

/** How long the files must have been left alone: a certificate and its key are two files. */
const SETTLE_MS = 200;

/** Keeps a server at what its files say: reloads when it is told to, and when one of them has changed. */
export class Reloader {
  readonly #files: WatchedFiles;
  readonly #good: LabelledGauge;
  #settling: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #asked = false;

  constructor(private readonly options: ReloaderOptions) {
    this.#files = new WatchedFiles(options.pollMs ?? 1000, () => this.#settle());
    const help = 'Whether the configuration of the files is the one in use (1), or was refused (0)';
    this.#good = options.server.metrics.gauge('esp_config_last_reload_successful', help);
    this.#good.set(1);
    for (const outcome of ['applied', 'refused'] as const) this.#count(outcome);
  }

  /**
   * Looks at these files from now on, and at those that a new configuration names.
   * @param readAt when what they hold was read (milliseconds since 1970): one that has changed since counts, too
   */
  watch(files: readonly string[], readAt: number): void {
    this.#files.add(files, readAt);
  }

  stop(): void {
    this.#files.close();
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
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.reload(), SETTLE_MS);
  }

  /** Whoever asks while it reads may have changed what was read already. */
  async #untilDone(): Promise<void> {
    while (this.#asked) {
      this.#asked = false;
      await this.#reload();
    }
  }

  async #reload(): Promise<void> {
    const { server, load } = this.options;
    const readAt = Date.now();
    try {
      const loaded = load();
      const prepared = await prepare(loaded, this.options).finally(() => this.watch(loaded.files, readAt));
      await server.reload(prepared);
      this.#good.set(1);
      this.#count('applied').inc();
    } catch (error) {
      this.#good.set(0);
      this.#count('refused').inc();
      for (const line of (error as Error).message.split('\n')) {
        server.logger.error(`reload refused, the configuration of before stays: ${line}`);
      }
    }
  }

  #count(outcome: 'applied' | 'refused') {
    return this.options.server.metrics.counter('esp_config_reloads_total', 'Reloads by outcome', { outcome });
  }
}
