import { ExecutionFailedError, type LabelledCounter, type Logger, type Metrics } from 'esp-host';
import type { AlwaysValidPolicy } from './channel-schema.js';

/** What a channel does with a `valid` from an API client that calls every number valid: warns once, counts, decides. */
export class AlwaysValid {
  readonly #count: LabelledCounter;
  #warned = false;

  constructor(
    private readonly channel: string,
    private readonly policy: AlwaysValidPolicy,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const help = 'Contacts called valid by a WhatsApp Business API client that calls every number valid';
    this.#count = metrics.counter('esp_contacts_unreliable_total', help, { channel });
  }

  /** Whether such an answer is believed. @throws ExecutionFailedError where the policy is `fault` */
  accepts(version: string | undefined): boolean {
    this.#count.inc();
    const client = version === undefined ? 'the API client' : `API client ${version}`;
    if (!this.#warned) this.#warn(client);
    if (this.policy === 'fault') throw new ExecutionFailedError(this.channel, `${client} calls every number valid`);
    return this.policy === 'trust';
  }

  #warn(client: string): void {
    this.#warned = true;
    this.logger.warn(
      `channel ${this.channel}: ${client} calls every number valid; take ValidateContact out of strategies that rely ` +
        `on it (contacts.whenAlwaysValid: ${this.policy})`,
      { channel: this.channel },
    );
  }
}
