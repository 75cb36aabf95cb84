import type { EspAdapter } from '../adapters/esp/index.js';
import type { HttpAdapter } from '../adapters/http/index.js';
import type { WebhookAdapter } from '../adapters/webhooks/index.js';
import type { Host } from '../host/index.js';

/** The running parts of a server: those in use, and those of earlier configurations that finish their requests. */
export class RunningParts {
  readonly hosts = new Set<Host>();
  readonly adapters = new Set<EspAdapter>();
  readonly httpAdapters = new Set<HttpAdapter>();
  readonly webhookAdapters = new Set<WebhookAdapter>();
  readonly #finishing = new Set<Promise<void>>();

  get inFlight(): number {
    return [...this.hosts].reduce((sum, { dispatcher }) => sum + dispatcher.inFlight, 0);
  }

  get connections(): number {
    return [...this.adapters, ...this.httpAdapters, ...this.webhookAdapters].reduce(
      (sum, { connections }) => sum + connections,
      0,
    );
  }

  async endHost(host: Host): Promise<void> {
    await host.stop();
    this.hosts.delete(host);
  }

  async endAdapter(adapter: EspAdapter, drainMs: number): Promise<void> {
    await adapter.drain(drainMs);
    this.adapters.delete(adapter);
  }

  async endHttp(http: HttpAdapter | undefined, drainMs: number): Promise<void> {
    if (http === undefined) return;
    await http.drain(drainMs);
    this.httpAdapters.delete(http);
  }

  async endWebhooks(webhooks: WebhookAdapter | undefined, drainMs: number): Promise<void> {
    if (webhooks === undefined) return;
    await webhooks.drain(drainMs);
    this.webhookAdapters.delete(webhooks);
  }

  /** Lets parts end in the background. */
  finish(work: Promise<void> = Promise.resolve()): void {
    const finished = work.finally(() => this.#finishing.delete(finished));
    this.#finishing.add(finished);
  }

  /** Resolves when the parts that end in the background have ended. */
  async finished(): Promise<void> {
    await Promise.all(this.#finishing);
  }
}
