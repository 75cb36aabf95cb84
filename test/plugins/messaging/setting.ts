import { parse } from 'yaml';
import { loadConfig, prepare, Server } from '#server';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';
import { LogLines } from '../../support/log-lines.js';
import { outcome, RawClient, request } from '../../support/raw-client.js';
import { startWhatsAppApi, type WhatsAppApi, type WhatsAppApiOptions } from './whatsapp-api.js';

export const INDIA = '+919876543210';
export const NUMBERS = ['+16315551002', '+15162837151', '+5491156121008'];

/** The keys that belong to `api`; the others of `more` belong to `contacts`. */
const API_KEYS = ['ca', 'timeoutMs', 'calls', 'breaker', 'apiKey', 'header'];

/** A channel at `url` with the driver and its credentials, and with `more` keys of `api` and `contacts`. */
function channel(driver: string, url: string, credentials: object, more: string): string {
  const given = Object.entries(parse(`{ ${more.replace(/^, /, '')} }`) as object);
  const api = given.filter(([key]) => API_KEYS.includes(key));
  const contacts = given.filter(([key]) => !API_KEYS.includes(key));
  return `{ type: whatsapp, phoneNumber: "${INDIA}", api: ${JSON.stringify({ driver, url, ...credentials, ...Object.fromEntries(api) })}, contacts: ${JSON.stringify({ from: 'contacts-endpoint', ...Object.fromEntries(contacts) })} }`;
}

/** `channels:` of a config: one On-Premises channel at `url`, with more keys of `api` and `contacts`. */
export const onPremises = (url: string, more = ''): string =>
  channel('on-premises', url, { username: 'admin', password: 'hush' }, more);

/** The same of a gateway. */
export const gateway = (url: string, apiKey: string, more = ''): string => channel('gateway', url, { apiKey }, more);

/** A channel without an API. */
export const NUMBER_PLAN = `{ type: whatsapp, phoneNumber: "${INDIA}", api: { driver: none }, contacts: { from: number-plan } }`;

/** The former form of an On-Premises channel, with more keys of `contacts`. */
export const formerly = (url: string, more = ''): string =>
  `{ type: whatsapp, phoneNumber: "${INDIA}", contacts: { driver: on-premises, url: "${url}", username: admin, password: hush${more} } }`;

const NAMESPACE = '6f1c2a4e_8b7d';

/** The default template of `inviting`; the API of `Setting` knows it. */
export const WELCOME = {
  namespace: NAMESPACE,
  name: 'chat_invitation',
  language: 'en_US',
  body: 'Our {{1}} writes to you.',
};

/** The same with templates for ChatService.InviteToChat: `welcome`, the default, and `bye`, which the API does not know. */
export const inviting = (url: string, more = ''): string =>
  onPremises(url, more).replace(/ }$/, `, invitations: ${INVITATIONS} }`);

export const INVITATIONS = `{ default: welcome, templates: {
    welcome: { namespace: ${NAMESPACE}, name: chat_invitation, language: { code: en_US }, parameters: [support team] },
    bye: { namespace: ${NAMESPACE}, name: chat_farewell, language: { code: en_US } } } }`;

/** More members of `contacts` with which each lookup is a call of its own. */
export const EACH_ALONE = ', cache: { size: 0 }, batch: { size: 1 }, calls: { atOnce: 1000 }';

/** So many different numbers that can exist. */
export const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `+4930${String(1_000_000 + index)}`);

/** The value of one metric of a host: `esp_contacts_cache_total{channel="whatsapp",result="hit"}`. */
export async function metric(host: Server, name: string): Promise<number | undefined> {
  const line = (await host.metrics.text()).split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length));
}

/** A host with plugins/messaging, the API that it asks, and a client; `end` closes them all. */
export class Setting {
  readonly log = new LogLines('debug');
  readonly #ends: (() => unknown)[] = [];

  async api(options: Partial<WhatsAppApiOptions> = {}): Promise<WhatsAppApi> {
    const api = await startWhatsAppApi({
      registeredNumber: INDIA,
      numbers: NUMBERS,
      templates: [WELCOME],
      password: 'hush',
      ...options,
    });
    this.#ends.push(() => api.close());
    return api;
  }

  /** Closes an API, and starts another one in its place when `meanwhile` is over. */
  async restart(
    api: WhatsAppApi,
    options: Partial<WhatsAppApiOptions>,
    meanwhile: () => Promise<void>,
  ): Promise<WhatsAppApi> {
    const port = Number(new URL(api.url).port);
    await api.close();
    await meanwhile();
    return this.api({ ...options, port });
  }

  /** A host whose channels are written as in config.yaml, a line a channel; `options` are the plugin's. */
  async host(channels: Record<string, string>, limits = '{}', options = '{}'): Promise<Server> {
    const lines = Object.entries(channels).map(([name, channel]) => `  ${name}: ${channel}\n`);
    const text = [
      'application: { name: DMS }\n',
      lines.length === 0 ? '' : `channels:\n${lines.join('')}`,
      `plugins: [{ use: ${ROOT}plugins/messaging, options: ${options} }]\n`,
      `limits: ${limits}\n`,
      'listeners: { esp: { port: 0 }, metrics: { port: 0 } }\n',
    ].join('');
    return this.serve(text);
  }

  /** A host with this config.yaml. */
  async serve(text: string): Promise<Server> {
    const prepared = await prepare(loadConfig(file('config.yaml', text, folder())), { typescript: true });
    const server = await Server.start({ prepared, logger: this.log.logger });
    this.#ends.push(() => server.stop());
    return server;
  }

  async client(server: Server): Promise<RawClient> {
    const client = await RawClient.open(server.address.port);
    this.#ends.push(() => client.socket.destroy());
    return client;
  }

  /** What a host with one channel answers to a question about each number, asked at once, in their order. */
  async ask(channel: string, ...ids: string[]): Promise<string[]> {
    return answers(await this.client(await this.host({ whatsapp: channel })), ...ids);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
    removeFolders();
  }
}

/** The answers to a question about each number, asked at once, in the order of the questions. */
export async function answers(client: RawClient, ...ids: string[]): Promise<string[]> {
  const before = client.received.length;
  client.send(...ids.map((id, index) => request(index, 'Messaging', 'ValidateContact', { Id: id })));
  const all = (await client.messages(before + ids.length)).slice(before);
  return ids.map((_, index) => {
    const reply = all.find(({ referenceId }) => referenceId === index);
    return reply === undefined ? 'none' : outcome(reply);
  });
}

export const found = (number: string): string => JSON.stringify({ Id: number });
