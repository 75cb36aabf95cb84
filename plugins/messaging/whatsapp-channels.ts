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
  optional,
  optionsToken,
  PluginLogger,
  PluginState,
  type Redis,
  type State,
} from 'esp-host';
import { openChannelApi } from './api/channel-api.js';
import { OnPremisesMessages } from './api/on-premises-messages.js';
import { checkTemplates, isUserId, type OpenCloudApi, openCloudApi, type Recipient } from './cloud/index.js';
import {
  type AlwaysValidPolicy,
  type CloudSettings,
  type ConfiguredChannel,
  KEEP_MS,
  type MessagingOptions,
  messagingOptions,
  type WhatsAppSettings,
  whatsAppChannel,
} from './config/index.js';
import {
  type ContactAnswer,
  type ContactLookup,
  type EvidenceStore,
  evidenceLookup,
  numberPlanLookup,
  openEvidence,
  remoteLookup,
} from './contacts/index.js';
import { Fates } from './fate/index.js';
import { cannotSend, Invitations, MessageSender, unusedTemplates } from './invitations.js';
import { limitsUsers, probeUsers } from './limits/daily-users.js';
import { MessageLimits } from './limits/message-limits.js';
import { PhoneNumbers } from './phone-numbers.js';
import { sharedRedis } from './redis.js';

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
    /** Whether a message can be sent to a business-scoped user id. */
    private readonly takesUserIds = false,
  ) {
    this.numbers = new PhoneNumbers(phoneNumber);
  }

  /** Whom a text addresses: a phone number in E.164, or a business-scoped user id; undefined: no one. */
  recipient(text: string): Recipient | undefined {
    return this.takesUserIds && isUserId(text) ? text : this.numbers.normalise(text);
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
  #evidence: EvidenceStore | undefined;
  #fates: Fates | undefined;

  constructor(
    @inject(Channels) private readonly channels: Channels,
    @inject(optionsToken(messagingOptions)) private readonly options: MessagingOptions,
    @inject(Http) private readonly http: Got,
    @inject(PluginLogger) private readonly logger: Logger,
    @inject(Metrics) private readonly metrics: Metrics,
    @inject(PluginState) @optional() private readonly state?: State,
  ) {}

  /** What is known about the numbers of customers, if a channel decides by it. */
  get evidence(): EvidenceStore | undefined {
    return this.#evidence;
  }

  /** What becomes of invitations over Cloud API, if the host has a state. */
  get fates(): Fates | undefined {
    return this.#fates;
  }

  async start(): Promise<void> {
    const { sharedState } = this.options;
    if (sharedState !== undefined) {
      this.#redis = sharedRedis(sharedState.redis, this.logger, this.metrics);
      await this.#redis.start();
      // Reported now, not with the first message.
      if (this.channels.list(whatsAppChannel).some(limitsUsers)) await this.#redis.run(probeUsers);
    }
    const { logger, metrics, state } = this;
    this.#evidence = openEvidence(this.channels.list(whatsAppChannel), { redis: this.#redis, state, logger, metrics });
    this.#fates = await this.#openFates();
    try {
      await Promise.all(this.channels.list(whatsAppChannel).map((channel) => this.#startChannel(channel)));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #openFates(): Promise<Fates | undefined> {
    const { state, logger, metrics } = this;
    const cloud = this.channels.list(whatsAppChannel).filter(({ settings }) => settings.api.driver === 'cloud');
    if (state === undefined || cloud.length === 0) return undefined;
    const kept = cloud.map(({ name, settings }) => [name, settings.invitations?.keepMs ?? KEEP_MS] as const);
    const fates = new Fates({ state, logger, metrics, channels: new Map(kept) });
    await fates.start();
    return fates;
  }

  async #startChannel(channel: ConfiguredChannel): Promise<void> {
    const { api } = channel.settings;
    if (api.driver !== 'cloud') {
      this.#open.set(channel, this.#openChannel(channel, api));
      return;
    }
    const cloud = openCloudApi(api, this.#dependenciesOf(channel), (to) => this.#undeliverable(channel.name, to));
    this.#open.set(channel, this.#openCloud(channel, api, cloud));
    await checkTemplates(channel, cloud.api, this.logger);
  }

  of(channel: ConfiguredChannel): WhatsAppChannel {
    const open = this.#open.get(channel);
    if (open === undefined) throw new TypeError(`channel ${channel.name} is not open`);
    return open;
  }

  async close(): Promise<void> {
    for (const channel of this.#open.values()) channel.close();
    await this.#fates?.close();
    await this.#redis?.close();
  }

  #openChannel(channel: ConfiguredChannel, api: Exclude<WhatsAppSettings['api'], CloudSettings>): WhatsAppChannel {
    const { name, settings } = channel;
    const { phoneNumber, contacts, invitations } = settings;
    this.#warn(channel);
    if (api.driver === 'none') {
      const none = new Invitations(name, invitations, cannotSend(settings));
      const lookup = this.#lookupWithoutCalls(channel);
      return new WhatsAppChannel(phoneNumber, none, lookup, this.#alwaysValid(name), () => undefined);
    }
    const dependencies = this.#dependenciesOf(channel);
    const { client, breaker, close } = openChannelApi(api, dependencies);
    const sender = new MessageSender(name, new OnPremisesMessages(name, client), breaker, api, this.metrics);
    const sending = new Invitations(name, invitations, sender);
    if (contacts.from !== 'contacts-endpoint') {
      return new WhatsAppChannel(phoneNumber, sending, numberPlanLookup, this.#alwaysValid(name), close);
    }
    const lookup = remoteLookup({ client, breaker }, api, contacts, dependencies);
    const alwaysValid = this.#alwaysValid(name, contacts.whenAlwaysValid);
    return new WhatsAppChannel(phoneNumber, sending, lookup, alwaysValid, close);
  }

  #openCloud(channel: ConfiguredChannel, settings: CloudSettings, { api, breaker, close }: OpenCloudApi) {
    const { name } = channel;
    const { phoneNumber, invitations } = channel.settings;
    this.#warn(channel);
    const limits = new MessageLimits(name, settings, this.#redis, this.metrics);
    const sender = new MessageSender(name, api, breaker, settings, this.metrics, limits);
    const sending = new Invitations(name, invitations, sender, this.#fates);
    const lookup = this.#lookupWithoutCalls(channel);
    return new WhatsAppChannel(phoneNumber, sending, lookup, this.#alwaysValid(name), close, true);
  }

  #lookupWithoutCalls(channel: ConfiguredChannel): ContactLookup {
    const { contacts } = channel.settings;
    if (contacts.from !== 'evidence' || this.#evidence === undefined) return numberPlanLookup;
    return evidenceLookup(this.#evidence, contacts, this.#dependenciesOf(channel));
  }

  /** The request does not wait for it. */
  #undeliverable(channel: string, to: Recipient): void {
    if (isUserId(to)) return;
    const evidence = { kind: 'undeliverable', at: Date.now() } as const;
    this.#evidence?.record(channel, { number: PhoneNumbers.present(to), evidence }).catch((error: Error) => {
      this.logger.warn(`channel ${channel}: evidence cannot be written: ${error.message}`, { channel });
    });
  }

  #warn({ name, settings }: ConfiguredChannel): void {
    const warn = (text: string) => this.logger.warn(`channel ${name}: ${text}`, { channel: name });
    if (settings.contacts.from === 'number-plan') warn(numberPlanChecks(settings));
    const unused = unusedTemplates(settings);
    if (unused !== undefined) warn(unused);
  }

  #alwaysValid(channel: string, policy: AlwaysValidPolicy = 'trust'): AlwaysValid {
    return new AlwaysValid(channel, policy, this.logger, this.metrics);
  }

  #dependenciesOf({ name, settings }: ConfiguredChannel) {
    const { http, logger, metrics } = this;
    return { channel: name, owner: settings.phoneNumber, http, logger, metrics, redis: this.#redis };
  }
}

/** What the number plan decides, for log lines and findings. */
export const numberPlanChecks = ({ isFormer }: WhatsAppSettings): string =>
  `contacts.${isFormer ? 'driver' : 'from'} number-plan checks whether a number can exist, not whether it is on WhatsApp`;
