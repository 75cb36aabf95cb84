import type { Mock, MockContext, MockedHost, MockFault, MockHandler, MockNotice, MockPanel, z } from 'esp-host';
import { apiErrorFault } from './api-error.js';
import { BusinessApiClient } from './business-api-client.js';
import { webhooksFault } from './cloud/behaviour.js';
import { CloudApi } from './cloud/cloud-api.js';
import { cloudErrorFault } from './cloud/graph-error.js';
import { Reports } from './cloud/reports.js';
import { Webhooks } from './cloud/webhooks.js';
import { httpApi } from './http-api.js';
import { checkOptions, checkWriters, type settings } from './options.js';
import type { Outbox } from './outbox.js';
import { whatsAppPage } from './panel.js';
import type { Directory } from './phone-number.js';
import type { Phones } from './phones/phones.js';
import type { TokenStore } from './token-store.js';

type Settings = z.output<typeof settings>;

const GREETING = 'Hello';
/** Webhooks have whole seconds: this is before anything else. */
const BEFORE_MS = 1000;
/** How long the start waits until the host has handled webhooks. */
const HANDLED_MS = 10_000;

/** A running mock of the WhatsApp Business API client (On-Premises), and of Cloud API on the same port. */
export class WhatsAppMock implements Mock<Settings> {
  readonly panel: MockPanel;
  readonly notices: () => readonly MockNotice[];
  readonly faults: Readonly<Record<string, MockFault>>;
  /** Disables the plugin's cache, which would hide changes to the directory. */
  readonly defaultEnv = { CONTACTS_CACHE_SIZE: '0' };
  readonly cloud: CloudApi;
  readonly webhooks: Webhooks;
  readonly #client: BusinessApiClient;
  #url = '';
  #hostReceivesWebhooks = false;

  private constructor(private readonly context: MockContext<Settings>) {
    const options = checkOptions(context.settings, () => context.now());
    this.#client = new BusinessApiClient(options);
    const { cloud, templates, now, registeredNumber } = options;
    const { outbox, phones } = this.#client;
    this.webhooks = new Webhooks(options.webhooks, context);
    const reports = new Reports({ ...cloud, registeredNumber }, this.webhooks, now);
    this.cloud = new CloudApi({ ...cloud, templates }, { outbox, phones, reports }, now);
    phones.listen(reports);
    outbox.subscribe(() => context.changed());
    this.faults = {
      apiError: apiErrorFault(
        () => this.#client.meta,
        ({ path }) => !CloudApi.has(path),
      ),
      cloudError: cloudErrorFault(({ path }) => CloudApi.has(path)),
      webhooks: webhooksFault((request, behaviour) => this.cloud.respond(request, behaviour), CloudApi.sends),
    };
    this.#block(context.settings.blockedBy);
    ({ panel: this.panel, notices: this.notices } = whatsAppPage(this, context));
  }

  /** @throws OptionError */
  static readonly start = async (context: MockContext<Settings>): Promise<WhatsAppMock> => {
    const mock = new WhatsAppMock(context);
    const onPremises = httpApi(mock.#client);
    const respond: MockHandler['respond'] = (request) =>
      CloudApi.has(request.path) ? mock.cloud.respond(request) : onPremises.respond(request);
    mock.#url = await context.serve({ ...onPremises, respond });
    return mock;
  };

  get env(): Readonly<Record<string, string>> {
    return { WHATSAPP_URL: this.#url };
  }

  get directory(): Directory {
    return this.#client.directory;
  }

  /** The customers' phones. */
  get phones(): Phones {
    return this.#client.phones;
  }

  get tokens(): TokenStore {
    return this.#client.tokens;
  }

  /** The sent messages. */
  get messages(): Outbox {
    return this.#client.outbox;
  }

  get version(): string {
    return this.#client.version;
  }

  setVersion(version: string): void {
    this.#client.version = version;
  }

  /** Changes the password of future logins. Issued tokens stay valid. */
  setPassword(password: string): void {
    this.#client.password = password;
  }

  /** Clears the lookup cache, so that the next calls look up every number again. */
  forgetResults(): void {
    this.#client.forgetResults();
  }

  async hostStarted({ receivesWebhooks }: MockedHost): Promise<void> {
    this.#hostReceivesWebhooks = receivesWebhooks;
    await this.#write(this.context.settings.writtenBy);
  }

  async configure(changed: Partial<Settings>): Promise<void> {
    this.#set(changed);
    checkWriters(this.directory, changed.writtenBy);
    await this.#write(changed.writtenBy);
  }

  #set({ version, numbers, password, blockedBy }: Partial<Settings>): void {
    if (version !== undefined) this.setVersion(version);
    if (password !== undefined) this.setPassword(password.reveal());
    if (numbers !== undefined) {
      for (const number of this.directory.list()) this.directory.remove(number);
      for (const number of numbers) this.directory.add(number);
    }
    if (blockedBy !== undefined) {
      for (const phone of this.phones.list()) phone.isBlocking = false;
      this.#block(blockedBy);
    }
  }

  reset(): void {
    this.webhooks.clear();
    this.phones.clear();
    this.#set(this.context.settings);
    this.forgetResults();
    this.cloud.reset();
    this.messages.clear();
  }

  stop(): void {
    this.webhooks.stop();
  }

  #block(customers: readonly string[] = []): void {
    for (const customer of customers) this.phones.setBlocking(customer, true);
  }

  /** Customers have written: waits until the host knows. */
  async #write(customers: readonly string[] = []): Promise<void> {
    if (customers.length === 0 || !this.#hostReceivesWebhooks) return;
    const at = this.context.now() - BEFORE_MS;
    for (const customer of customers) this.phones.wroteBefore(customer, GREETING, at);
    const refusal = await this.webhooks.handled(HANDLED_MS);
    if (refusal !== undefined) this.context.logger.warn(`the host does not know who has written before: ${refusal}`);
  }

  summary(): (readonly [title: string, text: string])[] {
    const { registeredNumber } = this.context.settings;
    const text = `${this.#url}, version ${this.version}, registered under ${registeredNumber}`;
    return [
      ['WhatsApp API', text],
      ['On WhatsApp', this.directory.list().join(', ') || 'none'],
    ];
  }

  examples(): Readonly<Record<string, string>> {
    const [number = '+16315551002'] = this.directory.list();
    return { 'Messaging.ValidateContact': `Id=${number}` };
  }
}
