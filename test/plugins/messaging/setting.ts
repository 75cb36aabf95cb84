import { startWhatsAppApi, type WhatsAppApi, type WhatsAppApiOptions } from 'esp-host/mock';
import { loadConfig, prepare, Server } from 'esp-host/server';
import { file, ROOT, removeFolders } from '../../support/files.js';
import { LogLines } from '../../support/log-lines.js';
import { outcome, RawClient, request } from '../../support/raw-client.js';

export const INDIA = '+919876543210';
export const NUMBERS = ['+16315551002', '+15162837151', '+5491156121008'];

/** `channels:` of a config: one On-Premises channel at `url`, with more members of `contacts`. */
export const onPremises = (url: string, more = ''): string =>
  `{ type: whatsapp, phoneNumber: "${INDIA}", contacts: { driver: on-premises, url: "${url}", username: admin, password: hush${more} } }`;

/** A host with plugins/messaging, the API that it asks, and a client; `end` closes them all. */
export class Setting {
  readonly log = new LogLines('debug');
  readonly #ends: (() => unknown)[] = [];

  async api(options: Partial<WhatsAppApiOptions> = {}): Promise<WhatsAppApi> {
    const api = await startWhatsAppApi({ registeredNumber: INDIA, numbers: NUMBERS, password: 'hush', ...options });
    this.#ends.push(() => api.close());
    return api;
  }

  /** A host whose channels are written as in config.yaml, a line a channel. */
  async host(channels: Record<string, string>, limits = '{}'): Promise<Server> {
    const lines = Object.entries(channels).map(([name, channel]) => `  ${name}: ${channel}\n`);
    const text = [
      'application: { name: DMS }\n',
      lines.length === 0 ? '' : `channels:\n${lines.join('')}`,
      `plugins: [{ use: ${ROOT}plugins/messaging }]\n`,
      `limits: ${limits}\n`,
      'listeners: { esp: { port: 0 } }\n',
    ].join('');
    const prepared = await prepare(loadConfig(file('config.yaml', text)), { typescript: true });
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
