import { unwatchFile, watchFile } from 'node:fs';
import type { LoadedConfig } from '../config/index.js';
import type { LabelledGauge } from '../telemetry/index.js';
import { type PrepareOptions, prepare } from './prepare.js';
import type { Server } from './server.js';

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
  /**
   * Files are looked at again and again, and not watched: that works as well over the network, and where another file
   * takes the place of the first by a rename or a symbolic link, as Kubernetes does it.
   */
  readonly #watched = new Set<string>();
  readonly #good: LabelledGauge;
  #settling: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #asked = false;

  constructor(private readonly options: ReloaderOptions) {
    const help = 'Whether the configuration of the files is the one in use (1), or was refused (0)';
    this.#good = options.server.metrics.gauge('esp_config_last_reload_successful', help);
    this.#good.set(1);
    for (const outcome of ['applied', 'refused'] as const) this.#count(outcome);
  }

  /** Looks at these files from now on, and at those that a new configuration names. */
  watch(files: readonly string[]): void {
    const { pollMs: interval = 1000 } = this.options;
    for (const file of files) {
      if (this.#watched.has(file)) continue;
      this.#watched.add(file);
      watchFile(file, { interval, persistent: false }, this.#changed);
    }
  }

  stop(): void {
    for (const file of this.#watched) unwatchFile(file, this.#changed);
    this.#watched.clear();
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

  readonly #changed = (): void => {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.reload(), SETTLE_MS);
  };

  /** Whoever asks while it reads may have changed what was read already. */
  async #untilDone(): Promise<void> {
    while (this.#asked) {
      this.#asked = false;
      await this.#reload();
    }
  }

  async #reload(): Promise<void> {
    const { server, load } = this.options;
    try {
      const loaded = load();
      const prepared = await prepare(loaded, this.options).finally(() => this.watch(loaded.files));
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
