import { join } from 'node:path';
import type { Platform, PlatformOptions, Upstream } from 'esp-host/mock';
import type { WhatsAppMock } from '../../../../plugins/messaging/mock/index.js';
import { PlatformSetting } from '../../../mock-platform/platform-setting.js';
import { ROOT } from '../../../support/files.js';
import { freePort } from '../../../support/free-port.js';
import { ask, seriesValue } from '../../../support/http.js';
import { outcome, type RawClient, request } from '../../../support/raw-client.js';

export const INDIA = '+919876543210';
export const CUSTOMER = '+16315551002';
/** A number that is not on WhatsApp. */
export const NOBODY = '+16315559999';
export const APP_SECRET = 'hunter2-app';

export interface CloudOptions {
  /** The secret that the channel has. */
  readonly secret?: string;
  /** More settings of `cloud` in platform.yaml. */
  readonly cloud?: object;
  /** More settings of the mock. */
  readonly settings?: object;
  /** How the channel decides contacts. @default number-plan */
  readonly contacts?: object;
  /** Whether the host listens for webhooks. @default true */
  readonly listens?: boolean;
  /** `listeners.webhooks.tls`. */
  readonly tls?: object;
  readonly ports?: PlatformOptions['ports'];
}

const WELCOME = {
  namespace: 'n',
  name: 'chat_invitation',
  language: 'en_US',
  body: 'Our {{1}} writes to you.',
  components: [
    { type: 'HEADER', format: 'TEXT', text: 'Hello {{1}}' },
    {
      type: 'BUTTONS',
      buttons: [
        { type: 'URL', text: 'Open the chat', url: 'https://chat.example/{{1}}' },
        { type: 'QUICK_REPLY', text: 'Later' },
      ],
    },
  ],
};

function configOf(
  { secret = APP_SECRET, contacts = { from: 'number-plan' }, listens = true, tls }: CloudOptions,
  metrics: number,
): string {
  const whatsapp = {
    type: 'whatsapp',
    phoneNumber: INDIA,
    api: {
      ...{
        driver: 'cloud',
        url: '${WHATSAPP_URL}',
        phoneNumberId: '1064',
        businessAccountId: '1029',
        token: 'hunter2',
      },
      ...{ appSecret: secret, limits: { messagesPerSecond: 1000 } },
    },
    contacts,
    invitations: {
      default: 'welcome',
      templates: {
        welcome: {
          ...{ name: WELCOME.name, language: { code: 'en_US' }, header: { text: 'Ann' }, parameters: ['support team'] },
          buttons: [
            { index: 0, urlSuffix: 'ann' },
            { index: 1, payload: 'later' },
          ],
        },
      },
    },
  };
  const listeners = {
    esp: { port: 0 },
    metrics: { port: metrics },
    ...(listens ? { webhooks: { port: 0, tls } } : {}),
  };
  return JSON.stringify({
    application: { name: 'DMS' },
    channels: { whatsapp },
    plugins: [{ use: join(ROOT, 'plugins/messaging') }],
    listeners,
    state: { file: 'state.db' },
  });
}

const worldOf = ({ cloud = {}, settings = {} }: CloudOptions): string =>
  JSON.stringify({
    interactionServer: { port: 0 },
    applications: [{ name: 'DMS', type: 171, address: 'host' }],
    console: { port: 0 },
    upstreams: {
      whatsapp: {
        plugin: join(ROOT, 'plugins/messaging'),
        settings: {
          ...{ registeredNumber: INDIA, numbers: [CUSTOMER, '+15162837151'], templates: [WELCOME] },
          cloud: {
            ...{ phoneNumberId: '1064', businessAccountId: '1029', token: 'hunter2', messagesPerSecond: 1000 },
            webhooks: { appSecret: APP_SECRET },
            ...cloud,
          },
          ...settings,
        },
      },
    },
  });

/** A platform whose host sends with Cloud API and gets its webhooks, on free ports. */
export class CloudPlatform {
  readonly #setting = new PlatformSetting();
  #metricsPort = 0;
  #client: RawClient | undefined;
  platform!: Platform;

  async start(options: CloudOptions = {}): Promise<this> {
    this.#metricsPort = await freePort();
    const ports = { webhooks: 0, ...options.ports };
    this.platform = await this.#setting.platform(configOf(options, this.#metricsPort), worldOf(options), {
      ports: { ...ports, metrics: this.#metricsPort },
      stateInMemory: true,
    });
    this.#client = await this.#setting.client(this.platform.interactionServer);
    return this;
  }

  get log() {
    return this.#setting.log;
  }

  get upstream(): Upstream<WhatsAppMock> {
    return this.platform.upstream<WhatsAppMock>('whatsapp');
  }

  get whatsapp(): WhatsAppMock {
    return this.upstream.mock;
  }

  /** Invites a customer through Interaction Server. @returns the id of the message, or the fault */
  async invite(customer = CUSTOMER): Promise<string> {
    const parameters = { _umsClientId: customer, _umsBusinessId: INDIA };
    const message = request(1, 'ChatService', 'InviteToChat', parameters, { AppName: 'DMS' });
    if (this.#client === undefined) throw new Error('start first');
    const answer = outcome(await this.#client.ask(message));
    return /"MessageId":"(.+)"/.exec(answer)?.[1] ?? answer;
  }

  /** What ValidateContact answers through Interaction Server. */
  async validate(customer = CUSTOMER): Promise<string> {
    const message = request(2, 'Messaging', 'ValidateContact', { Id: customer }, { AppName: 'DMS' });
    if (this.#client === undefined) throw new Error('start first');
    return outcome(await this.#client.ask(message));
  }

  /** Resolves when the host has handled this webhook. */
  until(event: string, about: Readonly<Record<string, string>> = {}) {
    return this.upstream.webhooks.until({ about: { event, ...about } });
  }

  /** The events of posted webhooks, in order. */
  get posted(): string[] {
    return this.upstream.webhooks.list().map(({ about }) => about.event ?? '');
  }

  /** What the host counted. */
  async counted(event: string): Promise<number | undefined> {
    const { body } = await ask(this.#metricsPort, '/metrics');
    return seriesValue(body, `esp_whatsapp_events_total{channel="whatsapp",event="${event}"}`);
  }

  end(): Promise<void> {
    return this.#setting.end();
  }
}
