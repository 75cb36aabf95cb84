import {
  Channels,
  ConnectionFailedError,
  ExecutionFailedError,
  type Got,
  Http,
  inject,
  injectable,
  type LabelledCounter,
  type Logger,
  Metrics,
  optionsToken,
  PluginLogger,
} from 'esp-host';
import { openChannelApi } from './api/channel-api.js';
import {
  type AlwaysValidPolicy,
  type ConfiguredChannel,
  type MessagingOptions,
  messagingOptions,
  whatsAppChannel,
} from './config-schema.js';
import { type ContactAnswer, type ContactLookup, numberPlanLookup, remoteLookup } from './contacts/index.js';
import { CANNOT_SEND, hasUnusedTemplates, Invitations, MessageSender } from './invitations.js';
import { PhoneNumbers } from './phone-numbers.js';
import { Redis } from './redis.js';

/** A channel of type `whatsapp`, ready for requests. */
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
   * The contact's number as WhatsApp has it, in E.164, or undefined if WhatsApp does not have it. It answers at once if
   * no call is needed, and returns the error if the API counts as down.
   * @param number E.164
   * @throws ConnectionFailedError, ExecutionFailedError
   */
  confirm(number: string): string | undefined | ConnectionFailedError | Promise<string | undefined> {
    const answer = this.lookup.lookUp(number);
    if (answer instanceof ConnectionFailedError) return answer;
    return answer instanceof Promise ? answer.then((found) => this.#confirmed(found)) : this.#confirmed(answer);
  }

  #confirmed({ number, unreliable, version }: ContactAnswer): string | undefined {
    return number !== undefined && unreliable && !this.alwaysValid.accepts(version) ? undefined : number;
  }
}

/** Handles `valid` from an API client that calls every number valid: warns once, counts, and applies the policy. */
class AlwaysValid {
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

  /** Whether to trust the answer. @throws ExecutionFailedError if the policy is `fault` */
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

/** The configured channels of type `whatsapp`. */
@injectable()
export class WhatsAppChannels {
  readonly #open = new Map<ConfiguredChannel, WhatsAppChannel>();
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
    for (const channel of this.channels.list(whatsAppChannel)) this.#open.set(channel, this.#openChannel(channel));
  }

  of(channel: ConfiguredChannel): WhatsAppChannel {
    const open = this.#open.get(channel);
    if (open === undefined) throw new TypeError(`channel ${channel.name} is not open`);
    return open;
  }

  async close(): Promise<void> {
    for (const channel of this.#open.values()) channel.close();
    await this.#redis?.close();
  }

  #openChannel(channel: ConfiguredChannel): WhatsAppChannel {
    const { http, logger, metrics } = this;
    const { name } = channel;
    const { phoneNumber, contacts, invitations } = channel.settings;
    if (contacts.driver === 'number-plan') {
      warnOfNumberPlan(channel, logger);
      const alwaysValid = new AlwaysValid(name, 'trust', logger, metrics);
      const none = new Invitations(name, invitations, undefined);
      return new WhatsAppChannel(phoneNumber, none, numberPlanLookup, alwaysValid, () => undefined);
    }
    const dependencies = { channel: name, owner: phoneNumber, http, logger, metrics, redis: this.#redis };
    const api = openChannelApi(contacts, dependencies);
    const sender = new MessageSender(name, api, contacts, metrics);
    const alwaysValid = new AlwaysValid(name, contacts.whenAlwaysValid, logger, metrics);
    const lookup = remoteLookup(api, contacts, dependencies);
    return new WhatsAppChannel(phoneNumber, new Invitations(name, invitations, sender), lookup, alwaysValid, api.close);
  }
}

/** What `contacts.driver: number-plan` means, for log lines and findings. */
export const NUMBER_PLAN_CHECKS =
  'contacts.driver number-plan checks whether a number can exist, not whether it is on WhatsApp';

function warnOfNumberPlan(channel: ConfiguredChannel, logger: Logger): void {
  const { name } = channel;
  logger.warn(`channel ${name}: ${NUMBER_PLAN_CHECKS}`, { channel: name });
  if (!hasUnusedTemplates(channel)) return;
  logger.warn(`channel ${name}: invitations.templates are unused: ${CANNOT_SEND}`, { channel: name });
}
