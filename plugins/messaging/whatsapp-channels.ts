import {
  Channels,
  ConnectionFailedError,
  type Got,
  Http,
  inject,
  injectable,
  type Logger,
  Metrics,
  optionsToken,
  PluginLogger,
} from 'esp-host';
import { AlwaysValid } from './always-valid.js';
import { openApi } from './api/open-api.js';
import { type ConfiguredChannel, whatsAppChannel } from './channel-schema.js';
import { type ContactAnswer, type ContactLookup, NumberPlan, remoteLookup } from './contacts/index.js';
import { hasUselessTemplates, Invitations, SENDS_NOTHING } from './invitations.js';
import { MessageSender } from './message-sender.js';
import { type MessagingOptions, messagingOptions } from './options-schema.js';
import { PhoneNumbers } from './phone-numbers.js';
import { Redis } from './redis.js';

/** A channel of type `whatsapp`, ready to be asked. */
export class WhatsAppChannel {
  readonly numbers: PhoneNumbers;

  constructor(
    /** E.164. */
    readonly phoneNumber: string,
    readonly invitations: Invitations,
    private readonly lookup: ContactLookup,
    private readonly alwaysValid: AlwaysValid,
    readonly close: () => void,
  ) {
    this.numbers = new PhoneNumbers(phoneNumber);
  }

  /**
   * The contact's number as WhatsApp has it, in E.164; undefined where WhatsApp does not know the number (E.164).
   * At once where nobody need be asked; an API that counts as away is returned. @throws ConnectionFailedError, ExecutionFailedError
   */
  confirm(number: string): string | undefined | ConnectionFailedError | Promise<string | undefined> {
    const answer = this.lookup.lookUp(number);
    if (answer instanceof ConnectionFailedError) return answer;
    return answer instanceof Promise ? answer.then((found) => this.#believed(found)) : this.#believed(answer);
  }

  #believed({ number, unreliable, version }: ContactAnswer): string | undefined {
    return number !== undefined && unreliable && !this.alwaysValid.accepts(version) ? undefined : number;
  }
}

/** The configuration's channels of type `whatsapp`. */
@injectable()
export class WhatsAppChannels {
  readonly #ready = new Map<ConfiguredChannel, WhatsAppChannel>();
  #redis: Redis | undefined;

  constructor(
    @inject(Channels) private readonly channels: Channels,
    @inject(optionsToken(messagingOptions)) private readonly options: MessagingOptions,
    @inject(Http) private readonly http: Got,
    @inject(PluginLogger) private readonly logger: Logger,
    @inject(Metrics) private readonly metrics: Metrics,
  ) {}

  async start(): Promise<void> {
    const { sharedState } = this.options;
    if (sharedState !== undefined) {
      this.#redis = new Redis(sharedState.redis, this.logger, this.metrics);
      await this.#redis.start();
    }
    for (const channel of this.channels.list(whatsAppChannel)) this.#ready.set(channel, this.#open(channel));
  }

  of(channel: ConfiguredChannel): WhatsAppChannel {
    const found = this.#ready.get(channel);
    if (found === undefined) throw new TypeError(`channel ${channel.name} is not one of the configuration`);
    return found;
  }

  async close(): Promise<void> {
    for (const channel of this.#ready.values()) channel.close();
    await this.#redis?.close();
  }

  #open(channel: ConfiguredChannel): WhatsAppChannel {
    const { http, logger, metrics } = this;
    const { name } = channel;
    const { phoneNumber, contacts, invitations } = channel.settings;
    if (contacts.driver === 'number-plan') {
      warnOfNumberPlan(channel, logger);
      const alwaysValid = new AlwaysValid(name, 'trust', logger, metrics);
      const nobody = new Invitations(name, invitations, undefined);
      return new WhatsAppChannel(phoneNumber, nobody, new NumberPlan(), alwaysValid, () => undefined);
    }
    const parts = { channel: name, owner: phoneNumber, http, logger, metrics, redis: this.#redis };
    const api = openApi(contacts, parts);
    const sender = new MessageSender(name, api, contacts, metrics);
    const alwaysValid = new AlwaysValid(name, contacts.whenAlwaysValid, logger, metrics);
    const lookup = remoteLookup(api, contacts, parts);
    return new WhatsAppChannel(phoneNumber, new Invitations(name, invitations, sender), lookup, alwaysValid, api.close);
  }
}

function warnOfNumberPlan(channel: ConfiguredChannel, logger: Logger): void {
  const { name } = channel;
  const text = 'contacts.driver number-plan tells whether a number can exist, not whether it is on WhatsApp';
  logger.warn(`channel ${name}: ${text}`, { channel: name });
  if (!hasUselessTemplates(channel)) return;
  logger.warn(`channel ${name}: invitations.templates are of no use: ${SENDS_NOTHING}`, { channel: name });
}
