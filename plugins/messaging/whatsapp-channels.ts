import {
  type Channel,
  Channels,
  type Got,
  Http,
  inject,
  injectable,
  type Logger,
  Metrics,
  PluginLogger,
} from 'esp-host';
import { AlwaysValid } from './always-valid.js';
import type { WhatsAppSettings } from './channel-schema.js';
import { type ContactLookup, contactLookup } from './contacts/index.js';
import { PhoneNumbers } from './phone-numbers.js';

/** A channel of type `whatsapp`, ready to be asked. */
export class WhatsAppChannel {
  constructor(
    readonly numbers: PhoneNumbers,
    private readonly contacts: ContactLookup,
    private readonly alwaysValid: AlwaysValid,
  ) {}

  /**
   * The contact's number as WhatsApp has it, in E.164; undefined where WhatsApp does not know the number (E.164).
   * @throws ConnectionFailed, ExecutionFailed
   */
  async confirm(number: string, http: Got): Promise<string | undefined> {
    const answer = await this.contacts.lookUp(number, http);
    if (answer.waId === undefined) return undefined;
    if (answer.unreliable && !this.alwaysValid.accepts(answer.version)) return undefined;
    return `+${answer.waId}`;
  }

  close(): void {
    this.contacts.close();
  }
}

/** The configuration's channels of type `whatsapp`. */
@injectable()
export class WhatsAppChannels {
  readonly #channels: ReadonlyMap<Channel, WhatsAppChannel>;

  constructor(
    @inject(Channels) channels: Channels,
    @inject(Http) http: Got,
    @inject(PluginLogger) logger: Logger,
    @inject(Metrics) metrics: Metrics,
  ) {
    this.#channels = new Map(
      channels.list('whatsapp').map((channel) => {
        const { phoneNumber, contacts } = channel.settings as WhatsAppSettings;
        if (contacts.driver === 'number-plan') warnOfNumberPlan(channel, logger);
        const policy = contacts.driver === 'number-plan' ? 'trust' : contacts.whenAlwaysValid;
        const alwaysValid = new AlwaysValid(channel.name, policy, logger, metrics);
        const lookup = contactLookup(channel.name, contacts, http);
        return [channel, new WhatsAppChannel(new PhoneNumbers(phoneNumber), lookup, alwaysValid)];
      }),
    );
  }

  of(channel: Channel): WhatsAppChannel {
    const found = this.#channels.get(channel);
    if (found === undefined) throw new TypeError(`channel ${channel.name} is not of type whatsapp`);
    return found;
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.close();
  }
}

function warnOfNumberPlan({ name }: Channel, logger: Logger): void {
  const text = 'contacts.driver number-plan tells whether a number can exist, not whether it is on WhatsApp';
  logger.warn(`channel ${name}: ${text}`, { channel: name });
}
